//! Reads a GGUF header. Every length that the file claims is checked before it is believed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::{GgmlType, GgufError};

const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// More than any real model has; a damaged count stops here and not after hours.
const MAX_TENSORS: u64 = 1 << 20;
const MAX_ENTRIES: u64 = 1 << 16;
const MAX_STRINGS: u64 = 1 << 24;
const MAX_TEXT: u64 = 1 << 16;
const MAX_NAME: u64 = 1 << 10;
const MAX_DIMS: u32 = 8;
const MAX_NESTING: u32 = 4;
const DEFAULT_ALIGNMENT: u64 = 32;

/// The part of the header that anyone here asks about.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) architecture: Option<String>,
    pub(super) name: Option<String>,
    pub(super) has_chat_template: bool,
    pub(super) tensors: Vec<TensorInfo>,
    /// Where the header ends, and where the tensors' data begin: there, rounded up to the file's alignment.
    pub(super) end: u64,
    pub(super) data_start: u64,
    integers: BTreeMap<String, u64>,
}

#[derive(Clone, Debug)]
pub(super) struct TensorInfo {
    pub(super) name: String,
    pub(super) dims: Vec<u64>,
    pub(super) weights: u64,
    pub(super) kind: GgmlType,
    pub(super) offset: u64,
}

impl Header {
    pub(super) fn integer(&self, key: &str) -> Option<u64> {
        self.integers.get(key).copied()
    }
}

fn is_asked_for(key: &str) -> bool {
    matches!(key, "general.alignment" | "tokenizer.ggml.eos_token_id") || key.ends_with(".context_length")
}

/// A value of the metadata, as far as it is kept.
enum Value {
    Integer(u64),
    Text(String),
    Other,
}

pub(super) struct Reader {
    path: PathBuf,
    input: BufReader<File>,
    position: u64,
    length: u64,
}

impl Reader {
    pub(super) fn new(path: &Path, file: File, length: u64) -> Result<Self, GgufError> {
        if length == 0 {
            return Err(GgufError::empty(path));
        }
        Ok(Self { path: path.to_owned(), input: BufReader::with_capacity(1 << 16, file), position: 0, length })
    }

    pub(super) fn header(mut self) -> Result<Header, GgufError> {
        self.magic()?;
        let mut header = Header { version: self.u32("the version")?, ..Header::default() };
        if !matches!(header.version, 2 | 3) {
            return Err(GgufError::version(&self.path, header.version));
        }
        let tensors = self.count("tensors", MAX_TENSORS)?;
        let entries = self.count("metadata entries", MAX_ENTRIES)?;
        for _ in 0..entries {
            self.entry(&mut header)?;
        }
        for _ in 0..tensors {
            header.tensors.push(self.tensor()?);
        }
        header.end = self.position;
        header.data_start = self.aligned(header.integer("general.alignment"))?;
        Ok(header)
    }

    fn magic(&mut self) -> Result<(), GgufError> {
        let mut start = Vec::new();
        let peeked = (&mut self.input).take(64.min(self.length)).read_to_end(&mut start);
        peeked.map_err(|error| GgufError::reading(&self.path, error))?;
        if !start.starts_with(b"GGUF") {
            return Err(GgufError::not_gguf(&self.path, &start));
        }
        let back = i64::try_from(start.len()).map_or(0, |peeked| 4 - peeked);
        self.input.seek_relative(back).map_err(|error| GgufError::reading(&self.path, error))?;
        self.position = 4;
        Ok(())
    }

    fn entry(&mut self, header: &mut Header) -> Result<(), GgufError> {
        let key = self.text("a metadata key", MAX_NAME)?;
        let kind = self.u32("a metadata type")?;
        match (key.as_str(), self.value(&key, kind)?) {
            ("general.architecture", Value::Text(text)) => header.architecture = Some(text),
            ("general.name", Value::Text(text)) => header.name = Some(text),
            ("tokenizer.chat_template", _) => header.has_chat_template = true,
            (name, Value::Integer(number)) if is_asked_for(name) => {
                header.integers.insert(key, number);
            }
            _ => {}
        }
        Ok(())
    }

    fn value(&mut self, key: &str, kind: u32) -> Result<Value, GgufError> {
        let what = "a metadata value";
        match kind {
            0 => Ok(Value::Integer(u64::from(u8::from_le_bytes(self.bytes(what)?)))),
            2 => Ok(Value::Integer(u64::from(u16::from_le_bytes(self.bytes(what)?)))),
            4 => Ok(Value::Integer(u64::from(self.u32(what)?))),
            10 => Ok(Value::Integer(self.u64(what)?)),
            5 => {
                let number = i32::from_le_bytes(self.bytes(what)?);
                Ok(u64::try_from(number).map_or(Value::Other, Value::Integer))
            }
            11 => {
                let number = i64::from_le_bytes(self.bytes(what)?);
                Ok(u64::try_from(number).map_or(Value::Other, Value::Integer))
            }
            STRING if key.starts_with("general.") => Ok(Value::Text(self.text(what, MAX_TEXT)?)),
            STRING => self.skip_text(what).map(|()| Value::Other),
            ARRAY => self.skip_array(key, 0).map(|()| Value::Other),
            _ => {
                let size = self.size_of(key, kind)?;
                self.skip(size, what).map(|()| Value::Other)
            }
        }
    }

