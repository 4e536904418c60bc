//! From a request to rig's.

use std::collections::HashMap;

use cicerone_core::{
    message::{Message, Part, Role},
    model::{Decision, Expect, ModelError, ModelErrorKind, Request},
    tool::ToolSpec,
};
use rig_core::{
    completion::{CompletionRequest, OnUnsupported, ToolDefinition},
    message::{
        AssistantContent, CallId, ImageMediaType, Message as Turn, MimeType, ToolChoice, ToolName, ToolResult,
        ToolResultContent, UserContent,
    },
    schemars::Schema,
};
use serde_json::{Value, json};

use crate::provider::{Json, Traits};

/// A request in rig's words; `json` is how an answer is held to a schema, where one is expected.
///
/// What is said about the expectation comes last, so that requests of one conversation share their beginning.
pub(crate) fn lower(
    request: &Request,
    traits: &Traits,
    json: Json,
    window: Option<u32>,
) -> Result<CompletionRequest, ModelError> {
    let mut turns = turns(&request.messages, traits)?;
    let mut parameters = serde_json::Map::new();
    if let Some(window) = window.filter(|_| traits.sets_window) {
        parameters.insert("num_ctx".to_owned(), window.into());
    }
    let mut schema = None;
    let mut tools = None;
    match &request.expect {
        Expect::Text => {}
        Expect::Json(expected) => {
            if json == Json::Schema {
                let read = Schema::try_from(Value::clone(expected));
                schema = Some(read.map_err(|error| refused("the schema of the answer is none").with_source(error))?);
            } else {
                append(
                    &mut turns,
                    format!("Answer with JSON only, no other text. It must fit this schema:\n{expected}"),
                );
            }
            if json == Json::Syntax {
                parameters.insert("response_format".to_owned(), json!({ "type": "json_object" }));
            }
        }
        Expect::Decision(decision) if decision.tools.is_empty() => {}
        Expect::Decision(decision) => {
            if !decision.may_finish && !traits.forces_calls {
                append(&mut turns, "Call one or more of the tools now; do not answer in words.".to_owned());
            }
            tools = Some(offered(decision, traits)?);
        }
        Expect::Grammar(_) => {
            return Err(refused("this provider can't hold an answer to a grammar; expect JSON of a schema instead"));
        }
        _ => return Err(refused("this adapter does not know what is expected; update `cicerone-rig`")),
    }
    let parameters = (!parameters.is_empty()).then_some(Value::Object(parameters));
    let mut lowered = CompletionRequest::from(turns)
        .additional_params(parameters)
        .output_schema(schema)
        .temperature(traits.temperature.then_some(request.sampling.temperature))
        .max_tokens(u64::from(request.sampling.max_tokens))
        // Some models refuse a temperature. rig knows which, and leaves it out for them if it is told to.
        .on_unsupported(OnUnsupported::Ignore);
    if let Some((definitions, choice)) = tools {
        lowered = lowered.tools(definitions);
        lowered.tool_choice = choice;
    }
    Ok(lowered)
}

fn refused(message: impl Into<String>) -> ModelError {
    ModelError::new(ModelErrorKind::Request, message)
}

/// Says something more to the model, in the turn that it answers.
pub(crate) fn append(turns: &mut Vec<Turn>, text: String) {
    match turns.last_mut() {
        Some(Turn::User { content }) => content.push(UserContent::text(text)),
        _ => turns.push(Turn::user(text)),
    }
}

fn offered(decision: &Decision, traits: &Traits) -> Result<(Vec<ToolDefinition>, Option<ToolChoice>), ModelError> {
    let definition = |tool: &ToolSpec| {
        Ok(ToolDefinition::new(name(&tool.name)?, tool.description.clone(), arguments(&tool.args_schema)))
    };
    let tools = decision.tools.iter().map(|tool| definition(tool)).collect::<Result<_, ModelError>>()?;
    let choice = match (traits.forces_calls, decision.may_finish) {
        (true, false) => Some(ToolChoice::Required),
        (true, true) => Some(ToolChoice::Auto),
        (false, _) => None,
    };
    Ok((tools, choice))
}

/// Providers take objects only; a tool without arguments has the schema of `null`.
fn arguments(schema: &Value) -> Value {
    if takes_nothing(schema) { json!({ "type": "object", "properties": {} }) } else { schema.clone() }
}

