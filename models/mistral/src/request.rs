//! From a request to mistral.rs's.

use cicerone_core::{
    message::{Message, Part, Role},
    model::{Expect, Request},
};
use mistralrs::{Constraint, RequestBuilder, StopTokens, TextMessageRole, TextMessages};
use serde_json::json;

use crate::schema;

/// The messages of a request, for counting their tokens.
pub(crate) fn texts(request: &Request) -> TextMessages {
    request.messages.iter().fold(TextMessages::new(), |all, message| all.add_message(role(message.role), text(message)))
}

/// The request in mistral.rs's words.
pub(crate) fn lower(request: &Request, stop: &[u32]) -> RequestBuilder {
    let messages = request
        .messages
        .iter()
        .fold(RequestBuilder::new(), |all, message| all.add_message(role(message.role), text(message)));
    let constraint = match &request.expect {
        Expect::Json(schema) => Constraint::JsonSchema(schema::bounded(schema)),
        Expect::Grammar(grammar) => Constraint::Lark(grammar.lark.to_string()),
        Expect::Decision(decision) => Constraint::JsonSchema(schema::bounded(&decision.schema())),
        _ => Constraint::None,
    };
    // Choosing the sampler replaces all its parameters, so it comes before limits and stop tokens.
    let sampled = if request.sampling.temperature > 0.0 {
        messages
            .set_sampling(mistralrs::SamplingParams::neutral())
            .set_sampler_temperature(request.sampling.temperature)
    } else {
        messages.set_deterministic_sampler()
    };
    sampled
        .set_constraint(constraint)
        .set_sampler_max_len(request.sampling.max_tokens as usize)
        .set_sampler_stop_toks(StopTokens::Ids(stop.to_vec()))
}

fn role(role: Role) -> TextMessageRole {
    match role {
        Role::System => TextMessageRole::System,
        Role::Assistant => TextMessageRole::Assistant,
        // Not every chat template knows results of tools; all know the user.
        Role::User | Role::Tool => TextMessageRole::User,
    }
}

/// A message as text: what the model said is given back in the form in which it said it.
fn text(message: &Message) -> String {
    let calls: Vec<_> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(json!({ "tool": call.tool, "args": call.args })),
            _ => None,
        })
        .collect();
    let thought = message.parts.iter().find_map(|part| match part {
        Part::Reasoning { text } => Some(text.as_str()),
        _ => None,
    });
    if !calls.is_empty() {
        return json!({ "thought": thought.unwrap_or_default(), "calls": calls }).to_string();
    }
    let results: Vec<&str> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolResult { content, .. } => Some(content.as_str()),
            _ => None,
        })
        .collect();
    if results.is_empty() { message.text() } else { format!("Results:\n{}", results.join("\n")) }
}
