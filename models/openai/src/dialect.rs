//! What kinds of servers there are.

/// What a server can be asked for beyond text.
///
/// ```
/// use cicerone_openai::{Dialect, OpenAiModel};
///
/// // A server that knows neither tools nor schemas: it is asked in words, and its answers are checked.
/// let connector = OpenAiModel::at("http://127.0.0.1:8000/v1").dialect(Dialect::Plain);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Native tools and `response_format` with a schema, both strict where the schema allows it.
    OpenAi,
    /// llama.cpp's server: native tools, schemas, and grammars in GBNF.
    LlamaCpp,
    /// Text only. JSON is asked for in words, mended if it is broken, checked, and asked for again if it is wrong.
    Plain,
}
