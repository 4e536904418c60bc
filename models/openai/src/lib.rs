//! Models behind any server that speaks OpenAI's chat completions: OpenAI itself, llama.cpp, vLLM, and many more.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use cicerone_openai::OpenAiModel;
//!
//! // With the key in `OPENAI_API_KEY`.
//! let remote = OpenAiModel::named("gpt-4.1-mini").await?;
//! // The one model that a server on this machine has.
//! let local = OpenAiModel::at("http://127.0.0.1:8080/v1").await?;
//! # Ok(()) }
//! ```
//!
//! A request says what the answer must be; the [`Dialect`] of the server decides how that is reached: by native tool
//! calls, a schema or a grammar that decoding is held to, or, where a server has none of these, by asking, checking,
//! and asking again. What a server refuses is remembered and not sent again.
//!
//! # What comes from async-openai
//! Its words, not its client. Tools, formats and options are serialised from its types, and the address is one of its
//! `Config`s. Its client would hide what a caller has to know: it tries again by itself when a server asks to wait and
//! drops how long; it reads any body whole, however long; it hands a stream over through a task of its own, without a
//! bound, in which a stream that was cut looks like one that ended; and it can't read an answer in one piece where a
//! stream was asked for. Its message types own their text, so each request would copy the conversation once more. The
//! request here borrows it and is written once, into the bytes that are sent.

mod assembly;
mod chunk;
mod concession;
mod connector;
mod dialect;
mod discovery;
mod endpoint;
mod failure;
mod form;
mod http;
mod incoming;
mod message;
mod model;
mod reading;
mod request;
mod schema;
mod spoken;
mod sse;

pub use connector::Connector;
pub use dialect::Dialect;
pub use incoming::BODY_LIMIT;
pub use model::OpenAiModel;
