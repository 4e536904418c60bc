//! How an expectation is put to a server, and what its answer then means.

use std::borrow::Cow;

use cicerone_core::{
    message::{Part, ToolCall},
    model::{Decided, Decision, Expect, Finish, Means, ModelError, ModelErrorKind, Request},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    assembly::Assembly,
    concession::{Conceded, Concession},
    dialect::Dialect,
    reading::{self, Wrong},
    schema::{self, Lowered},
    spoken,
};

/// The form of one request.
#[derive(Debug)]
pub(crate) enum Form<'r> {
    /// Text, unbound.
    Text,
    /// Text of a grammar in GBNF.
    Grammar(&'r str),
    /// The server's own tool calls.
    Tools { decision: &'r Decision, lowered: Vec<Lowered> },
    /// JSON under a schema that the server is given.
    Held { shape: Shape<'r>, lowered: Lowered },
    /// JSON that is asked for in words.
    Written { shape: Shape<'r> },
}

/// What an answer in JSON has to be.
#[derive(Debug)]
pub(crate) struct Shape<'r> {
    pub(crate) schema: Cow<'r, Value>,
    /// Set if it is a decision.
    pub(crate) decision: Option<&'r Decision>,
}

impl<'r> Form<'r> {
    /// The strongest form that the server is not known to refuse.
    pub(crate) fn of(expect: &'r Expect, dialect: Dialect, conceded: Conceded) -> Result<Self, ModelError> {
        let may_be_strict = !conceded.has(Concession::Strict);
        let json = |shape: Shape<'r>| {
            if dialect == Dialect::Plain || conceded.has(Concession::ResponseFormat) {
                return Self::Written { shape };
            }
            let lowered = schema::of_answer(&shape.schema, dialect, may_be_strict);
            Self::Held { shape, lowered }
        };
        match expect {
            Expect::Text => Ok(Self::Text),
            Expect::Json(schema) => Ok(json(Shape { schema: Cow::Borrowed(schema), decision: None })),
            Expect::Grammar(grammar) if dialect == Dialect::LlamaCpp => {
                grammar.gbnf.as_deref().map(Self::Grammar).ok_or_else(|| {
                    let message = "llama.cpp takes grammars in GBNF, and this one is in Lark only; add it with `Grammar::with_gbnf`";
                    ModelError::new(ModelErrorKind::Request, message)
                })
            }
            Expect::Grammar(_) => {
                let message = "this server can't hold a model to a grammar, only llama.cpp's can; ask for JSON or a decision";
                Err(ModelError::new(ModelErrorKind::Request, message))
            }
            Expect::Decision(decision) if decision.tools.is_empty() => Ok(Self::Text),
            Expect::Decision(decision) if dialect == Dialect::Plain || conceded.has(Concession::Tools) => {
                Ok(json(Shape { schema: Cow::Owned(decision.schema()), decision: Some(decision) }))
            }
            Expect::Decision(decision) => {
                let lowered = decision.tools.iter();
                let lowered = lowered.map(|tool| schema::of_arguments(&tool.args_schema, dialect, may_be_strict)).collect();
                Ok(Self::Tools { decision, lowered })
            }
            _ => {
                let message = "this version of the adapter does not know what the request expects; update it";
                Err(ModelError::new(ModelErrorKind::Request, message))
            }
        }
    }

    /// Whether `strict` is asked for, so that it could be given up.
    pub(crate) fn is_strict(&self) -> bool {
        match self {
            Self::Tools { lowered, .. } => lowered.iter().any(|tool| tool.strict),
            Self::Held { lowered, .. } => lowered.strict,
            _ => false,
        }
    }

    /// Whether calls and results stand in the conversation as text.
    pub(crate) fn is_written(&self) -> bool {
        let shape = match self {
            Self::Held { shape, .. } | Self::Written { shape } => shape,
            _ => return false,
        };
        shape.decision.is_some() || matches!(self, Self::Written { .. })
    }

    /// What the model has to be told, where the server does not hold it to the form or it is a form of our own.
    pub(crate) fn instruction(&self) -> Option<String> {
        let shape = match self {
            Self::Written { shape } => shape,
            Self::Held { shape, .. } if shape.decision.is_some() => shape,
            _ => return None,
        };
        let tools = shape.decision.map(|decision| {
            let lines: Vec<String> =
                decision.tools.iter().map(|tool| format!("- {}: {}\n", tool.name, tool.description)).collect();
            format!("Decide what to do next. You can call these tools, one or more at once:\n{}\n", lines.concat())
        });
        let tools = tools.unwrap_or_default();
        let schema = &shape.schema;
        Some(format!(
            "{tools}Write one JSON object that follows this JSON Schema, and nothing before or after it:\n{schema}"
        ))
    }

    /// What an answer in this form means.
    pub(crate) fn read(&self, answer: Assembly, request: &Request) -> Result<(Vec<Part>, Means), Wrong> {
        let finish = answer.finish();
        let reasoning = (!answer.reasoning.is_empty()).then(|| Part::Reasoning { text: answer.reasoning.clone() });
        let text = |means: Means, text: String| {
            let said = (!text.is_empty()).then_some(Part::Text { text });
            Ok((reasoning.iter().cloned().chain(said).collect(), means))
        };
        match self {
            _ if finish == Finish::Refused => text(Means::Plain, answer.text),
            Self::Text => text(Means::Plain, answer.text),
            Self::Grammar(_) => text(Means::Constrained, answer.text),
            Self::Tools { decision, .. } => {
                let (parts, repaired) = calls(answer, decision, request)?;
                let means = if repaired { Means::Repaired } else { Means::NativeTools };
                Ok((reasoning.into_iter().chain(parts).collect(), means))
            }
            Self::Held { shape, lowered } => {
                let means = if lowered.strict { Means::Constrained } else { Means::Plain };
                let (parts, means) = shape.read(answer.text, finish, lowered.wrapped, means, request)?;
                Ok((reasoning.into_iter().chain(parts).collect(), means))
            }
            Self::Written { shape } => {
                let (parts, means) = shape.read(answer.text, finish, false, Means::Plain, request)?;
                Ok((reasoning.into_iter().chain(parts).collect(), means))
            }
        }
    }
}

impl Shape<'_> {
    fn read(
        &self,
        text: String,
        finish: Finish,
        wrapped: bool,
        means: Means,
        request: &Request,
    ) -> Result<(Vec<Part>, Means), Wrong> {
        if finish == Finish::Length {
            // Mending would make a whole of what is a part. A policy sees that JSON is cut; of a decision nothing is left.
            return match self.decision {
                None => Ok((vec![Part::Text { text }], means)),
                Some(_) => Err(Wrong::Final(cut(request))),
            };
        }
        let (written, repaired) = reading::json(&text).map_err(Wrong::Again)?;
        let bare = if wrapped { schema::unwrap(written.clone()) } else { written.clone() };
        let value = schema::lift(bare, &self.schema);
        reading::check(&value, &self.schema)?;
        let means = if repaired { Means::Repaired } else { means };
        let parts = match self.decision {
            Some(_) => Decided::deserialize(value)
                .map_err(|error| Wrong::Again(format!("this is no decision: {error}")))?
                .into_parts(),
            None if !repaired && value == written => vec![Part::Text { text }],
            None => vec![Part::Text { text: value.to_string() }],
        };
        Ok((parts, means))
    }
}

