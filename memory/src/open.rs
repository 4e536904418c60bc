//! A store by its name.

use cicerone_core::memory::{AnyMemory, MemoryError, MemoryErrorKind};

/// Opens the store of this name: the address of a PostgreSQL database, such as `postgres://ada@db.example/trips`, or
/// else the path of an SQLite file.
///
/// # Errors
/// Those of `Postgres::connect` and `Sqlite::open`; and if the name is an address of something else, or of a store
/// that this program was built without. Passwords in an address are not repeated.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let error = cicerone_memory::open("mysql://ada:secret@db.example/trips").await.unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "journals can't be kept at an address that begins with `mysql:`; give the path of an SQLite file, or \
///      postgres://user:password@host:5432/database",
/// );
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn open(name: &str) -> Result<AnyMemory, MemoryError> {
    match scheme(name) {
        Some("postgres" | "postgresql") => postgres(name).await,
        Some(other) => Err(MemoryError::new(
            MemoryErrorKind::Unavailable,
            format!(
                "journals can't be kept at an address that begins with `{other}:`; give the path of an SQLite file, or \
                 postgres://user:password@host:5432/database"
            ),
        )),
        None => sqlite(name),
    }
}

/// What a name begins with, if it is an address.
fn scheme(name: &str) -> Option<&str> {
    let (scheme, rest) = name.split_once(':')?;
    // A slip of the pen must not become a file that is named after the password.
    let is_meant = matches!(scheme, "postgres" | "postgresql") || rest.starts_with("//");
    let is_one = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    (is_meant && is_one).then_some(scheme)
}

#[cfg(feature = "postgres")]
async fn postgres(url: &str) -> Result<AnyMemory, MemoryError> {
    crate::Postgres::connect(url).await.map(AnyMemory::new)
}

#[cfg(not(feature = "postgres"))]
async fn postgres(_: &str) -> Result<AnyMemory, MemoryError> {
    Err(built_without("PostgreSQL", "postgres"))
}

#[cfg(feature = "sqlite")]
fn sqlite(path: &str) -> Result<AnyMemory, MemoryError> {
    if path.is_empty() {
        let message = "no store is named; give the path of an SQLite file, such as `runs.db`";
        return Err(MemoryError::new(MemoryErrorKind::Unavailable, message));
    }
    crate::Sqlite::open(path).map(AnyMemory::new)
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<AnyMemory, MemoryError> {
    Err(built_without("SQLite", "sqlite"))
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
fn built_without(store: &str, feature: &str) -> MemoryError {
    let message = format!("this program was built without {store}; build it with the feature `{feature}` of cicerone");
    MemoryError::new(MemoryErrorKind::Unavailable, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths() {
        for (name, expected) in [
            ("runs.db", None),
            ("/var/lib/trips/runs.db", None),
            ("C:\\trips\\runs.db", None),
            ("trips?mode=ro#1:a.db", None),
            ("file:runs.db", None),
            ("postgres://ada@db.example/trips", Some("postgres")),
            ("postgresql://ada@db.example/trips", Some("postgresql")),
            ("postgres:ada:hunter2@db.example/trips", Some("postgres")),
            ("mysql://db.example", Some("mysql")),
        ] {
            assert_eq!(scheme(name), expected, "{name}");
        }
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn a_path_is_a_file() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("runs.db");
        open(&path.display().to_string()).await?;
        assert!(path.is_file());
        let Err(error) = open("").await else { return Err("a store without a name".into()) };
        assert!(error.to_string().contains("no store is named"), "{error}");
        Ok(())
    }
}