    fn skip_array(&mut self, key: &str, depth: u32) -> Result<(), GgufError> {
        let what = "a metadata array";
        let kind = self.u32(what)?;
        let count = self.u64(what)?;
        match kind {
            STRING | ARRAY if count > MAX_STRINGS => {
                Err(self.damaged(&format!("the array `{key}` claims {count} elements")))
            }
            ARRAY if depth >= MAX_NESTING => Err(self.damaged(&format!("the array `{key}` is nested too deeply"))),
            ARRAY => (0..count).try_for_each(|_| self.skip_array(key, depth + 1)),
            STRING => (0..count).try_for_each(|_| self.skip_text(what)),
            _ => {
                let bytes = self.size_of(key, kind)?.saturating_mul(count);
                self.skip(bytes, what)
            }
        }
    }

    /// The size of a metadata value that isn't a string or an array.
    fn size_of(&self, key: &str, kind: u32) -> Result<u64, GgufError> {
        match kind {
            0 | 1 | 7 => Ok(1),
            2 | 3 => Ok(2),
            4..=6 => Ok(4),
            10..=12 => Ok(8),
            _ => Err(self.damaged(&format!("`{key}` is of the unknown type {kind}"))),
        }
    }

    fn tensor(&mut self) -> Result<TensorInfo, GgufError> {
        let what = "the list of tensors";
        let name = self.text("a tensor's name", MAX_NAME)?;
        let count = self.u32(what)?;
        if count > MAX_DIMS {
            return Err(self.damaged(&format!("tensor `{name}` claims {count} dimensions")));
        }
        let mut dims = Vec::new();
        let mut weights = 1_u64;
        for _ in 0..count {
            let dim = self.u64(what)?;
            weights = weights
                .checked_mul(dim)
                .ok_or_else(|| self.damaged(&format!("tensor `{name}` claims more weights than can be counted")))?;
            dims.push(dim);
        }
        let kind = GgmlType::from_id(self.u32(what)?);
        let offset = self.u64(what)?;
        Ok(TensorInfo { name, dims, weights, kind, offset })
    }

    fn aligned(&self, alignment: Option<u64>) -> Result<u64, GgufError> {
        let alignment = alignment.unwrap_or(DEFAULT_ALIGNMENT);
        self.position
            .checked_next_multiple_of(alignment)
            .ok_or_else(|| self.damaged(&format!("it claims an alignment of {alignment}")))
    }

    fn count(&mut self, what: &str, most: u64) -> Result<u64, GgufError> {
        let count = self.u64(&format!("the number of {what}"))?;
        if count > most {
            return Err(self.damaged(&format!("it claims {count} {what}")));
        }
        Ok(count)
    }

    fn text(&mut self, what: &str, most: u64) -> Result<String, GgufError> {
        let length = self.u64(what)?;
        self.claim(length, what)?;
        if length > most {
            return Err(self.damaged(&format!("{what} claims {length} bytes")));
        }
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(length).read_to_end(&mut bytes);
        read.map_err(|error| GgufError::reading(&self.path, error))?;
        self.position = self.position.saturating_add(length);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn skip_text(&mut self, what: &str) -> Result<(), GgufError> {
        let length = self.u64(what)?;
        self.skip(length, what)
    }

    fn skip(&mut self, length: u64, what: &str) -> Result<(), GgufError> {
        self.claim(length, what)?;
        let offset = i64::try_from(length).map_err(|_| self.damaged(&format!("{what} claims {length} bytes")))?;
        self.input.seek_relative(offset).map_err(|error| GgufError::reading(&self.path, error))?;
        self.position = self.position.saturating_add(length);
        Ok(())
    }

    fn u32(&mut self, what: &str) -> Result<u32, GgufError> {
        self.bytes(what).map(u32::from_le_bytes)
    }

    fn u64(&mut self, what: &str) -> Result<u64, GgufError> {
        self.bytes(what).map(u64::from_le_bytes)
    }

    fn bytes<const N: usize>(&mut self, what: &str) -> Result<[u8; N], GgufError> {
        let length = u64::try_from(N).unwrap_or(u64::MAX);
        self.claim(length, what)?;
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|error| GgufError::reading(&self.path, error))?;
        self.position = self.position.saturating_add(length);
        Ok(bytes)
    }

    /// Refuses a length that reaches beyond the end of the file.
    fn claim(&self, length: u64, what: &str) -> Result<(), GgufError> {
        let end = self.position.saturating_add(length);
        if end > self.length {
            return Err(GgufError::header_cut_short(&self.path, what, end, self.length));
        }
        Ok(())
    }

    fn damaged(&self, what: &str) -> GgufError {
        GgufError::damaged(&self.path, what)
    }
}
