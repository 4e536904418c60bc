//! Reading the notation.

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Arg, Either, Limit, Pick, Plan, Reference, Step, StepId, either,
    notation::{ALL, EITHER, END, Vocabulary, by_name, complete, is_search, named, positional},
};
use crate::{
    error::did_you_mean,
    tool::{Argument, ArgumentKind, Path, ToolSpec},
};

/// How deep calls may stand in each other; a plan of this depth was not meant.
const MAX_DEPTH: usize = 16;

/// The most steps that the alternatives of one call make.
const MAX_ALTERNATIVES: usize = 6;

/// A reader at a place in the text.
pub(super) struct Parser<'a> {
    rest: &'a str,
    line: usize,
    vocabulary: &'a Vocabulary<'a>,
    plan: Plan,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, vocabulary: &'a Vocabulary<'a>) -> Self {
        Self { rest: text.trim(), line: 0, vocabulary, plan: Plan::default() }
    }

    pub(super) fn plan(mut self) -> Result<Plan, String> {
        // Models without a grammar like to fence what they write.
        let unfenced = self.rest.strip_prefix("```").and_then(|rest| rest.split_once('\n')).map(|(_, rest)| rest);
        for line in unfenced.unwrap_or(self.rest).lines() {
            self.line += 1;
            self.rest = line.trim();
            if self.rest == END || self.rest.starts_with("```") {
                break;
            } else if let Some(item) = self.rest.strip_prefix('#') {
                self.plan.asked.push(item.trim().to_owned());
            } else if !self.rest.is_empty() {
                self.top().map_err(|wrong| format!("line {} `{}`: {wrong}", self.line, line.trim()))?;
            }
        }
        if self.plan.steps.is_empty() {
            return Err("the plan has no calls".to_owned());
        }
        Ok(self.plan)
    }

    fn top(&mut self) -> Result<(), String> {
        if self.is_tool() {
            let known = self.plan.steps.len();
            let steps = self.call(0)?;
            // Behind alternatives, a call that chooses among the same as one of them says the same again.
            if self.plan.steps.len() > known && steps.iter().any(|step| self.restates(*step)) {
                self.plan.steps.retain(|step| !steps.contains(&step.id));
            }
        } else if self.vocabulary.limits().contains_key(identifier(self.rest)) {
            self.limit()?;
        } else {
            if let Some(word) = identifier(self.rest).strip_prefix(EITHER) {
                self.either(word)?;
                return self.line_end();
            }
            let (source, items) = self.chooser()?;
            let shown = self.choice(&source, items, &Path::default(), true, 0)?;
            self.plan.shown.push(shown);
        }
        self.line_end()
    }

    fn line_end(&mut self) -> Result<(), String> {
        self.skip();
        if self.rest.is_empty() { Ok(()) } else { Err(format!("`{}` is left over behind the call", self.rest)) }
    }

    /// Whether a step calls the same tool with a choice among the same as an alternative before it.
    fn restates(&self, id: StepId) -> bool {
        let Some((step, choice)) = self.plan.step(id).and_then(|step| Some((step, step.choice()?))) else {
            return false;
        };
        let members = self.plan.either.iter().flat_map(|either| &either.steps).filter(|member| **member != id);
        members
            .filter_map(|member| self.plan.step(*member))
            .any(|member| member.tool == step.tool && member.choice().is_some_and(|other| other.steps == choice.steps))
    }

    /// The first identifier inside the brackets that follow the word which stands here.
    fn inner(&self) -> &'a str {
        let after = self.rest.get(identifier(self.rest).len()..).unwrap_or_default().trim_start();
        identifier(after.strip_prefix('(').unwrap_or_default().trim_start())
    }

    /// Alternatives, of which one is made: `either_cheapest(book_train(…),book_flight(…))`.
    fn either(&mut self, word: &str) -> Result<(), String> {
        self.advance(EITHER.len() + word.len());
        self.expect('(')?;
        let (mut steps, mut meant) = (Vec::new(), None);
        loop {
            self.skip();
            let name = identifier(self.rest);
            let tool = self.vocabulary.tool(name).ok_or_else(|| self.unknown_tool(name))?;
            let pick = either::pick(word, tool, self.vocabulary)?;
            if meant.get_or_insert_with(|| pick.clone()) != &pick {
                return Err(format!("`{word}` means something else for {name} than for what stands before it"));
            }
            let step = self.one_call(1)?;
            if steps.contains(&step) {
                return Err("an alternative stands there twice".to_owned());
            }
            steps.push(step);
            if self.accept(')') {
                break;
            }
            self.expect(',')?;
        }
        // One that stood on a line of its own before is an alternative from here on.
        let item = self.plan.asked.len().checked_sub(1);
        for step in self.plan.steps.iter_mut().filter(|step| steps.contains(&step.id)) {
            step.item = item;
        }
        let pick = meant.unwrap_or(Pick::First);
        self.plan.either.push(Either { steps, pick });
        Ok(())
    }

    fn limit(&mut self) -> Result<(), String> {
        let word = identifier(self.rest).to_owned();
        self.advance(word.len());
        self.expect('(')?;
        self.skip();
        let number = self.literal().and_then(|(value, read)| Some((value.as_f64()?, read)));
        let (most, read) = number.ok_or_else(|| format!("`{word}` takes a number, not {}", self.here()))?;
        self.advance(read);
        self.expect(')')?;
        self.plan.limits.push(Limit { word, most });
        Ok(())
    }

    fn is_tool(&self) -> bool {
        self.vocabulary.tool(identifier(self.rest)).is_some()
    }

    /// The tool among whose items a choice at the top of a line chooses, known from the first call inside it.
    fn chooser(&self) -> Result<(String, Path), String> {
        let (word, source) = (identifier(self.rest), self.inner());
        match self.vocabulary.tool(source).map(|tool| tool.items.as_ref()) {
            Some(Some(items)) => Ok((source.to_owned(), items.path.clone())),
            Some(None) => Err(format!("`{word}` has nothing to choose from: {source} finds no list")),
            None => Err(self.unknown_tool(word)),
        }
    }

    fn unknown_tool(&self, name: &str) -> String {
        let known = self.vocabulary.tools.iter().map(|tool| tool.name.as_str());
        let hint = did_you_mean(name, known.clone())
            .unwrap_or_else(|| format!("there are {}", known.collect::<Vec<_>>().join(", ")));
        format!("there is no tool `{name}`; {hint}")
    }

    /// The one step of a call that gives no alternatives.
    fn one_call(&mut self, depth: usize) -> Result<StepId, String> {
        match self.call(depth)?[..] {
            [step] => Ok(step),
            _ => Err("alternatives can only stand in a choice among what is found".to_owned()),
        }
    }

    /// The steps of a call: one for each of the alternatives that its arguments give.
    fn call(&mut self, depth: usize) -> Result<Vec<StepId>, String> {
        if depth > MAX_DEPTH {
            return Err(format!("calls stand in each other more than {MAX_DEPTH} deep"));
        }
        let name = identifier(self.rest);
        let tool = self.vocabulary.tool(name).ok_or_else(|| self.unknown_tool(name))?;
        self.advance(name.len());
        self.expect('(')?;
        let mut args = IndexMap::new();
        let mut order = positional(tool);
        while !self.accept(')') {
            if !args.is_empty() {
                self.expect(',')?;
            }
            self.skip();
            let argument = match self.keyword() {
                Some(name) => {
                    let argument = tool.argument(name).ok_or_else(|| unknown_argument(tool, name))?;
                    self.advance(name.len());
                    self.expect('=')?;
                    argument
                }
                None => {
                    order.by_ref().find(|argument| !args.contains_key(&argument.name)).ok_or_else(|| too_many(tool))?
                }
            };
            let mut values = vec![self.argument(argument, depth)?];
            while self.accept('|') {
                if !is_search(tool) {
                    return Err(format!(
                        "`{}` of {} takes one value; only searches take `|`",
                        argument.name, tool.name
                    ));
                }
                values.push(self.argument(argument, depth)?);
            }
            args.insert(argument.name.clone(), values);
        }
        let all = combinations(args);
        if all.len() > MAX_ALTERNATIVES {
            return Err(format!(
                "the call of {} has {} alternatives; {MAX_ALTERNATIVES} are allowed",
                tool.name,
                all.len()
            ));
        }
        let steps = all.into_iter().map(|mut args| {
            for argument in positional(tool) {
                args.entry(argument.name.clone()).or_insert(Arg::Unsaid);
            }
            complete(tool, &mut args);
            self.add(tool, args)
        });
        Ok(steps.collect())
    }

    /// The step of this call; the same call twice is one step.
    fn add(&mut self, tool: &ToolSpec, args: IndexMap<String, Arg>) -> StepId {
        if let Some(same) = self.plan.steps.iter().find(|step| step.tool == tool.name && step.args == args) {
            return same.id;
        }
        let id = StepId(u32::try_from(self.plan.steps.len()).unwrap_or(u32::MAX).saturating_add(1));
        let item = self.plan.asked.len().checked_sub(1);
        self.plan.steps.push(Step { id, tool: tool.name.clone(), args, needs: Vec::new(), item });
        id
    }

    fn argument(&mut self, argument: &Argument, depth: usize) -> Result<Arg, String> {
        self.skip();
        if identifier(self.rest) == "null" {
            self.advance("null".len());
            return Ok(Arg::Unsaid);
        }
        if let ArgumentKind::Grounded { tool, path } = &argument.kind {
            let (items, field) = path.split_at_items();
            let chosen = self.choice(tool, items, &field, false, depth)?;
            let many = argument.takes_list();
            if chosen.pick == Pick::All && !many {
                return Err(format!("`{}` takes one, not `{ALL}` of them", argument.name));
            }
            return Ok(Arg::From(Reference { many, ..chosen }));
        }
        let name = identifier(self.rest);
        if let Some(value) = named(self.vocabulary, name) {
            self.advance(name.len());
            return Ok(Arg::Literal(value));
        }
        match self.literal() {
            Some((value, read)) => {
                self.advance(read);
                Ok(Arg::Literal(value))
            }
            None => Err(format!(
                "`{}` can't be {}; write a value, or null if the request does not say",
                argument.name,
                self.here()
            )),
        }
    }

    /// The JSON value that begins here, and its length.
    fn literal(&self) -> Option<(Value, usize)> {
        if self.rest.starts_with(['"', '[', '{']) {
            let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
            return Some((values.next()?.ok()?, values.byte_offset()));
        }
        // A number or a word ends where the argument does.
        let word = self.rest.split([',', ')', '|']).next()?.trim_end();
        Some((serde_json::from_str(word).ok()?, word.len()))
    }

    /// A choice among what calls of `source` find; if `mixed`, other tools' calls may stand beside them.
    fn choice(
        &mut self,
        source: &str,
        items: Path,
        field: &Path,
        mixed: bool,
        depth: usize,
    ) -> Result<Reference, String> {
        let tool = self.vocabulary.tool(source).ok_or_else(|| self.unknown_tool(source))?;
        let of = |steps, pick| Reference { steps, items: items.clone(), field: field.clone(), pick, many: false };
        let word = identifier(self.rest);
        if word == source && tool.items.as_ref().is_none_or(|list| list.path != items) {
            return Ok(of(vec![self.one_call(depth + 1)?], Pick::Only));
        }
        let mut picks = tool.items.iter().flat_map(Vocabulary::picks).chain([(ALL, Pick::All)]);
        let Some((_, pick)) = picks.find(|(known, _)| *known == word) else {
            let listed = tool.items.iter().filter(|list| list.path == items);
            let ways: Vec<String> =
                listed.flat_map(Vocabulary::picks).map(|(word, _)| format!("{word}({source}(…))")).collect();
            let ways = if ways.is_empty() { format!("{source}(…)") } else { ways.join(" or ") };
            return Err(format!("{} does not choose from {source}; write {ways}", self.here()));
        };
        self.advance(word.len());
        self.expect('(')?;
        let mut steps = Vec::new();
        loop {
            self.skip();
            let called = identifier(self.rest);
            let same = |tool: &ToolSpec| {
                let list = tool.items.as_ref().filter(|list| list.path == items);
                list.is_some_and(|list| Vocabulary::picks(list).any(|(known, same)| known == word && same == pick))
            };
            if called != source && !(mixed && self.vocabulary.tool(called).is_some_and(same)) {
                return Err(format!("{} is no call of {source}", self.here()));
            }
            for step in self.call(depth + 1)? {
                if !steps.contains(&step) {
                    steps.push(step);
                }
            }
            if self.accept(')') {
                return Ok(of(steps, pick));
            }
            self.expect(',')?;
        }
    }

    /// The name before a `=`, if the argument is given by name.
    fn keyword(&self) -> Option<&'a str> {
        let name = identifier(self.rest);
        let after = self.rest.get(name.len()..)?.trim_start();
        (!name.is_empty() && after.starts_with('=')).then_some(name)
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn accept(&mut self, wanted: char) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.accept(wanted) { Ok(()) } else { Err(format!("`{wanted}` is missing before {}", self.here())) }
    }

    /// What stands here, shortened for a message.
    fn here(&self) -> String {
        let word = match self.rest.find([',', '(', ')']) {
            Some(0) => self.rest.get(..1),
            Some(end) => self.rest.get(..end),
            None => Some(self.rest),
        };
        match word.unwrap_or_default().trim_end() {
            "" => "the end of the line".to_owned(),
            word => format!("`{}`", word.chars().take(40).collect::<String>()),
        }
    }
}

