//! Where a server is, as one line that may be shown to anybody.

use std::str::FromStr;

use cicerone_core::memory::{MemoryError, MemoryErrorKind};
use sqlx::postgres::PgConnectOptions;

/// A parsed URL, and what of it may be printed.
pub(super) struct Address {
    pub(super) options: PgConnectOptions,
    /// Without the user and the password.
    pub(super) place: String,
}

impl Address {
    // What can't be parsed isn't printed either: nobody knows which part of it is the password.
    pub(super) fn parse(url: &str) -> Result<Self, MemoryError> {
        let refuse = |why: &str| {
            let message = format!(
                "the address of the PostgreSQL server can't be read: {why}; one looks like \
                 postgres://user:password@host:5432/database"
            );
            MemoryError::new(MemoryErrorKind::Unavailable, message)
        };
        let Some(("postgres" | "postgresql", rest)) = url.split_once("://") else {
            return Err(refuse("it doesn't begin with `postgres://`"));
        };
        // Then what seems to be a host is a user, and the database's name the rest of a password.
        let path = rest.find(['/', '?', '#']).and_then(|end| rest.get(end..)).unwrap_or_default();
        if path.contains('@') {
            return Err(refuse(
                "an `@` follows the host (in a password write %2F for `/`, %3F for `?` and %23 for `#`)",
            ));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| {
            let error = match error {
                sqlx::Error::Configuration(why) => why,
                other => other.into(),
            };
            refuse(&error.to_string()).with_source(error)
        })?;
        let place = place(&options);
        let options = options.application_name("cicerone");
        Ok(Self { options, place })
    }
}

fn place(options: &PgConnectOptions) -> String {
    // What the server takes if none is given.
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    match options.get_socket() {
        Some(folder) => format!("postgres:///{database}?host={}", folder.display()),
        None => format!("postgres://{}:{}/{database}", options.get_host(), options.get_port()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_names_the_server_and_no_secret() {
        for (url, place) in [
            ("postgres://ada:hunter2@db.example:5433/trips", "postgres://db.example:5433/trips"),
            ("postgresql://ada:hunter2@db.example/trips?sslmode=require", "postgres://db.example:5432/trips"),
            ("postgres://db.example/trips?user=ada&password=hunter2", "postgres://db.example:5432/trips"),
            ("postgres://ada:hunter2@db.example:5432", "postgres://db.example:5432/ada"),
            ("postgres://ada:hunter2@%2Frun%2Fpostgresql/trips", "postgres:///trips?host=/run/postgresql"),
            ("postgres://ada:hunter%2F2%402@db.example:5432/trips", "postgres://db.example:5432/trips"),
        ] {
            assert_eq!(Address::parse(url).map(|address| address.place).unwrap(), place);
        }
    }

    #[test]
    fn an_address_that_is_none_is_not_repeated() {
        let mut said = String::new();
        for url in [
            "mysql://ada:hunter2@db.example/trips",
            "postgres://ada:hunt/er2@db.example/trips",
            "postgres://ada:12/hunter2@db.example/trips",
            "postgres://ada:12?hunter2@db.example/trips",
            "postgres://ada:hunter2@db.example:port/trips",
            "postgres://ada:hunter2@db.example/trips?sslmode=hunter",
            "postgres://ada:hunter2@",
        ] {
            let error = Address::parse(url).err().unwrap();
            assert_eq!(error.kind(), MemoryErrorKind::Unavailable);
            let why = error.to_string();
            let why = why.split_once("can't be read: ").unwrap().1.split_once("; one looks").unwrap().0.to_owned();
            said += &format!("{why}\n");
        }
        assert!(!said.contains("er2"), "{said}");
        insta::assert_snapshot!(said, @r#"
        it doesn't begin with `postgres://`
        an `@` follows the host (in a password write %2F for `/`, %3F for `?` and %23 for `#`)
        an `@` follows the host (in a password write %2F for `/`, %3F for `?` and %23 for `#`)
        an `@` follows the host (in a password write %2F for `/`, %3F for `?` and %23 for `#`)
        invalid port number
        error with configuration: unknown value "hunter" for `ssl_mode`
        empty host
        "#);
    }
}
