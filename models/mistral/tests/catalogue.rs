//! The model catalogue against a server of the test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cicerone_mistral::catalogue::{
    CacheStatus, Catalogue, CatalogueEntry, CatalogueError, CatalogueErrorKind, CatalogueOptions, ModelFile, Origin,
    ProgressEvent, Source,
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const SIZE: usize = 200_000;

/// A sound GGUF file with one tensor, the weights of which differ from each other.
fn model() -> Vec<u8> {
    let text = |value: &str| [&(value.len() as u64).to_le_bytes(), value.as_bytes()].concat();
    let mut file = [&b"GGUF"[..], &3_u32.to_le_bytes(), &1_u64.to_le_bytes(), &1_u64.to_le_bytes()].concat();
    file.extend([text("general.architecture"), 8_u32.to_le_bytes().to_vec(), text("qwen2")].concat());
    file.extend([text("weights"), 1_u32.to_le_bytes().to_vec(), 1000_u64.to_le_bytes().to_vec()].concat());
    file.extend([&0_u32.to_le_bytes()[..], &0_u64.to_le_bytes()].concat());
    file.extend((file.len()..SIZE).map(|at| (at * 31 % 251) as u8));
    file
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// A cache of the test's own, the entry `tiny`, and what was reported.
struct Setup {
    folder: TempDir,
    options: CatalogueOptions,
    sources: Vec<Source>,
    events: Arc<Mutex<Vec<ProgressEvent>>>,
}

impl Setup {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let options = CatalogueOptions::new(folder.path()).retries(0);
        Self { folder, options, sources: Vec::new(), events: Arc::default() }
    }

    fn hub(mut self, server: &Server) -> Self {
        self.options = self.options.hub_endpoint(&server.url);
        self.sources.push(Source::hub("example/tiny", "tiny.gguf"));
        self
    }

    fn pip(mut self, command: &[&str]) -> Self {
        self.options = self.options.pip(command.iter().copied());
        self.sources.push(Source::packages("tiny-part", 4, "1.0", 60_000));
        self
    }

    fn entry(&self) -> CatalogueEntry {
        let entry = CatalogueEntry::new("tiny", "tiny.gguf", SIZE as u64, hash(&model()));
        self.sources.iter().cloned().fold(entry, CatalogueEntry::source)
    }

    fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.options.clone()).with_entry(self.entry())
    }

    async fn fetch(&self) -> Result<ModelFile, CatalogueError> {
        let events = Arc::clone(&self.events);
        let progress = move |event: &ProgressEvent| events.lock().unwrap().push(event.clone());
        self.catalogue().fetch("tiny", &progress).await
    }

    async fn fails(&self) -> (CatalogueErrorKind, String) {
        let error = self.fetch().await.unwrap_err();
        (error.kind(), error.to_string())
    }

    fn file(&self, suffix: &str) -> PathBuf {
        let models = self.folder.path().join("models");
        std::fs::create_dir_all(&models).unwrap();
        models.join(format!("tiny.gguf{suffix}"))
    }

    fn kept(&self) -> Option<Vec<u8>> {
        std::fs::read(self.file(".partial")).ok()
    }

    fn notes(&self) -> String {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .filter_map(|e| if let ProgressEvent::Note(text) = e { Some(&**text) } else { None })
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn hashed(&self) -> bool {
        self.events.lock().unwrap().iter().any(|event| matches!(event, ProgressEvent::Verifying { .. }))
    }
}

/// How a server treats one request.
#[derive(Clone)]
enum Answer {
    /// Honours ranges.
    File(Vec<u8>),
    /// Sends everything, whatever was asked for.
    Whole(Vec<u8>),
    /// Promises the file and hangs up after so many bytes.
    Cut(usize),
    Status(&'static str),
    WebPage,
    /// Waits before it sends the file.
    Slow,
}

/// A web server that answers the requests that come with these answers, and notes what range each asked for.
struct Server {
    url: String,
    ranges: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&ranges);
        let answers: Vec<Answer> = answers.into_iter().collect();
        tokio::spawn(async move {
            for answer in answers {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(socket.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap().to_lowercase();
                assert!(request.starts_with("get /example/tiny/resolve/main/tiny.gguf "), "{request}");
                let from = request
                    .split_once("range: bytes=")
                    .map(|(_, rest)| rest.split('-').next().unwrap().parse().unwrap());
                seen.lock().unwrap().push(from);
                let _ = socket.write_all(&answer.bytes(from).await).await;
                let _ = socket.shutdown().await;
            }
        });
        Self { url, ranges }
    }

    fn ranges(&self) -> Vec<Option<usize>> {
        self.ranges.lock().unwrap().clone()
    }
}