/// Each way to take one value of each argument.
fn combinations(args: IndexMap<String, Vec<Arg>>) -> Vec<IndexMap<String, Arg>> {
    args.into_iter().fold(vec![IndexMap::new()], |all, (name, values)| {
        let with = |args: &IndexMap<String, Arg>, value: &Arg| {
            let mut args = args.clone();
            args.insert(name.clone(), value.clone());
            args
        };
        all.iter().flat_map(|args| values.iter().map(|value| with(args, value)).collect::<Vec<_>>()).collect()
    })
}

/// The word at the beginning of `text`.
fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn unknown_argument(tool: &ToolSpec, name: &str) -> String {
    let known = tool.arguments.iter().map(|argument| argument.name.as_str());
    let hint = did_you_mean(name, known.clone())
        .unwrap_or_else(|| format!("it takes {}", known.collect::<Vec<_>>().join(", ")));
    format!("`{}` takes no `{name}`; {hint}", tool.name)
}

fn too_many(tool: &ToolSpec) -> String {
    let named: Vec<String> = by_name(tool).map(|argument| format!("{}=…", argument.name)).collect();
    let count = positional(tool).count();
    if named.is_empty() {
        format!("`{}` takes {count} arguments", tool.name)
    } else {
        format!("`{}` takes {count} arguments in order, others by name: {}", tool.name, named.join(", "))
    }
}
