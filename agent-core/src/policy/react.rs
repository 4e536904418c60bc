//! Think, act, observe: the policy for open-ended work.

use std::{borrow::Cow, sync::Arc};

use cicerone_prompts::{PromptError, Template, builtin};
use serde_json::{Value, json};

use super::{
    Ask, Kit, Move, Policy, Propose,
    plan_execute::{answer_expected, answered, failed, with_findings, with_notes},
    report::{MAX_SHOWN, cut},
};
use crate::{
    error::{Error, ErrorKind, did_you_mean},
    event::{End, Purpose, RunStarted, ToolResult},
    message::{Message, Part, Role, ToolCall},
    model::{Decision, Expect},
    plan::notation::{self, refusal},
    reading::{Mention, MentionKind},
    state::State,
    tool::{ArgumentKind, ToolErrorKind, ToolSpec},
};

/// The model decides after each observation what to do next.
///
/// A grounded argument can only be a value that an earlier output of this run holds: the schema under which the model
/// decodes lists those values, and they are checked again before the call. A tool whose grounded argument has no
/// value yet is not offered.
#[derive(Clone, Debug)]
pub struct ReAct {
    prompt: Template,
    rejected: Template,
    tries: u32,
    shown: usize,
    until: Vec<String>,
}

impl Default for ReAct {
    fn default() -> Self {
        Self {
            prompt: builtin::REACT.clone(),
            rejected: builtin::REJECTED.clone(),
            tries: 3,
            shown: MAX_SHOWN,
            until: Vec::new(),
        }
    }
}

impl ReAct {
    /// Replaces the prompt that instructs the model. It gets the same variables.
    #[must_use]
    pub fn prompt(mut self, template: Template) -> Self {
        self.prompt = template;
        self
    }

    /// Replaces what tells the model that its answer can't be used. It gets `reason`, and `calls`, the calls of that
    /// answer, each with `tool`, `args` and whether the tool is `known`.
    #[must_use]
    pub fn rejected(mut self, template: Template) -> Self {
        self.rejected = template;
        self
    }

    /// How many answers in a row may be of no use before the run is given up: 3 unless said otherwise.
    #[must_use]
    pub fn tries(mut self, most: u32) -> Self {
        self.tries = most;
        self
    }

    /// How many characters of one output the model is shown: 2,000 unless said otherwise, which suits small models.
    #[must_use]
    pub fn shown(mut self, most: usize) -> Self {
        self.shown = most;
        self
    }

    /// Ends the run with the output of this tool as its answer, once it is called: a hand-over to somebody else, after
    /// which the model has nothing more to say. A call of it that fails ends nothing.
    #[must_use]
    pub fn until(mut self, tool: impl Into<String>) -> Self {
        self.until.push(tool.into());
        self
    }

    fn prefix(&self, kit: &Kit) -> Result<Message, PromptError> {
        let tools: Vec<Value> = kit
            .tools
            .specs()
            .iter()
            .map(|tool| {
                json!({
                    "signature": notation::signature(tool), "name": tool.name,
                    "description": tool.description, "schema": tool.args_schema,
                })
            })
            .collect();
        let text = self.prompt.render(json!({ "instructions": kit.instructions, "tools": tools }))?;
        Ok(Message::system(text.trim()))
    }

    fn ask(&self, started: &RunStarted, state: &State, kit: &Kit) -> Result<Move, PromptError> {
        let expect = Expect::Decision(Decision { tools: offered(state, kit), may_finish: true });
        let messages = if state.conversation.is_empty() {
            let mut messages = vec![self.prefix(kit)?];
            messages.extend(started.history.iter().cloned());
            messages.push(Message::user(with_findings(with_notes(&started.task, &started.mentions), started)));
            messages
        } else if let Some(reason) = rejection(state) {
            vec![self.reject(reason, state, kit)?]
        } else {
            self.observations(state)
        };
        Ok(Move::Ask(Ask { purpose: Purpose::Decide, keep: state.conversation.len(), messages, expect }))
    }

    /// What tells the model why its last answer can't be used: each tool call has its one result, this one too.
    fn reject(&self, reason: &str, state: &State, kit: &Kit) -> Result<Message, PromptError> {
        let calls = || state.conversation.last().into_iter().flat_map(|said| tool_calls(&said.parts));
        let made: Vec<Value> = calls()
            .map(|call| json!({ "tool": call.tool, "args": call.args, "known": kit.tools.get(&call.tool).is_some() }))
            .collect();
        let told = self.rejected.render(json!({ "reason": reason, "calls": made }))?;
        let parts: Vec<Part> = calls()
            .map(|call| Part::ToolResult { id: call.id.clone(), content: told.trim().to_owned(), is_error: true })
            .collect();
        Ok(if parts.is_empty() { Message::user(told.trim()) } else { Message { role: Role::Tool, parts } })
    }

