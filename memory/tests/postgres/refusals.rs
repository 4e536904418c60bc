//! What can't be a store is refused with a sentence, and left as it is.

use cicerone_memory::Postgres;
use insta::assert_snapshot;

use crate::server::{sql, url, with_database, with_database_like};

/// The sentence of a refusal, with what changes from run to run replaced.
async fn refusal(url: &str) -> String {
    let error = Postgres::connect(url).await.unwrap_err();
    let (host, database) = url.split_once('@').unwrap().1.split_once('/').unwrap();
    let sentence = format!("{:?}: {error}", error.kind()).replace(host, "HOST").replace(database, "DATABASE");
    let mut whole = format!("{error:?} {error}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        whole += &format!(" {cause:?} {cause}");
        source = cause.source();
    }
    let password = url.split_once("://").unwrap().1.split_once('@').unwrap().0.split_once(':').unwrap().1;
    assert!(!whole.contains(password), "{whole}");
    sentence
}

#[tokio::test]
async fn who_may_not_in_is_told_why() {
    with_database(async |url| {
        let (user, rest) = url.split_once('@').unwrap();
        assert_snapshot!(refusal(&format!("{user}wrong@{rest}")).await, @"Unavailable: can't open `postgres://HOST/DATABASE`: the server refuses the user or the password; check both in the address");
        assert_snapshot!(refusal(&format!("{user}@{}/no_such_database", rest.split_once('/').unwrap().0)).await, @"Unavailable: can't open `postgres://HOST/DATABASE`: the server has no such database; create it, or give another");
    })
    .await;
}

#[tokio::test]
async fn databases_that_can_be_no_stores_are_refused() {
    with_database_like("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0", async |url| {
        assert_snapshot!(refusal(url).await, @"Unavailable: can't open `postgres://HOST/DATABASE`: the database's encoding is LATIN1, which can't hold every text; create one with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0` and give that");
    })
    .await;
    with_database(async |url| {
        sql(url, "CREATE SCHEMA cicerone; CREATE TABLE cicerone.runs (name text)").await;
        assert_snapshot!(refusal(url).await, @"Unavailable: can't open `postgres://HOST/DATABASE`: its schema `cicerone` is another program's; give another database");
    })
    .await;
    with_database(async |url| {
        let database = url.rsplit_once('/').unwrap().1;
        sql(url, &format!("ALTER DATABASE {database} SET default_transaction_read_only = on")).await;
        assert_snapshot!(refusal(url).await, @"Unavailable: can't open `postgres://HOST/DATABASE`: it is read-only, and a journal must be written; give the address of the primary server, or check `default_transaction_read_only`");
    })
    .await;
}

#[tokio::test]
async fn stores_of_other_versions_are_told_apart() {
    with_database(async |url| {
        Postgres::connect(url).await.unwrap();
        sql(url, "UPDATE cicerone.version SET version = 1000").await;
        assert_snapshot!(refusal(url).await, @"Version: can't open `postgres://HOST/DATABASE`: it was written by a newer version of Cicerone (its tables are of version 1000, this one reads 1); update, or give another database");
        sql(url, "UPDATE cicerone.version SET version = -1").await;
        assert_snapshot!(refusal(url).await, @"Corrupt: can't open `postgres://HOST/DATABASE`: its tables are of version -1, which never existed; restore it from a copy");
    })
    .await;
}

#[tokio::test]
async fn a_user_without_rights_is_told_which() {
    with_database(async |url| {
        let user = format!("reader_of_{}", url.rsplit_once('/').unwrap().1);
        sql(url, &format!("CREATE ROLE {user} LOGIN PASSWORD 'kept-from-everybody'")).await;
        let theirs = format!("postgres://{user}:kept-from-everybody@{}", url.split_once('@').unwrap().1);
        assert_snapshot!(refusal(&theirs).await, @"Unavailable: can't open `postgres://HOST/DATABASE`: the user may not do that; as the database's owner: GRANT CREATE ON DATABASE … TO the user who opens it first, GRANT ALL ON SCHEMA cicerone and its tables to the others");
        Postgres::connect(url).await.unwrap();
        assert_snapshot!(refusal(&theirs).await, @"Unavailable: can't open `postgres://HOST/DATABASE`: the user may not do that; as the database's owner: GRANT CREATE ON DATABASE … TO the user who opens it first, GRANT ALL ON SCHEMA cicerone and its tables to the others");
        sql(url, &format!("DROP ROLE {user}")).await;
    })
    .await;
}

#[tokio::test]
async fn many_open_a_new_database_at_once() {
    with_database(async |url| {
        let opened = futures(8, || Postgres::connect(url)).await;
        assert!(opened.iter().all(Result::is_ok), "{opened:?}");
        let shown = format!("{:?}", opened[0]);
        let password = url.split_once("://cicerone:").unwrap().1.split_once('@').unwrap().0;
        assert!(shown.contains("127.0.0.1") && !shown.contains(password), "{shown}");
    })
    .await;
}

#[tokio::test]
async fn the_server_of_the_tests_tells_case_apart_beyond_ascii() {
    // Or what is said of searching would be tested with half an alphabet.
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&url()).await.unwrap();
    let lowered: String = sqlx::query_scalar("SELECT lower('ZÜRICH')").fetch_one(&mut connection).await.unwrap();
    assert_eq!(lowered, "zürich");
}

async fn futures<F: Future>(count: usize, make: impl Fn() -> F) -> Vec<F::Output> {
    let mut begun: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
    let mut done = Vec::new();
    // Each is polled before any is awaited.
    std::future::poll_fn(|cx| {
        begun.retain_mut(|future| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if begun.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}
