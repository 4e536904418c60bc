//! Providers as local servers that speak their formats: what is sent to them, and what becomes of their answers.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail")]

mod anthropic;
mod connections;
mod failures;
mod gemini;
mod ollama;
mod openai_like;
mod server;
mod xai;
