//! Whether an answer is what was expected, and what to tell the model if it is not.

use cicerone_core::{
    message::{Part, ToolCall},
    model::{Decision, Expect, Finish, Means, ModelError, ModelErrorKind},
};
use jsonschema::Validator;
use rig_core::{
    completion::{CompletionResponse, FinishReason},
    message::{AssistantContent, Message as Turn, ToolCall as Call, ToolResultContent},
};
use serde_json::Value;

use crate::{json, provider::Json, request};

/// What to make of an answer.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is what was expected.
    Fits { parts: Vec<Part>, finish: Finish, means: Means },
    /// It is not, for this reason; the turns say so to the model.
    Wrong { why: String, turns: Vec<Turn> },
}

/// Judges an answer that was asked for as `json` says, where JSON was.
///
/// # Errors
/// What asking again would not change: the answer was withheld, or cut at the limit of its length.
pub(crate) fn judge(
    expect: &Expect,
    json: Json,
    validator: Option<&Validator>,
    response: &CompletionResponse,
) -> Result<Verdict, ModelError> {
    let finish = match (response.finish_reason(), &response.error) {
        (Some(FinishReason::ContentFilter), _) | (_, Some(_)) => Finish::Refused,
        (Some(FinishReason::Length), _) => Finish::Length,
        (Some(FinishReason::Other(reason)), _) => {
            return Ok(wrong(response, format!("it ended with `{reason}`")));
        }
        _ if response.tool_calls().next().is_some() => Finish::ToolCalls,
        _ => Finish::Stop,
    };
    match (expect, validator) {
        (Expect::Text, _) => text(response, finish),
        (Expect::Decision(decision), _) if decision.tools.is_empty() => text(response, finish),
        (Expect::Decision(decision), _) => decided(decision, response, finish),
        (_, Some(validator)) => written(json, validator, response, finish),
        _ => text(response, finish),
    }
}

fn unusable(message: impl Into<String>) -> ModelError {
    ModelError::new(ModelErrorKind::Response, message)
}

fn withheld(response: &CompletionResponse) -> ModelError {
    let why = response.error.as_deref().unwrap_or("the provider filtered it");
    unusable(format!("the answer was withheld: {why}"))
}

fn cut() -> ModelError {
    unusable("the answer was cut at the limit of its length, which reasoning counts towards; raise `max_tokens`")
}

fn text(response: &CompletionResponse, finish: Finish) -> Result<Verdict, ModelError> {
    let empty = response.text().trim().is_empty();
    match finish {
        Finish::Length if empty => Err(cut()),
        Finish::Refused if empty => Err(withheld(response)),
        _ if empty => Ok(wrong(response, "it is empty".to_owned())),
        _ => Ok(Verdict::Fits { parts: parts(response, &[]), finish, means: Means::Plain }),
    }
}

fn written(
    json: Json,
    validator: &Validator,
    response: &CompletionResponse,
    finish: Finish,
) -> Result<Verdict, ModelError> {
    if finish == Finish::Refused {
        return Err(withheld(response));
    }
    let text = response.text();
    match json::read(&text, validator) {
        // A cut text may close well by chance, or be mended to what was never meant.
        Ok(read) if finish == Finish::Length && read.mended => Err(cut()),
        Err(_) if finish == Finish::Length => Err(cut()),
        Ok(read) => {
            let means = match (read.mended, json) {
                (true, _) => Means::Repaired,
                (false, Json::Schema) => Means::Constrained,
                (false, Json::Syntax | Json::Prompt) => Means::Plain,
            };
            let mut parts = parts(response, &[]);
            parts.retain(|part| matches!(part, Part::Reasoning { .. }));
            parts.push(Part::Text { text: if read.mended { read.value.to_string() } else { text } });
            Ok(Verdict::Fits { parts, finish, means })
        }
        Err(why) => Ok(wrong(response, why)),
    }
}

fn decided(decision: &Decision, response: &CompletionResponse, finish: Finish) -> Result<Verdict, ModelError> {
    let calls: Vec<&Call> = response.tool_calls().collect();
    match finish {
        Finish::Refused => return Err(withheld(response)),
        Finish::Length if calls.is_empty() && response.text().trim().is_empty() => return Err(cut()),
        Finish::Length if calls.is_empty() && !decision.may_finish => return Err(cut()),
        _ => {}
    }
    if calls.is_empty() {
        return match (decision.may_finish, response.text().trim().is_empty()) {
            (_, true) => Ok(wrong(response, "it neither calls a tool nor answers".to_owned())),
            (false, false) => Ok(wrong(response, "it calls no tool".to_owned())),
            (true, false) => Ok(Verdict::Fits { parts: parts(response, &[]), finish, means: Means::Plain }),
        };
    }
    let mut means = Means::NativeTools;
    let mut args = Vec::new();
    for call in &calls {
        let nothing = decision
            .tools
            .iter()
            .find(|tool| tool.name == call.function.name.as_str())
            .is_some_and(|tool| request::takes_nothing(&tool.args_schema));
        let read = match &call.function.invalid_arguments {
            None => Some(call.function.arguments_value()),
            Some(_) if finish == Finish::Length => return Err(cut()),
            Some(written) => {
                means = Means::Repaired;
                json::mended(written).filter(Value::is_object)
            }
        };
        let Some(read) = read else {
            let why = format!("the arguments of `{}` are not a JSON object", call.function.name);
            return Ok(wrong(response, why));
        };
        let empty = read.as_object().is_some_and(serde_json::Map::is_empty);
        args.push(if nothing && empty { Value::Null } else { read });
    }
    Ok(Verdict::Fits { parts: parts(response, &args), finish: Finish::ToolCalls, means })
}

/// An answer as parts, with the arguments of its calls in order.
fn parts(response: &CompletionResponse, args: &[Value]) -> Vec<Part> {
    let mut args = args.iter();
    let part = |content: &AssistantContent| match content {
        AssistantContent::Text(text) if text.text.is_empty() => None,
        AssistantContent::Text(text) => Some(Part::Text { text: text.text.clone() }),
        AssistantContent::Reasoning(reasoning) if reasoning.text.trim().is_empty() => None,
        AssistantContent::Reasoning(reasoning) => Some(Part::Reasoning { text: reasoning.text.clone() }),
        AssistantContent::ToolCall(call) => {
            let (id, tool) = (call.id.to_string(), call.function.name.to_string());
            args.next().map(|args| Part::ToolCall(ToolCall { id, tool, args: args.clone() }))
        }
        other => {
            tracing::debug!(kind = ?std::mem::discriminant(other), "a part of the answer is left out");
            None
        }
    };
    response.choice.iter().filter_map(part).collect()
}

/// An answer that is refused: what the model said, then what was wrong with it.
///
/// Each call gets a result, without which providers take no further request.
fn wrong(response: &CompletionResponse, why: String) -> Verdict {
    let mut turns = Vec::new();
    let said = response.choice.iter().any(AssistantContent::is_answer);
    // It goes back as it came, with the signatures that some providers put on reasoning and calls.
    turns.extend(said.then(|| Turn::from(response.continued(response.choice.clone()))));
    let advice = format!("That can't be used: {why}. Answer again, and put it right.");
    let results: Vec<_> =
        response.tool_calls().map(|call| call.error_result(vec![ToolResultContent::text(advice.clone())])).collect();
    if results.is_empty() {
        request::append(&mut turns, advice);
    } else {
        turns.push(Turn::tool_results(results));
    }
    Verdict::Wrong { why, turns }
}