impl Answer {
    async fn bytes(self, from: Option<usize>) -> Vec<u8> {
        let whole = |body: &[u8]| {
            [format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
        };
        match (self, from) {
            (Self::File(body), Some(from)) => {
                let (rest, total) = (&body[from..], body.len());
                let range = format!("bytes {from}-{}/{total}", total - 1);
                let head = format!(
                    "HTTP/1.1 206 Partial Content\r\ncontent-range: {range}\r\ncontent-length: {}\r\n\r\n",
                    rest.len()
                );
                [head.as_bytes(), rest].concat()
            }
            (Self::File(body) | Self::Whole(body), _) => whole(&body),
            (Self::Cut(after), _) => {
                let mut answer = whole(&model());
                answer.truncate(answer.len() - SIZE + after);
                answer
            }
            (Self::Status(status), _) => format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").into_bytes(),
            (Self::WebPage, _) => b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>sign in".to_vec(),
            (Self::Slow, _) => {
                tokio::time::sleep(Duration::from_millis(500)).await;
                whole(&model())
            }
        }
    }
}

#[tokio::test]
async fn a_model_is_downloaded_once_and_hashed_once() {
    let server = Server::answering([Answer::File(model())]).await;
    let setup = Setup::new().hub(&server);
    assert_eq!(setup.catalogue().status(&setup.entry()).unwrap(), CacheStatus::Absent);

    let file = setup.fetch().await.unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), model());
    assert_eq!(file.origin().to_string(), "Hugging Face hub (example/tiny)");
    assert_eq!(file.gguf().architecture(), Some("qwen2"));
    assert_eq!(setup.catalogue().status(&setup.entry()).unwrap(), CacheStatus::Verified);
    assert!(setup.hashed() && setup.kept().is_none());

    setup.events.lock().unwrap().clear();
    assert_eq!(*setup.fetch().await.unwrap().origin(), Origin::Cache);
    assert_eq!(*setup.events.lock().unwrap(), [ProgressEvent::Finished]);
}

#[tokio::test]
async fn a_download_that_is_cut_keeps_what_came_and_goes_on_from_there() {
    let server = Server::answering([Answer::Cut(70_000), Answer::File(model())]).await;
    let setup = Setup::new().hub(&server);
    let error = setup.fetch().await.unwrap_err();
    assert_eq!(error.kind(), CatalogueErrorKind::Interrupted);
    assert!(error.is_retryable());
    assert!(error.to_string().contains("broke off after 70000 of 200000 bytes"), "{error}");
    assert!(error.to_string().contains("70000 of 200000 bytes are kept in"), "{error}");
    assert_eq!(setup.kept().unwrap(), &model()[..70_000]);
    assert_eq!(setup.catalogue().status(&setup.entry()).unwrap(), CacheStatus::Partial { bytes: 70_000 });

    let file = setup.fetch().await.unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), model());
    assert_eq!(server.ranges(), [None, Some(70_000)]);
}

#[tokio::test]
async fn a_cut_is_mended_without_being_asked() {
    let server = Server::answering([Answer::Cut(50_000), Answer::File(model())]).await;
    let mut setup = Setup::new().hub(&server);
    setup.options = setup.options.retries(1);
    setup.fetch().await.unwrap();
    assert_eq!(server.ranges(), [None, Some(50_000)]);
    assert!(setup.notes().contains("broke off after 50000"), "{}", setup.notes());
}

#[tokio::test]
async fn a_server_that_ignores_ranges_starts_afresh() {
    let server = Server::answering([Answer::Whole(model())]).await;
    let setup = Setup::new().hub(&server);
    std::fs::write(setup.file(".partial"), &model()[..1000]).unwrap();
    let file = setup.fetch().await.unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), model());
    assert!(setup.notes().contains("doesn't resume"), "{}", setup.notes());
}

#[tokio::test]
async fn a_wrong_hash_names_both_hashes_and_the_source_and_leaves_nothing() {
    let mut other = model();
    other[SIZE - 1] ^= 1;
    let server = Server::answering([Answer::File(other.clone())]).await;
    let setup = Setup::new().hub(&server);
    let (kind, message) = setup.fails().await;
    assert_eq!(kind, CatalogueErrorKind::HashMismatch);
    for expected in [hash(&model()), hash(&other), "Hugging Face hub (example/tiny)".to_owned()] {
        assert!(message.contains(&expected), "{message} should mention {expected}");
    }
    assert!(setup.kept().is_none() && !setup.file("").exists());
}

#[tokio::test]
async fn a_bad_start_left_by_an_earlier_download_is_not_the_sources_fault() {
    let server = Server::answering([Answer::File(model()), Answer::File(model())]).await;
    let setup = Setup::new().hub(&server);
    std::fs::write(setup.file(".partial"), vec![b'x'; 1000]).unwrap();
    setup.fetch().await.unwrap();
    assert_eq!(server.ranges(), [Some(1000), None]);
}

