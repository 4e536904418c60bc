#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Write as _;

use proptest::prelude::*;
use tempfile::NamedTempFile;

use super::*;

const Q4_K: u32 = 12;
const Q5_0: u32 = 6;

fn text(value: &str) -> Vec<u8> {
    [&(value.len() as u64).to_le_bytes(), value.as_bytes()].concat()
}

fn entry(key: &str, kind: u32, value: &[u8]) -> Vec<u8> {
    [text(key), kind.to_le_bytes().to_vec(), value.to_vec()].concat()
}

fn tensor(name: &str, dims: &[u64], kind: u32, offset: u64) -> Vec<u8> {
    let dims_bytes: Vec<u8> = dims.iter().flat_map(|dim| dim.to_le_bytes()).collect();
    [
        text(name),
        (dims.len() as u32).to_le_bytes().to_vec(),
        dims_bytes,
        kind.to_le_bytes().to_vec(),
        offset.to_le_bytes().to_vec(),
    ]
    .concat()
}

/// A sound file: two matrices and a bias, a vocabulary, and the usual metadata.
pub(in crate::catalogue) fn model(architecture: &str) -> Vec<u8> {
    let vocabulary = [&8_u32.to_le_bytes()[..], &3_u64.to_le_bytes(), &text("a"), &text("bc"), &text("")].concat();
    let scores = [&6_u32.to_le_bytes()[..], &3_u64.to_le_bytes(), &[0; 12]].concat();
    let entries = [
        entry("general.architecture", 8, &text(architecture)),
        entry("general.name", 8, &text("Tiny")),
        entry(&format!("{architecture}.context_length"), 4, &2048_u32.to_le_bytes()),
        entry("general.some_float", 6, &1.5_f32.to_le_bytes()),
        entry("tokenizer.ggml.tokens", 9, &vocabulary),
        entry("tokenizer.ggml.scores", 9, &scores),
        entry("tokenizer.ggml.eos_token_id", 4, &2_u32.to_le_bytes()),
        entry("tokenizer.chat_template", 8, &text("{{ messages }}")),
    ];
    let tensors = [
        tensor("blk.0.ffn_up.weight", &[256, 3], Q4_K, 0),
        tensor("blk.0.ffn_down.weight", &[64, 4], Q5_0, 448),
        tensor("blk.0.bias", &[8], 0, 640),
    ];
    let mut file = [&b"GGUF"[..], &3_u32.to_le_bytes()].concat();
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((entries.len() as u64).to_le_bytes());
    file.extend(entries.concat());
    file.extend(tensors.concat());
    file.resize(file.len().next_multiple_of(32) + 640 + 32, 0);
    file
}

fn check_bytes(bytes: &[u8]) -> Result<GgufSummary, GgufError> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    check(file.path())
}

fn failure(bytes: &[u8]) -> (GgufErrorKind, String) {
    let error = check_bytes(bytes).unwrap_err();
    let message = error.to_string();
    (error.kind(), message.split_once("` ").expect("the path comes first").1.to_owned())
}

#[test]
fn a_sound_file_says_what_it_is() {
    let summary = check_bytes(&model("qwen2")).unwrap();
    assert_eq!(summary.version(), 3);
    assert_eq!(summary.supported_architecture().unwrap(), "qwen2");
    assert_eq!(summary.name(), Some("Tiny"));
    assert_eq!(summary.context_length(), Some(2048));
    assert_eq!(summary.eos_token_id(), Some(2));
    assert_eq!(summary.tensor_count(), 3);
    assert!(summary.has_chat_template());
}

#[test]
fn slow_matrices_are_counted_by_their_weights() {
    let slow = check_bytes(&model("qwen2")).unwrap().slow_tensors();
    assert_eq!((slow.matrices, slow.slow_matrices, slow.unloadable_matrices), (2, 1, 0));
    assert_eq!((slow.slow_weights, slow.weights, slow.float_weights), (256, 1024, 0));
    assert_eq!(slow.share(), 0.25);
    assert_eq!(slow.types, [GgmlType::from_id(Q5_0)]);
}

#[test]
fn an_architecture_that_cannot_be_loaded_is_named_with_those_that_can() {
    let summary = check_bytes(&model("gemma")).unwrap();
    let error = summary.supported_architecture().unwrap_err();
    assert_eq!(error.kind(), GgufErrorKind::UnsupportedArchitecture);
    assert!(error.to_string().contains("architecture `gemma`"), "{error}");
    assert!(error.to_string().contains("qwen3moe"), "{error}");
}

