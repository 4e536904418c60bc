//! What differs between providers, as data.

use rig_core::providers::{openai::wire as openai, xai};

/// A provider: how it is reached and what it can be held to.
#[derive(Debug)]
pub(crate) struct Provider {
    /// What callers name it by.
    pub(crate) name: &'static str,
    /// What the GenAI conventions call it.
    pub(crate) convention: &'static str,
    /// The variables that may hold the key; the first that is set wins.
    pub(crate) variables: &'static [&'static str],
    /// Whether it answers without a key.
    pub(crate) needs_key: bool,
    /// The variable that may hold another address.
    pub(crate) address_variable: Option<&'static str>,
    pub(crate) wire: Wire,
    pub(crate) traits: Traits,
}

/// Which wire format it speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wire {
    Anthropic,
    Gemini,
    Ollama,
    Cohere,
    OpenAi(&'static openai::Dialect),
}

/// What requests to a model may contain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    pub(crate) json: Json,
    /// Whether it can be made to call a tool.
    pub(crate) forces_calls: bool,
    /// Whether a request may set the temperature.
    pub(crate) temperature: bool,
    /// Whether the context window is a setting of the request.
    pub(crate) sets_window: bool,
    /// Whether its models understand images, as far as that can be said of all of them.
    pub(crate) images: bool,
    /// The media types of images that it takes.
    pub(crate) media: &'static [&'static str],
}

/// How an answer is held to JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    /// Decoding follows the schema.
    Schema,
    /// Decoding follows the syntax of JSON; the schema stands in the prompt.
    Syntax,
    /// Both stand in the prompt only.
    Prompt,
}

const PICTURES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];

/// The most common case: an OpenAI-like server whose models differ in what they can see.
pub(crate) const COMMON: Traits = Traits {
    json: Json::Schema,
    forces_calls: true,
    temperature: true,
    sets_window: false,
    images: false,
    media: PICTURES,
};

/// A provider whose key is required and whose address is fixed.
const fn hosted(
    name: &'static str,
    convention: &'static str,
    variables: &'static [&'static str],
    wire: Wire,
    traits: Traits,
) -> Provider {
    Provider { name, convention, variables, needs_key: true, address_variable: None, wire, traits }
}

pub(crate) static ANTHROPIC: Provider = Provider {
    address_variable: Some("ANTHROPIC_BASE_URL"),
    ..hosted("anthropic", "anthropic", &["ANTHROPIC_API_KEY"], Wire::Anthropic, Traits { images: true, ..COMMON })
};

pub(crate) static COHERE: Provider = hosted("cohere", "cohere", &["COHERE_API_KEY"], Wire::Cohere, COMMON);

pub(crate) static DEEPSEEK: Provider = hosted(
    "deepseek",
    "deepseek",
    &["DEEPSEEK_API_KEY"],
    Wire::OpenAi(&openai::DEEPSEEK),
    // A forced call is refused while it thinks, and whether it does depends on the model.
    Traits { json: Json::Syntax, forces_calls: false, ..COMMON },
);

pub(crate) static GEMINI: Provider = hosted(
    "gemini",
    "gcp.gemini",
    &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    Wire::Gemini,
    Traits { images: true, media: &["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"], ..COMMON },
);

pub(crate) static GROQ: Provider = hosted(
    "groq",
    "groq",
    &["GROQ_API_KEY"],
    Wire::OpenAi(&openai::GROQ),
    // It holds no stream to a schema, and every answer here is streamed.
    Traits { json: Json::Prompt, ..COMMON },
);

pub(crate) static HUGGING_FACE: Provider = hosted(
    "hugging_face",
    "hugging_face",
    &["HF_TOKEN", "HUGGINGFACE_API_KEY"],
    Wire::OpenAi(&openai::HUGGINGFACE),
    Traits { json: Json::Prompt, ..COMMON },
);

pub(crate) static MISTRAL_AI: Provider =
    hosted("mistral_ai", "mistral_ai", &["MISTRAL_API_KEY"], Wire::OpenAi(&openai::MISTRAL), COMMON);

pub(crate) static MOONSHOT: Provider = hosted(
    "moonshot",
    "moonshot_ai",
    &["MOONSHOT_API_KEY"],
    Wire::OpenAi(&openai::MOONSHOT),
    Traits { json: Json::Syntax, forces_calls: false, ..COMMON },
);

pub(crate) static OLLAMA: Provider = Provider {
    needs_key: false,
    address_variable: Some("OLLAMA_API_BASE_URL"),
    ..hosted(
        "ollama",
        "ollama",
        &["OLLAMA_API_KEY"],
        Wire::Ollama,
        Traits { forces_calls: false, sets_window: true, ..COMMON },
    )
};

pub(crate) static OPENROUTER: Provider =
    hosted("openrouter", "openrouter", &["OPENROUTER_API_KEY"], Wire::OpenAi(&openai::OPENROUTER), COMMON);

pub(crate) static TOGETHER: Provider = hosted(
    "together",
    "together_ai",
    &["TOGETHER_API_KEY"],
    Wire::OpenAi(&openai::TOGETHER),
    Traits { json: Json::Prompt, ..COMMON },
);

pub(crate) static XAI: Provider = hosted("xai", "x_ai", &["XAI_API_KEY"], Wire::OpenAi(&xai::DIALECT), COMMON);

pub(crate) static ALL: [&Provider; 12] = [
    &ANTHROPIC,
    &COHERE,
    &DEEPSEEK,
    &GEMINI,
    &GROQ,
    &HUGGING_FACE,
    &MISTRAL_AI,
    &MOONSHOT,
    &OLLAMA,
    &OPENROUTER,
    &TOGETHER,
    &XAI,
];

/// The names of the providers, as [`RigModel::of`](crate::RigModel::of) takes them.
///
/// ```
/// assert!(cicerone_rig::providers().any(|name| name == "anthropic"));
/// ```
pub fn providers() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|provider| provider.name)
}
