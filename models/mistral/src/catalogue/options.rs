//! Where a catalogue keeps its files and how it gets them.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

const HUB: &str = "https://huggingface.co";

/// Settings of a [`Catalogue`](super::Catalogue).
///
/// ```
/// use cicerone_mistral::catalogue::{Catalogue, CatalogueOptions};
///
/// let catalogue = Catalogue::new(CatalogueOptions::from_env().offline(true));
/// assert!(catalogue.find("default").is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct CatalogueOptions {
    pub(super) cache: Option<PathBuf>,
    pub(super) offline: bool,
    pub(super) force: bool,
    pub(super) hub_endpoint: String,
    pub(super) hub_offline: bool,
    pub(super) connect_timeout: Duration,
    pub(super) retries: u32,
    /// Ways to start pip, of which the first that starts is used.
    pub(super) pip: Vec<Vec<OsString>>,
}

impl CatalogueOptions {
    /// Models lie in the sub-folder `models` of `cache`. The environment isn't looked at.
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self::with(Some(cache.into()), |_| None)
    }

    /// What the environment says: `CICERONE_CACHE`, or else the platform's cache folder, and the hub's own variables
    /// `HF_ENDPOINT` and `HF_HUB_OFFLINE`. Proxies (`HTTPS_PROXY` and its kin) are honoured too.
    pub fn from_env() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self::with(cache_folder(variable, std::env::home_dir()), variable)
    }

    fn with(cache: Option<PathBuf>, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
        let pip = |python: &str| [python, "-m", "pip"].map(OsString::from).to_vec();
        Self {
            cache,
            offline: false,
            force: false,
            hub_endpoint: text("HF_ENDPOINT").unwrap_or_else(|| HUB.to_owned()),
            hub_offline: text("HF_HUB_OFFLINE").is_some_and(|value| is_yes(&value)),
            connect_timeout: Duration::from_secs(5),
            retries: 3,
            pip: vec![pip("python3"), pip("python")],
        }
    }

    /// Uses only what is on this machine.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// Downloads even what is in the cache, from the first byte. The old file stays until the new one is verified.
    #[must_use]
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// Asks a mirror of the Hugging Face hub.
    #[must_use]
    pub fn hub_endpoint(mut self, url: impl Into<String>) -> Self {
        self.hub_endpoint = url.into();
        self
    }

    /// Gives the hub up when no connection comes about in this time. The default is five seconds.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Takes a download that breaks off up again this many times. The default is three.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Starts pip with this command and its first arguments, instead of `python3 -m pip`. No shell is involved.
    #[must_use]
    pub fn pip<S: Into<OsString>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
        self.pip = vec![command.into_iter().map(Into::into).collect()];
        self
    }
}

fn cache_folder(variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    if let Some(folder) = variable("CICERONE_CACHE") {
        return Some(folder.into());
    }
    let platform = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_CACHE_HOME" };
    // A relative folder there is an error by that variable's own rules, and to be ignored.
    let given = variable(platform).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder =
        given.or_else(|| home.filter(|home| home.as_os_str() != OsStr::new("")).map(|home| home.join(".cache")));
    folder.map(|folder| folder.join("cicerone"))
}

fn is_yes(value: &str) -> bool {
    ["1", "on", "yes", "true"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(variables: &[(&str, &str)]) -> Option<PathBuf> {
        let variables: Vec<(String, OsString)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
        let variable = |name: &str| variables.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        cache_folder(variable, Some(PathBuf::from("/home/ada")))
    }

    #[test]
    #[cfg(unix)]
    fn the_cache_folder_is_the_first_that_is_named() {
        let own = ("CICERONE_CACHE", "elsewhere");
        let platform = ("XDG_CACHE_HOME", "/var/tmp/cache");
        assert_eq!(folder(&[own, platform]), Some(PathBuf::from("elsewhere")));
        assert_eq!(folder(&[platform]), Some(PathBuf::from("/var/tmp/cache/cicerone")));
        assert_eq!(folder(&[("XDG_CACHE_HOME", "relative")]), Some(PathBuf::from("/home/ada/.cache/cicerone")));
        assert_eq!(folder(&[]), Some(PathBuf::from("/home/ada/.cache/cicerone")));
    }

    #[test]
    fn the_hub_is_configured_by_its_own_variables() {
        let options = CatalogueOptions::with(None, |name| match name {
            "HF_ENDPOINT" => Some("https://mirror.example".into()),
            "HF_HUB_OFFLINE" => Some("True".into()),
            _ => None,
        });
        assert_eq!(options.hub_endpoint, "https://mirror.example");
        assert!(options.hub_offline);
        assert!(!is_yes("0"));
    }
}