/// The parts of an answer with native tool calls, and whether anything had to be mended.
fn calls(answer: Assembly, decision: &Decision, request: &Request) -> Result<(Vec<Part>, bool), Wrong> {
    let finish = answer.finish();
    let mut parts: Vec<Part> = Vec::new();
    let mut mended = false;
    let mut wanted: Vec<(String, String, Value)> = Vec::new();
    if answer.calls.is_empty() {
        let spoken = spoken::calls(&answer.text, decision).filter(|_| finish != Finish::Length);
        if spoken.is_none() && !decision.may_finish {
            let again = || Wrong::Again("it calls no tool, but one has to be called".to_owned());
            return Err(if finish == Finish::Length { Wrong::Final(cut(request)) } else { again() });
        }
        mended = spoken.is_some();
        wanted.extend(spoken.into_iter().flatten().map(|(name, args)| (String::new(), name, args)));
    }
    if !mended && !answer.text.is_empty() {
        parts.push(Part::Text { text: answer.text });
    }
    for call in answer.calls {
        let args = match call.arguments.trim() {
            "" => Value::Object(serde_json::Map::new()),
            text => match serde_json::from_str(text) {
                Ok(args) => args,
                Err(_) if finish == Finish::Length => return Err(Wrong::Final(cut(request))),
                Err(_) => {
                    let wrong = |why| Wrong::Again(format!("the arguments of `{}` can't be read: {why}", call.name));
                    mended = true;
                    reading::json(text).map_err(wrong)?.0
                }
            },
        };
        wanted.push((call.id, call.name, args));
    }
    let mut ids: Vec<String> = Vec::new();
    for (id, tool, args) in wanted {
        let schema = decision.tools.iter().find(|offered| offered.name == tool).map(|offered| &offered.args_schema);
        let args = match schema {
            Some(schema) => schema::lift(args, schema),
            None => args,
        };
        // Some servers begin to count anew in each answer; a result must find its one call in the whole conversation.
        let used = id.is_empty() || ids.contains(&id) || has_call(request, &id);
        let id = if used { ToolCall::new_id() } else { id };
        ids.push(id.clone());
        parts.push(Part::ToolCall(ToolCall { id, tool, args }));
    }
    Ok((parts, mended))
}

fn has_call(request: &Request, id: &str) -> bool {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    parts.into_iter().any(|part| matches!(part, Part::ToolCall(call) if call.id == id))
}

fn cut(request: &Request) -> ModelError {
    let most = request.sampling.max_tokens;
    let message = format!(
        "the model's decision was cut at the limit of output tokens (at most {most} were asked for), so it can't be read; raise `Sampling::max_tokens`"
    );
    ModelError::new(ModelErrorKind::Response, message)
}
