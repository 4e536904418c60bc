//! Remote models of any provider that rig-core speaks to.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use cicerone_core::{message::Message, model::{DeltaSink, Model, Request}};
//! use cicerone_rig::RigModel;
//!
//! // The key is in `ANTHROPIC_API_KEY`.
//! let model = RigModel::anthropic("claude-sonnet-4-5").context_window(200_000).build()?;
//! let request = Request::new(vec![Message::user("Which river flows through Lisbon?")]);
//! println!("{}", model.respond(&request, &mut DeltaSink::none()).await?.content());
//! # Ok(()) }
//! ```
//!
//! For OpenAI itself, and servers of one's own that speak its format, there is `cicerone-openai`.
//!
//! # Providers
//!
//! | constructor | variable of the key | address | JSON is held to | a call can be forced |
//! | --- | --- | --- | --- | --- |
//! | [`anthropic`](RigModel::anthropic) | `ANTHROPIC_API_KEY` | `https://api.anthropic.com`, or `ANTHROPIC_BASE_URL` | the schema | but for models that refuse it |
//! | [`cohere`](RigModel::cohere) | `COHERE_API_KEY` | `https://api.cohere.ai` | the schema | yes |
//! | [`deepseek`](RigModel::deepseek) | `DEEPSEEK_API_KEY` | `https://api.deepseek.com` | the syntax | no |
//! | [`gemini`](RigModel::gemini) | `GEMINI_API_KEY`, `GOOGLE_API_KEY` | `https://generativelanguage.googleapis.com` | the schema | yes |
//! | [`groq`](RigModel::groq) | `GROQ_API_KEY` | `https://api.groq.com/openai/v1` | nothing | yes |
//! | [`hugging_face`](RigModel::hugging_face) | `HF_TOKEN`, `HUGGINGFACE_API_KEY` | `https://router.huggingface.co` | nothing | yes |
//! | [`mistral_ai`](RigModel::mistral_ai) | `MISTRAL_API_KEY` | `https://api.mistral.ai` | the schema | yes |
//! | [`moonshot`](RigModel::moonshot) | `MOONSHOT_API_KEY` | `https://api.moonshot.ai/v1` | the syntax | no |
//! | [`ollama`](RigModel::ollama) | none needed; `OLLAMA_API_KEY` | `http://localhost:11434`, or `OLLAMA_API_BASE_URL` | the schema | no |
//! | [`openrouter`](RigModel::openrouter) | `OPENROUTER_API_KEY` | `https://openrouter.ai/api/v1` | the schema | yes |
//! | [`together`](RigModel::together) | `TOGETHER_API_KEY` | `https://api.together.xyz` | nothing | yes |
//! | [`xai`](RigModel::xai) | `XAI_API_KEY` | `https://api.x.ai` | the schema | yes |
//!
//! [`providers`] lists the names, [`RigModel::of`] takes one. What has no constructor is made with rig and handed to
//! [`RigModel::new`].
//!
//! # What is enforced where
//!
//! | expectation | by the provider | here |
//! | --- | --- | --- |
//! | text | | it is not empty |
//! | JSON | decoding, as far as the table above says; what rig can't put in a provider's dialect of schemas is left out | the whole schema |
//! | a decision | the form of calls; that there is one, where it can be forced | arguments are an object, there is a call if there must be |
//! | text of a grammar | | refused: no provider takes one |
//!
//! - An answer that does not fit is mended if that is possible without guessing at content
//!   ([`Means::Repaired`](cicerone_core::model::Means::Repaired)); otherwise the model is told what is wrong and asked
//!   again, at most twice. What was refused has been paid for: the usage is of all tries.
//! - An answer that was cut at the limit of its length is neither mended nor asked for again; it is an error that says
//!   so. Models that reason spend the same tokens on it.
//! - A provider that refuses a schema (HTTP 400 or 422) is asked once more with the schema in the prompt.
//! - Whether a tool exists, and what its arguments may be, is for whoever offered it to check.
//! - Text is streamed as it comes, but for JSON without an enforced schema, which is shown once it is accepted. Should
//!   another answer be refused after all, the pieces of the next one follow its own.
//!
//! # Failures
//!
//! A status becomes a [`ModelErrorKind`](cicerone_core::model::ModelErrorKind): 401 and 403 `Authentication`, 429
//! `RateLimit` with the wait that was asked for, 408 and 504 `Timeout`, other 5xx `Unavailable`, the rest `Request`. A
//! stream that ends early is `Unavailable`; what is not the provider's format, such as the page of a proxy, is
//! `Response`. Nothing is retried here but what the list above says.
//!
//! Keys are in no message, no `Debug` and no URL, also where a provider repeats them. Redirects are not followed, which
//! would carry keys elsewhere.
//!
//! # How it relates to rig
//!
//! No signature of this crate names a type of rig; its version can change without a change here. The one exception to
//! see is a bound: [`CompletionModel`] is met by types of rig-core 0.44 only.

mod answer;
mod builder;
mod endpoint;
mod given;
mod json;
mod model;
mod provider;
mod request;
mod transport;

pub use builder::RigModelBuilder;
pub use given::CompletionModel;
pub use model::RigModel;
pub use provider::providers;