    /// The results of the calls that the last answer asked for.
    fn observations(&self, state: &State) -> Vec<Message> {
        let Some((_, _, response)) = &state.answer else { return Vec::new() };
        let parts: Vec<Part> = tool_calls(&response.parts)
            .filter_map(|call| {
                let (content, is_error) = state.call_of_model(&call.id)?.result()?.told();
                let content = if is_error { content } else { cut(&content, self.shown) };
                Some(Part::ToolResult { id: call.id.clone(), content, is_error })
            })
            .collect();
        vec![Message { role: Role::Tool, parts }]
    }

    /// What the last answer's call of a tool that ends the run returned.
    fn last_word(&self, parts: &[Part], state: &State) -> Option<String> {
        let mut ending = tool_calls(parts).filter(|call| self.until.contains(&call.tool));
        ending.find_map(|call| Some(told(state.call_of_model(&call.id)?.output()?).into_owned()))
    }

    fn typed_answer(&self, started: &RunStarted, state: &State, kit: &Kit) -> Result<Move, PromptError> {
        let expect = answer_expected(started);
        let messages = vec![match rejection(state) {
            Some(reason) => self.reject(reason, state, kit)?,
            None => Message::user("Give the answer as JSON."),
        }];
        Ok(Move::Ask(Ask { purpose: Purpose::Answer, keep: state.conversation.len(), messages, expect }))
    }

    /// What the model's decision means.
    fn interpret(
        &self,
        parts: &[Part],
        started: &RunStarted,
        state: &State,
        kit: &Kit,
    ) -> Result<Vec<Move>, PromptError> {
        let calls: Vec<&ToolCall> = tool_calls(parts).collect();
        if calls.is_empty() {
            let text = crate::message::text_of(parts);
            return Ok(vec![if text.trim().is_empty() {
                Move::Reject("it neither calls a tool nor answers".to_owned())
            } else if started.output_schema.is_some() {
                self.typed_answer(started, state, kit)?
            } else {
                Move::Finish(End::Completed { answer: text.trim().to_owned(), output: None })
            }]);
        }
        if let Some(twice) = calls.iter().enumerate().find(|(at, call)| calls.iter().take(*at).any(|c| c.id == call.id))
        {
            return Ok(vec![Move::Reject(format!("two calls have the id `{}`", twice.1.id))]);
        }
        let open: Vec<&&ToolCall> = calls.iter().filter(|call| state.call_of_model(&call.id).is_none()).collect();
        if let Some(wrong) = open.iter().find_map(|call| check(call, state, kit).err()) {
            return Ok(vec![Move::Reject(wrong)]);
        }
        let calls = open
            .into_iter()
            .map(|call| {
                Move::Call(Propose {
                    step: None,
                    model_call: Some(call.id.clone()),
                    tool: call.tool.clone(),
                    args: call.args.clone(),
                })
            })
            .collect();
        Ok(calls)
    }

    /// The moves after an answer, or at the beginning.
    fn go_on(&self, started: &RunStarted, state: &State, kit: &Kit) -> Result<Vec<Move>, PromptError> {
        if let Some((_, purpose, response)) = &state.answer {
            if *purpose == Purpose::Answer {
                return Ok(vec![answered(&response.content(), started)]);
            }
            let moves = self.interpret(&response.parts, started, state, kit)?;
            let running = state.open_calls().next().is_some();
            if !moves.is_empty() || running {
                return Ok(moves);
            }
            let results = tool_calls(&response.parts).filter_map(|call| state.call_of_model(&call.id)?.result());
            let questions: Vec<String> = results.filter_map(question).collect();
            if !questions.is_empty() {
                return Ok(vec![Move::Finish(End::NeedsInput { questions })]);
            }
            // A typed answer is made of what was seen, so the model sees it first.
            if started.output_schema.is_none()
                && let Some(answer) = self.last_word(&response.parts, state)
            {
                return Ok(vec![Move::Finish(End::Completed { answer, output: None })]);
            }
        } else if state.rejected == Some(Purpose::Answer) && rejection(state).is_some() {
            return Ok(vec![self.typed_answer(started, state, kit)?]);
        }
        Ok(vec![self.ask(started, state, kit)?])
    }
}

