//! Both memories pass the suite that is there for everyone's.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cicerone_memory::{InProcess, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_process() -> Result<(), conformance::Failure> {
    conformance::run(async || Ok(InProcess::default())).await?;
    conformance::run_recall(async || Ok(InProcess::default())).await?;
    let store = InProcess::default();
    conformance::run_shared(async || Ok(store.clone())).await
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use cicerone_memory::{Sqlite, conformance};

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn in_memory() -> Result<(), conformance::Failure> {
        conformance::run(async || Sqlite::in_memory()).await?;
        conformance::run_recall(async || Sqlite::in_memory()).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn one_file_for_all_cases() -> Result<(), conformance::Failure> {
        let folder = tempfile::tempdir().unwrap();
        conformance::run(async || Sqlite::open(folder.path().join("runs.db"))).await?;
        conformance::run_recall(async || Sqlite::open(folder.path().join("runs.db"))).await
    }

    #[tokio::test]
    async fn on_one_thread() -> Result<(), conformance::Failure> {
        conformance::run(async || Sqlite::in_memory()).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn two_connections() -> Result<(), conformance::Failure> {
        let folder = tempfile::tempdir().unwrap();
        conformance::run_shared(async || Sqlite::open(folder.path().join("runs.db"))).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn clones() -> Result<(), conformance::Failure> {
        let store = Sqlite::in_memory().unwrap();
        conformance::run_shared(async || Ok(store.clone())).await
    }
}
