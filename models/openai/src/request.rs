//! The body of a request.

use async_openai::types::chat::{
    ChatCompletionStreamOptions, ChatCompletionTool, ChatCompletionTools, FunctionObject, ResponseFormat,
    ResponseFormatJsonSchema, ToolChoiceOptions,
};
use cicerone_core::model::{ModelError, ModelErrorKind, Request};
use serde::Serialize;

use crate::{
    concession::{Conceded, Concession},
    dialect::Dialect,
    form::Form,
    message::{Conversation, Correction},
    schema::Lowered,
};

#[derive(Serialize)]
struct Body<'r> {
    model: &'r str,
    messages: Conversation<'r>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<ChatCompletionStreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ChatCompletionTools>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoiceOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    /// llama.cpp's own: a grammar in GBNF.
    #[serde(skip_serializing_if = "Option::is_none")]
    grammar: Option<&'r str>,
}

/// What a request is made of besides itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'r> {
    /// The model, as the server calls it.
    pub(crate) model: &'r str,
    pub(crate) form: &'r Form<'r>,
    pub(crate) corrections: &'r [Correction],
    pub(crate) conceded: Conceded,
    pub(crate) dialect: Dialect,
    /// Whether OpenAI's own newer names are used.
    pub(crate) official: bool,
}

/// The bytes that are sent.
pub(crate) fn body(request: &Request, terms: Terms<'_>) -> Result<Vec<u8>, ModelError> {
    let Terms { model, form, corrections, conceded, dialect, official } = terms;
    let instruction = form.instruction();
    let limit = request.sampling.max_tokens;
    let new_name = official != conceded.has(Concession::OutputLimit);
    let mut body = Body {
        model,
        messages: Conversation {
            messages: &request.messages,
            written: form.is_written(),
            instruction: instruction.as_deref(),
            corrections,
        },
        stream: true,
        stream_options: (!conceded.has(Concession::StreamOptions))
            .then_some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None }),
        temperature: (!conceded.has(Concession::Temperature)).then_some(request.sampling.temperature),
        max_tokens: (!new_name).then_some(limit),
        max_completion_tokens: new_name.then_some(limit),
        response_format: None,
        tools: Vec::new(),
        tool_choice: None,
        parallel_tool_calls: None,
        grammar: None,
    };
    match form {
        Form::Text | Form::Written { .. } => {}
        Form::Grammar(grammar) => body.grammar = Some(grammar),
        Form::Held { lowered, .. } => body.response_format = Some(format_of(lowered, conceded)),
        Form::Tools { decision, lowered } => {
            let tools = decision.tools.iter().zip(lowered);
            body.tools = tools
                .map(|(tool, lowered)| {
                    ChatCompletionTools::Function(ChatCompletionTool {
                        function: FunctionObject {
                            name: tool.name.clone(),
                            description: Some(tool.description.clone()),
                            parameters: Some(lowered.schema.clone()),
                            strict: lowered.strict.then_some(true),
                        },
                    })
                })
                .collect();
            // llama.cpp lets text come before a call that is required, and then no end of the answer without one: a
            // model that writes its calls as text goes on with empty lines up to the limit.
            let may_answer = decision.may_finish || dialect == Dialect::LlamaCpp;
            body.tool_choice = Some(if may_answer { ToolChoiceOptions::Auto } else { ToolChoiceOptions::Required });
            body.parallel_tool_calls = (!conceded.has(Concession::ParallelCalls)).then_some(true);
        }
    }
    serde_json::to_vec(&body).map_err(|error| {
        ModelError::new(ModelErrorKind::Request, format!("the request can't be written as JSON: {error}"))
            .with_source(error)
    })
}

fn format_of(lowered: &Lowered, conceded: Conceded) -> ResponseFormat {
    let strict = (!conceded.has(Concession::Strict)).then_some(lowered.strict);
    let json_schema =
        ResponseFormatJsonSchema { description: None, name: "answer".into(), schema: lowered.schema.clone(), strict };
    ResponseFormat::JsonSchema { json_schema }
}
