//! The grammar under which a small model writes the notation.
//!
//! It is made for one request: a date can only be one that code read in the request, a number one that stands there,
//! a text a piece of it, and a grounded argument a choice among what a search finds. What the grammar lets through is
//! a valid plan.

mod gbnf;
mod lark;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    either::{self, MAX_ALTERNATIVES},
    notation::{ALL, ANY, EITHER, END, Vocabulary, alternates, by_name, positional},
};
use crate::{
    model::Grammar,
    reading::MentionKind,
    tool::{Argument, ArgumentKind, OutputItems, ToolSpec},
};

/// The most items that a plan's list of what was asked may have, so that no model lists without end.
const MAX_ITEMS: usize = 10;
/// The most calls that serve one item.
const MAX_CALLS: usize = 4;
/// The most characters of a text that the model composes.
const MAX_COMPOSED: usize = 400;

/// The grammar of all plans for one request.
#[must_use]
pub fn of(vocabulary: &Vocabulary<'_>) -> Grammar {
    let mut rules = Rules { vocabulary, callable: callable(vocabulary), rules: Vec::new() };
    rules.plan();
    for tool in rules.callable.clone() {
        rules.tool(tool);
    }
    rules.words();
    Grammar::new(lark::write(&rules.rules)).with_gbnf(gbnf::write(&rules.rules))
}

/// The right side of a rule, before it is written in a dialect.
#[derive(Clone)]
enum Expr {
    /// This very text.
    Text(String),
    /// What a rule of this name lets through.
    Rule(String),
    /// One after the other.
    All(Vec<Expr>),
    /// One of them.
    Any(Vec<Expr>),
    /// So often, at least and at most.
    Times(Box<Expr>, usize, usize),
    /// A class of characters, as regular expressions have it.
    Class(&'static str),
    /// A piece of a text that begins and ends with whole words, or anywhere if `chars`.
    PieceOf { text: String, chars: bool },
    /// JSON that a schema describes.
    Json(Value),
}

impl Expr {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn rule(name: impl Into<String>) -> Self {
        Self::Rule(name.into())
    }

    fn times(self, least: usize, most: usize) -> Self {
        Self::Times(Box::new(self), least, most)
    }

    fn quoted(self) -> Self {
        Self::All(vec![Self::text("\""), self, Self::text("\"")])
    }

    fn any_text(texts: impl IntoIterator<Item = String>) -> Option<Self> {
        let texts: Vec<Self> = texts.into_iter().map(Self::Text).collect();
        (!texts.is_empty()).then_some(Self::Any(texts))
    }
}

/// One value, or a choice of a few.
fn several(value: Expr) -> Expr {
    let more = Expr::All(vec![Expr::text("|"), value.clone()]).times(0, MAX_ALTERNATIVES - 1);
    Expr::All(vec![value, more])
}

/// The tools that this request can call: those whose required arguments are grounded in nothing, or in others of them.
pub(crate) fn callable<'a>(vocabulary: &Vocabulary<'a>) -> Vec<&'a ToolSpec> {
    let mut callable: Vec<&ToolSpec> = Vec::new();
    loop {
        let known: Vec<&str> = callable.iter().map(|tool| tool.name.as_str()).collect();
        let grounded = |tool: &&ToolSpec| {
            positional(tool).all(|argument| match &argument.kind {
                ArgumentKind::Grounded { tool, .. } => known.contains(&tool.as_str()),
                _ => true,
            })
        };
        let more: Vec<&ToolSpec> = vocabulary.offered().filter(grounded).collect();
        if more.len() == callable.len() {
            return callable;
        }
        callable = more;
    }
}

struct Rules<'a> {
    vocabulary: &'a Vocabulary<'a>,
    callable: Vec<&'a ToolSpec>,
    rules: Vec<(String, Expr)>,
}

