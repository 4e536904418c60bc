//! Opening a file of journals without changing it.

use std::{fs, io, path::Path};

use cicerone::memory::Sqlite;

use crate::{args::Db, failure::Failure};

const HOW_TO_NAME: &str = "name the file with --db or CICERONE_DB";

/// Opens the store, which has to be there: a look at a store must not make one.
pub(crate) fn open(db: &Db) -> Result<Sqlite, Failure> {
    let place = db.path.display();
    match fs::metadata(&db.path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let hint = nearby(&db.path).unwrap_or_else(|| HOW_TO_NAME.to_owned());
            Err(format!("there is no file `{place}`; {hint}").into())
        }
        Err(error) => Err(format!("can't open `{place}`: {error}; {HOW_TO_NAME}").into()),
        // To SQLite an empty file is a database without tables, which `Sqlite::open` would make a store.
        Ok(metadata) if metadata.is_file() && metadata.len() == 0 => {
            Err(format!("`{place}` is empty: no agent has kept a journal in it; {HOW_TO_NAME}").into())
        }
        Ok(_) => Ok(Sqlite::open(&db.path)?),
    }
}

/// The other databases in the folder where there is none at `path`, as a hint.
fn nearby(path: &Path) -> Option<String> {
    let folder = path.parent()?;
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let files = fs::read_dir(listed).ok()?.filter_map(Result::ok).map(|file| folder.join(file.file_name()));
    let mut found: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "db")).collect();
    found.sort();
    let found = found.iter().take(3).map(|file| format!("`--db {}`", file.display())).collect::<Vec<_>>();
    (!found.is_empty()).then(|| format!("did you mean {}?", found.join(" or ")))
}