#[test]
fn a_file_cut_short_says_how_long_it_should_be() {
    let whole = model("qwen2");
    let (kind, message) = failure(&whole[..whole.len() - 100]);
    assert_eq!(kind, GgufErrorKind::Truncated);
    assert!(message.contains(&format!("{} bytes and it has {}", whole.len(), whole.len() - 100)), "{message}");

    let (kind, message) = failure(&whole[..100]);
    assert_eq!(kind, GgufErrorKind::Truncated);
    assert!(message.starts_with("is cut short or damaged"), "{message}");
}

#[test]
fn what_stands_in_a_models_place_is_recognised() {
    for (bytes, expected) in [
        (&b"<!DOCTYPE html><html><body>Sign in"[..], "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git LFS pointer"),
        (b"\x40\0\0\0\0\0\0\0{\"__metadata__\":{}}", "safetensors"),
        (b"PK\x03\x04\x14\0\0\0", "PyTorch"),
        (b"tjgg\x03\0\0\0", "before GGUF"),
        (b"{\"error\":\"not found\"}", "JSON"),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0", "zeros"),
        (b"\x7fELF\x02", "7f 45 4c 46"),
        (b"G", "bytes 47"),
    ] {
        let (kind, message) = failure(bytes);
        assert_eq!(kind, GgufErrorKind::NotGguf, "{message}");
        assert!(message.contains(expected), "{message} should mention {expected}");
    }
}

#[test]
fn other_versions_and_no_file_at_all_are_told_apart() {
    let version = |version: u32| failure(&[&b"GGUF"[..], &version.to_le_bytes(), &[0; 16]].concat());
    assert_eq!(version(1).0, GgufErrorKind::UnsupportedVersion);
    assert!(version(3_u32.swap_bytes()).1.contains("big-endian"));
    assert_eq!(failure(b"").0, GgufErrorKind::Empty);
    assert_eq!(failure(b"GGUF").0, GgufErrorKind::Truncated);
    assert_eq!(check("/no/such/model.gguf").unwrap_err().kind(), GgufErrorKind::NotFound);
    assert_eq!(check(std::env::temp_dir()).unwrap_err().kind(), GgufErrorKind::NotAFile);
}

#[test]
fn absurd_counts_are_refused_before_anything_is_reserved() {
    let header = |tensors: u64, entries: u64, rest: &[u8]| {
        failure(&[&b"GGUF"[..], &3_u32.to_le_bytes(), &tensors.to_le_bytes(), &entries.to_le_bytes(), rest].concat())
    };
    assert_eq!(header(u64::MAX, 0, b"").0, GgufErrorKind::Damaged);
    assert_eq!(header(0, u64::MAX, b"").0, GgufErrorKind::Damaged);
    assert_eq!(header(0, 1, &u64::MAX.to_le_bytes()).0, GgufErrorKind::Truncated);
    let floats = [&6_u32.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat();
    assert_eq!(header(0, 1, &entry("a", 9, &floats)).0, GgufErrorKind::Truncated);
    let texts = [&8_u32.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat();
    assert_eq!(header(0, 1, &entry("a", 9, &texts)).0, GgufErrorKind::Damaged);
    let nested = [&9_u32.to_le_bytes()[..], &1_u64.to_le_bytes()].concat().repeat(50);
    assert_eq!(header(0, 1, &entry("a", 9, &nested)).0, GgufErrorKind::Damaged);
    assert_eq!(header(1, 0, &tensor("t", &[u64::MAX, 2], 0, 0)).0, GgufErrorKind::Damaged);
    assert_eq!(header(1, 0, &tensor("t", &[4], 0, u64::MAX)).0, GgufErrorKind::Damaged);
    assert_eq!(header(1, 0, &tensor("t", &[33], Q5_0, 0)).0, GgufErrorKind::Damaged);
    let alignment = entry("general.alignment", 4, &0_u32.to_le_bytes());
    assert_eq!(header(0, 1, &alignment).0, GgufErrorKind::Damaged);
}

proptest! {
    #[test]
    fn no_damage_panics(cut in 0_usize..2000, flips in prop::collection::vec((0_usize..2000, 0_u8..8), 0..12)) {
        let mut bytes = model("llama");
        for (at, bit) in flips {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        bytes.truncate(cut);
        if let Ok(summary) = check_bytes(&bytes) {
            let _ = summary.slow_tensors().share();
            let _ = summary.supported_architecture().map(str::len);
        }
    }

    #[test]
    fn every_cut_of_a_sound_file_is_noticed(cut in 0_usize..1400) {
        let bytes = model("llama");
        prop_assume!(cut < bytes.len());
        prop_assert!(check_bytes(&bytes[..cut]).is_err());
    }
}
