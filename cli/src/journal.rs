//! Opening a store of journals; a file only if it is there.

use std::{fs, io, path::Path};

use cicerone::memory::{self, AnyMemory};

use crate::{args::Db, failure::Failure};

const HOW_TO_NAME: &str = "name the file with --db or CICERONE_DB";

/// Opens the store, which has to be there: a look at a store must not make one.
pub(crate) async fn open(db: &Db) -> Result<AnyMemory, Failure> {
    let Some(path) = db.file() else { return open_or_create(db).await };
    let place = path.display();
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let hint = nearby(path).unwrap_or_else(|| HOW_TO_NAME.to_owned());
            Err(format!("there is no file `{place}`; {hint}").into())
        }
        Err(error) => Err(format!("can't open `{place}`: {error}; {HOW_TO_NAME}").into()),
        // To SQLite an empty file is a database without tables, which opening it would make a store.
        Ok(metadata) if metadata.is_file() && metadata.len() == 0 => {
            Err(format!("`{place}` is empty: no agent has kept a journal in it; {HOW_TO_NAME}").into())
        }
        Ok(_) => open_or_create(db).await,
    }
}

/// Opens the store, or makes it.
pub(crate) async fn open_or_create(db: &Db) -> Result<AnyMemory, Failure> {
    Ok(memory::open(db.name()).await?)
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