impl Policy for ReAct {
    fn name(&self) -> &'static str {
        "react"
    }

    fn prepare(&self, kit: &Kit) -> Result<(), Error> {
        if let Some(unknown) = self.until.iter().find(|tool| kit.tools.get(tool).is_none()) {
            let message = format!("a run is to end with `{unknown}`, which is no tool of the agent");
            let hint = did_you_mean(unknown, kit.tools.specs().iter().map(|tool| tool.name.as_str()));
            let error = Error::new(ErrorKind::Configuration, message);
            return Err(error.with_hint(hint.unwrap_or_else(|| format!("add the tool `{unknown}`"))));
        }
        self.prefix(kit)
            .map(|_| ())
            .map_err(|error| Error::new(ErrorKind::Configuration, format!("the prompt can't be rendered: {error}")))
    }

    fn next(&self, state: &State, kit: &Kit) -> Vec<Move> {
        let Some(started) = &state.started else { return Vec::new() };
        if state.asking.is_some() {
            return Vec::new();
        }
        if let Some(message) = &state.model_failure {
            return vec![failed(ErrorKind::Model, message.clone())];
        }
        if state.rejections >= self.tries {
            let why = state.rejection.as_deref().unwrap_or("no reason is known");
            return vec![failed(ErrorKind::Model, format!("no usable answer in {} tries: {why}", self.tries))];
        }
        self.go_on(started, state, kit).unwrap_or_else(|error| {
            vec![failed(ErrorKind::Configuration, format!("a prompt can't be rendered: {error}"))]
        })
    }
}

fn tool_calls(parts: &[Part]) -> impl Iterator<Item = &ToolCall> {
    parts.iter().filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None })
}

/// Why the last answer can't be used, if it was rejected.
fn rejection(state: &State) -> Option<&str> {
    state.rejection.as_deref().filter(|_| state.rejections > 0 && state.answer.is_none())
}

/// What a tool wants to know of the user.
fn question(result: &ToolResult) -> Option<String> {
    match result {
        ToolResult::Failed { kind: ToolErrorKind::Ask, message } => Some(message.clone()),
        _ => None,
    }
}

/// An output as the model reads it: a text as it is, anything else as JSON.
fn told(output: &Value) -> Cow<'_, str> {
    output.as_str().map_or_else(|| output.to_string().into(), Cow::from)
}

/// The tools that can be called now, their grounded arguments narrowed to what has been seen.
fn offered(state: &State, kit: &Kit) -> Vec<Arc<ToolSpec>> {
    let allowed = kit.tools.specs().iter().filter(|spec| refusal(mentions(state), spec).is_none());
    allowed.filter_map(|spec| narrowed(spec, state)).collect()
}

/// What code read in the request.
fn mentions(state: &State) -> &[Mention] {
    state.started.as_ref().map(|started| started.mentions.as_slice()).unwrap_or_default()
}

fn narrowed(spec: &Arc<ToolSpec>, state: &State) -> Option<Arc<ToolSpec>> {
    let grounded: Vec<(&str, Vec<Value>, bool)> = spec
        .arguments
        .iter()
        .filter_map(|argument| match &argument.kind {
            ArgumentKind::Grounded { tool, path } => {
                Some((argument.name.as_str(), state.seen(tool, path), argument.required))
            }
            _ => None,
        })
        .collect();
    if grounded.is_empty() {
        return Some(Arc::clone(spec));
    }
    let mut spec = ToolSpec::clone(spec);
    for (name, values, required) in grounded {
        if values.is_empty() && required {
            return None;
        }
        let Some(Value::Object(properties)) = spec.args_schema.get_mut("properties") else { continue };
        if values.is_empty() {
            properties.shift_remove(name);
        } else if let Some(argument) = properties.get_mut(name) {
            let list = argument.get("type").and_then(Value::as_str) == Some("array");
            let one = json!({ "enum": values });
            *argument =
                if list { json!({ "type": "array", "items": one, "minItems": 1, "maxItems": 24 }) } else { one };
        }
    }
    Some(Arc::new(spec))
}

fn check(call: &ToolCall, state: &State, kit: &Kit) -> Result<(), String> {
    let Some(tool) = kit.tools.get(&call.tool) else {
        let known = kit.tools.specs().iter().map(|tool| tool.name.as_str());
        let hint = did_you_mean(&call.tool, known.clone())
            .unwrap_or_else(|| format!("there are {}", known.collect::<Vec<_>>().join(", ")));
        return Err(format!("there is no tool `{}`; {hint}", call.tool));
    };
    match refusal(mentions(state), tool.spec()) {
        Some(MentionKind::NoWrites) => {
            return Err(format!("`{}` can't be called: the request says to change nothing", call.tool));
        }
        Some(_) => return Err(format!("`{}` can't be called: the request can't mean it", call.tool)),
        None => {}
    }
    tool.validate(&call.args)?;
    state.check_grounded(&call.args, tool.spec())
}