impl Rules<'_> {
    fn rule(&mut self, name: impl Into<String>, expr: Expr) {
        self.rules.push((name.into(), expr));
    }

    fn can_call(&self, name: &str) -> bool {
        self.callable.iter().any(|tool| tool.name == name)
    }

    fn plan(&mut self) {
        let newline = || Expr::text("\n");
        self.rule("start", Expr::All(vec![Expr::rule("item").times(1, MAX_ITEMS), Expr::text(END)]));
        let line = Expr::All(vec![Expr::rule("line"), newline()]).times(1, MAX_CALLS);
        self.rule("item", Expr::All(vec![Expr::text("# "), Expr::rule("PIECE"), newline(), line]));
        let lines = self.callable.iter().flat_map(|tool| {
            // Who asks for the longest does not want the list.
            let chosen = tool.items.as_ref().is_some_and(|items| self.vocabulary.asks_to_choose(items));
            let call = (!chosen).then(|| Expr::Rule(format!("call_{}", tool.name)));
            let shown = tool.items.is_some().then(|| Expr::Rule(format!("pick_{}", tool.name)));
            [call, shown].into_iter().flatten()
        });
        let limits = self.vocabulary.limits().into_iter().filter_map(|(word, unit)| {
            let number = Expr::any_text(self.vocabulary.numbers(unit))?;
            Some(Expr::All(vec![Expr::Text(format!("{word}(")), number, Expr::text(")")]))
        });
        let lines = lines.chain(self.comparisons()).chain(limits).collect();
        self.rule("line", Expr::Any(lines));
    }

    /// Choices across tools: among what several searches find, if that is ordered by the same field under the same
    /// word, and among writes, by what each of them chooses.
    fn comparisons(&self) -> Vec<Expr> {
        if !self.vocabulary.alternatives() {
            return Vec::new();
        }
        let mut searches: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
        for tool in &self.callable {
            let call = || format!("call_{}", tool.name);
            for (word, pick) in tool.items.iter().flat_map(|items| self.vocabulary.choosable(items)) {
                if word == ANY {
                    continue;
                }
                let path = tool.items.as_ref().map(|items| items.path.to_string());
                searches.entry((word, format!("{path:?} {pick:?}"))).or_default().push(call());
            }
        }
        let line = |prefix: &str, word: &str, calls: &[String]| {
            let one = || Expr::Any(calls.iter().map(Expr::rule).collect());
            let more = Expr::All(vec![Expr::text(","), one()]).times(1, MAX_ALTERNATIVES - 1);
            Expr::All(vec![Expr::Text(format!("{prefix}{word}(")), one(), more, Expr::text(")")])
        };
        let writes: Vec<(&str, Vec<String>)> = either::comparisons(self.vocabulary)
            .into_iter()
            .map(|comparison| (comparison.word, comparison.tools.into_iter().filter(|tool| self.can_call(&tool.name))))
            .map(|(word, tools)| (word, tools.map(|tool| format!("call_{}", tool.name)).collect()))
            .collect();
        let searches = searches.iter().map(|((word, _), calls)| ("", *word, calls));
        let writes = writes.iter().map(|(word, calls)| (EITHER, *word, calls));
        let several = searches.chain(writes).filter(|(_, _, calls)| calls.len() > 1);
        several.map(|(prefix, word, calls)| line(prefix, word, calls)).collect()
    }

    fn tool(&mut self, tool: &ToolSpec) {
        let mut call = vec![Expr::Text(format!("{}(", tool.name))];
        for (at, argument) in positional(tool).enumerate() {
            if at > 0 {
                call.push(Expr::text(","));
            }
            // A grounded argument is never unsaid: what the request leaves open is inside the search for it.
            let value = self.value(argument).map(|value| {
                if self.vocabulary.alternatives() && alternates(tool, argument) { several(value) } else { value }
            });
            call.push(match (value, &argument.kind) {
                (Some(value), ArgumentKind::Grounded { .. }) => value,
                (Some(value), _) => Expr::Any(vec![value, Expr::text("null")]),
                (None, _) => Expr::text("null"),
            });
        }
        let named: Vec<(String, Expr)> = by_name(tool)
            .filter(|argument| self.vocabulary.can_mean(tool, argument))
            .filter_map(|argument| Some((format!("{}=", argument.name), self.value(argument)?)))
            .collect();
        let one = |comma: &str, (name, value): &(String, Expr)| {
            Expr::All(vec![Expr::Text(format!("{comma}{name}")), value.clone()])
        };
        let rest = |from: usize| named.iter().skip(from).map(|named| one(",", named).times(0, 1));
        if positional(tool).next().is_some() {
            call.extend(rest(0));
        } else if !named.is_empty() {
            // Without a positional argument before it, the first that is given has no comma.
            let beginning = |(at, first)| Expr::All([one("", first)].into_iter().chain(rest(at + 1)).collect());
            call.push(Expr::Any(named.iter().enumerate().map(beginning).collect()).times(0, 1));
        }
        call.push(Expr::text(")"));
        self.rule(format!("call_{}", tool.name), Expr::All(call));
        if let Some(items) = &tool.items {
            self.pick(tool, items);
        }
    }

    fn pick(&mut self, tool: &ToolSpec, items: &OutputItems) {
        let words = self.vocabulary.choosable(items).into_iter().map(|(word, _)| Expr::text(word)).collect();
        let call = Expr::Rule(format!("call_{}", tool.name));
        let choice = vec![Expr::Any(words), Expr::text("("), call, Expr::text(")")];
        self.rule(format!("pick_{}", tool.name), Expr::All(choice));
    }

    /// All that calls of a tool find.
    fn all_of(&self, tool: &str) -> Expr {
        let call = Expr::Rule(format!("call_{tool}"));
        Expr::All(vec![Expr::Text(format!("{ALL}(")), call, Expr::text(")")])
    }

    /// What may stand for an argument, besides `null`; nothing if the request can't say it.
    fn value(&self, argument: &Argument) -> Option<Expr> {
        let names = |kind| {
            let named = self.vocabulary.names().into_iter().filter(|(_, of, _)| *of == kind);
            Expr::any_text(named.map(|(name, ..)| name))
        };
        match &argument.kind {
            ArgumentKind::Grounded { tool, path } => {
                let source = self.callable.iter().find(|source| source.name == *tool)?;
                let (items, _) = path.split_at_items();
                let listed = source.items.as_ref().is_some_and(|list| list.path == items);
                Some(match (listed, argument.takes_list()) {
                    (true, true) => Expr::Any(vec![Expr::Rule(format!("pick_{tool}")), self.all_of(tool)]),
                    (true, false) => Expr::Rule(format!("pick_{tool}")),
                    (false, _) => Expr::Rule(format!("call_{tool}")),
                })
            }
            ArgumentKind::Date if self.vocabulary.reads.contains(MentionKind::Date) => names(MentionKind::Date),
            ArgumentKind::Time if self.vocabulary.reads.contains(MentionKind::Time) => names(MentionKind::Time),
            ArgumentKind::Date => Some(Expr::rule("DATE")),
            ArgumentKind::Time => Some(Expr::rule("TIME")),
            ArgumentKind::Integer | ArgumentKind::Number => {
                let whole = argument.kind == ArgumentKind::Integer;
                let numbers = self.vocabulary.numbers(argument.unit()).into_iter();
                Expr::any_text(numbers.filter(|number| !whole || !number.contains('.')))
            }
            ArgumentKind::Boolean => Expr::any_text(["true".to_owned(), "false".to_owned()]),
            ArgumentKind::Choice(words) => Expr::any_text(words.iter().map(|word| json!(word).to_string())),
            ArgumentKind::Quote => match self.vocabulary.fitting(argument) {
                Some(pieces) => Expr::any_text(pieces.into_iter().map(|piece| json!(piece).to_string())),
                None => Some(Expr::rule("PIECE").quoted()),
            },
            ArgumentKind::Composed => Some(Expr::rule("COMPOSED")),
            ArgumentKind::Json => Some(Expr::Json(argument.schema.clone())),
        }
    }

    fn words(&mut self) {
        // A quotation mark or a backslash would need escaping inside a quoted text; such pieces can't be quoted.
        let request = self.vocabulary.request.replace(['"', '\\', '\n', '\r', '\t'], " ");
        let chars = request.chars().any(is_written_without_spaces);
        self.rule("PIECE", Expr::PieceOf { text: request.trim().to_owned(), chars });
        let digits = |count| Expr::Class("[0-9]").times(count, count);
        let dash = || Expr::text("-");
        self.rule("DATE", Expr::All(vec![digits(4), dash(), digits(2), dash(), digits(2)]).quoted());
        self.rule("TIME", Expr::All(vec![digits(2), Expr::text(":"), digits(2), Expr::text(":00")]).quoted());
        self.rule("COMPOSED", Expr::Class(r#"[^"\\\n]"#).times(1, MAX_COMPOSED).quoted());
    }
}

/// Chinese and Japanese have no spaces between words, so a piece of such a text may begin anywhere.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}