#[tokio::test]
async fn what_a_server_has_instead_of_the_model_is_said() {
    for (answer, expected) in [
        (Answer::Status("404 Not Found"), "answered 404 Not Found"),
        (Answer::WebPage, "is answered by a web page"),
        (Answer::File(vec![0; 10]), "it has 10 bytes where the model has 200000"),
    ] {
        let setup = Setup::new().hub(&Server::answering([answer]).await);
        let (kind, message) = setup.fails().await;
        assert_eq!(kind, CatalogueErrorKind::NoSource);
        assert!(message.contains(expected), "{message} should mention {expected}");
        assert!(message.contains("--model PATH"), "{message}");
        assert!(setup.kept().is_none());
    }
}

#[tokio::test]
async fn of_two_fetches_at_once_one_downloads_and_the_other_waits() {
    let server = Server::answering([Answer::Slow]).await;
    let setup = Setup::new().hub(&server);
    let (one, other) = tokio::join!(setup.fetch(), setup.fetch());
    assert_eq!(one.unwrap().path(), other.unwrap().path());
    assert_eq!(server.ranges().len(), 1);
    assert!(setup.notes().contains("another process is downloading `tiny`"), "{}", setup.notes());
}

#[tokio::test]
async fn a_damaged_file_in_the_cache_is_downloaded_again() {
    let server = Server::answering([Answer::File(model()), Answer::File(model())]).await;
    let setup = Setup::new().hub(&server);
    let path = setup.fetch().await.unwrap().path().to_owned();

    let mut damaged = model();
    damaged[5000] ^= 0x80;
    std::fs::write(&path, &damaged).unwrap();
    assert_eq!(setup.catalogue().status(&setup.entry()).unwrap(), CacheStatus::Unverified);
    setup.fetch().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), model());
    assert!(setup.notes().contains("is damaged: its SHA-256 is"), "{}", setup.notes());
}

#[tokio::test]
async fn a_file_put_into_the_cache_by_hand_needs_no_source() {
    let setup = Setup::new();
    std::fs::write(setup.file(""), model()).unwrap();
    assert_eq!(*setup.fetch().await.unwrap().origin(), Origin::Cache);
    assert!(setup.hashed());
}

#[tokio::test]
async fn force_downloads_what_is_there() {
    let server = Server::answering([Answer::File(model())]).await;
    let mut setup = Setup::new().hub(&server);
    std::fs::write(setup.file(""), model()).unwrap();
    std::fs::write(setup.file(".partial"), b"old").unwrap();
    setup.options = setup.options.force(true);
    assert!(matches!(setup.fetch().await.unwrap().origin(), Origin::Downloaded(_)));
    assert_eq!(server.ranges(), [None]);
}

#[tokio::test]
async fn a_path_is_taken_as_it_is_if_it_is_a_model() {
    let setup = Setup::new();
    let path = setup.folder.path().join("own.gguf");
    let fetch = async || setup.catalogue().fetch(path.to_str().unwrap(), &|_: &ProgressEvent| {}).await;
    assert_eq!(fetch().await.unwrap_err().kind(), CatalogueErrorKind::BadFile);
    std::fs::write(&path, b"<html>").unwrap();
    assert!(fetch().await.unwrap_err().to_string().contains("web page"));
    std::fs::write(&path, model()).unwrap();
    assert_eq!(*fetch().await.unwrap().origin(), Origin::Path);
}

#[tokio::test]
async fn a_full_disk_says_how_much_is_missing_and_where() {
    let server = Server::answering([Answer::File(model())]).await;
    let setup = Setup::new().hub(&server).pip(&["never", "started"]);
    if !cfg!(target_os = "linux") {
        return;
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/full", setup.file(".partial")).unwrap();
    let (kind, message) = setup.fails().await;
    assert_eq!(kind, CatalogueErrorKind::DiskFull);
    assert!(message.contains("bytes are needed in"), "{message}");
    assert!(message.contains(setup.folder.path().to_str().unwrap()), "{message}");
}

#[tokio::test]
async fn sources_that_are_not_there_are_passed_over_by_name() {
    let closed = Server { url: "http://127.0.0.1:1".to_owned(), ranges: Arc::default() };
    let setup = Setup::new().hub(&closed).pip(&["no-such-python", "-m", "pip"]);
    let error = setup.fetch().await.unwrap_err();
    assert_eq!(error.kind(), CatalogueErrorKind::NoSource);
    assert_eq!(error.attempts().len(), 2);
    assert!(error.to_string().contains("there is no Python here (tried no-such-python)"), "{error}");
    assert!(error.to_string().contains("--model PATH"), "{error}");
    let notes = setup.notes();
    assert!(
        notes.starts_with("passed over: Hugging Face hub (example/tiny): can't reach http://127.0.0.1:1: "),
        "{notes}"
    );
}

#[tokio::test]
async fn offline_asks_nobody() {
    let server = Server::answering([]).await;
    let mut setup = Setup::new().hub(&server).pip(&["never", "started"]);
    setup.options = setup.options.offline(true);
    let (kind, message) = setup.fails().await;
    assert_eq!(kind, CatalogueErrorKind::NoSource);
    assert_eq!(message.matches("downloads are turned off").count(), 2);
}