/// Whether a tool has no arguments at all.
pub(crate) fn takes_nothing(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn name(name: &str) -> Result<ToolName, ModelError> {
    ToolName::new(name).map_err(|error| refused("a tool call has no name").with_source(error))
}

fn turns(messages: &[Message], traits: &Traits) -> Result<Vec<Turn>, ModelError> {
    let mut callers = HashMap::new();
    let mut turns = Vec::new();
    for message in messages {
        match message.role {
            Role::System => turns.push(Turn::system(message.text())),
            Role::Assistant => {
                let mut content = Vec::new();
                for part in &message.parts {
                    if let Part::ToolCall(call) = part {
                        callers.insert(call.id.as_str(), call.tool.as_str());
                    }
                    content.extend(said(part)?);
                }
                if !content.is_empty() {
                    turns.push(Turn::from(content));
                }
            }
            Role::User | Role::Tool => {
                let content = message.parts.iter().map(|part| heard(part, &callers, traits));
                let content: Vec<UserContent> = content.collect::<Result<_, _>>()?;
                if !content.is_empty() {
                    turns.push(Turn::from(content));
                }
            }
        }
    }
    if turns.is_empty() {
        return Err(refused("there is nothing to answer; add a message of the user"));
    }
    Ok(turns)
}

/// A part of what the model said. Reasoning is left out: without the signature that it came with, it would go to
/// providers as something that the model said aloud.
fn said(part: &Part) -> Result<Option<AssistantContent>, ModelError> {
    Ok(match part {
        Part::Text { text } if text.trim().is_empty() => None,
        Part::Text { text } => Some(AssistantContent::text(text)),
        Part::ToolCall(call) => {
            Some(AssistantContent::tool_call(call.id.clone(), name(&call.tool)?, call.args.clone()))
        }
        Part::Reasoning { .. } => None,
        _ => return Err(refused("a message of the model holds something that only a user can send")),
    })
}

fn heard(part: &Part, callers: &HashMap<&str, &str>, traits: &Traits) -> Result<UserContent, ModelError> {
    match part {
        Part::Text { text } => Ok(UserContent::text(text)),
        Part::Image { media_type, data } => {
            if !traits.images {
                let advice = "if it does, say so with `images(true)`";
                return Err(refused(format!("it is not known that this model understands images; {advice}")));
            }
            let known = traits.media.contains(&media_type.as_str());
            let kind = ImageMediaType::from_mime_type(media_type).filter(|_| known).ok_or_else(|| {
                let taken = traits.media.join(", ");
                refused(format!("images of the type `{media_type}` are not understood; send one of {taken}"))
            })?;
            Ok(UserContent::image_base64(data, Some(kind), None))
        }
        Part::ToolResult { id, content, is_error } => {
            let caller = callers.get(id.as_str()).ok_or_else(|| {
                refused(format!("the result `{id}` answers no tool call; keep the call in the conversation"))
            })?;
            Ok(UserContent::ToolResult(ToolResult {
                call: CallId::from_wire(id),
                name: name(caller)?,
                content: vec![ToolResultContent::text(content)],
                is_error: *is_error,
            }))
        }
        _ => Err(refused("a message of the user holds something that only a model can say")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::provider::COMMON;

    fn refusal(messages: Vec<Message>) -> String {
        lower(&Request::new(messages), &COMMON, Json::Schema, None).unwrap_err().to_string()
    }

    #[test]
    fn what_a_provider_would_not_understand_is_refused_with_advice() {
        let image = Part::Image { media_type: "image/png".into(), data: "AAAA".into() };
        assert!(refusal(vec![Message { role: Role::User, parts: vec![image] }]).contains("images(true)"));
        let result = Part::ToolResult { id: "c1".into(), content: "{}".into(), is_error: false };
        assert!(refusal(vec![Message { role: Role::Tool, parts: vec![result] }]).contains("keep the call"));
        assert!(refusal(Vec::new()).contains("add a message"));
    }

    #[test]
    fn a_schema_that_can_not_be_enforced_comes_last_in_the_prompt() {
        let request = Request::new(vec![Message::system("s"), Message::user("u")])
            .expecting(Expect::Json(Arc::new(json!({ "type": "object" }))));
        let lowered = lower(&request, &COMMON, Json::Prompt, None).unwrap();
        assert!(lowered.output_schema.is_none());
        let Some(Turn::User { content }) = lowered.chat_history.last() else { panic!("the user speaks last") };
        assert!(
            matches!(&content[..], [UserContent::Text(_), UserContent::Text(last)] if last.text.contains("schema"))
        );
        let lowered = lower(&request, &COMMON, Json::Schema, None).unwrap();
        assert!(lowered.output_schema.is_some());
    }

    #[test]
    fn tools_without_arguments_take_an_empty_object() {
        assert_eq!(arguments(&json!({ "type": "null" })), json!({ "type": "object", "properties": {} }));
        let schema = json!({ "type": "object", "properties": { "a": {} } });
        assert_eq!(arguments(&schema), schema);
    }
}
