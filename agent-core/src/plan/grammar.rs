//! The grammar under which a local model writes the notation.
//!
//! It is made for one request: a date can only be one that code read in the request, a number one that stands there,
//! a text a piece of it, and a grounded argument a choice among what a search finds. What the grammar lets through is
//! a valid plan. It is written in llguidance's dialect of Lark, whose `%regex {"substring_words": …}` is a piece of
//! a text that begins and ends at word boundaries.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use super::notation::{END, Vocabulary, by_name, positional};
use crate::{
    model::Grammar,
    reading::MentionKind,
    tool::{Argument, ArgumentKind, OutputItems, ToolSpec},
};

/// The most items that a plan's list of what was asked may have, so that no model lists without end.
const MAX_ITEMS: usize = 12;
/// The most calls that serve one item.
const MAX_CALLS: usize = 6;
/// The most calls that one choice spans.
const MAX_SOURCES: usize = 6;
/// The most characters of a text that the model composes.
const MAX_COMPOSED: usize = 400;

/// The grammar of all plans for one request.
#[must_use]
pub fn of(vocabulary: &Vocabulary<'_>) -> Grammar {
    let mut rules = Rules { vocabulary, text: String::new(), numbers: numbers(vocabulary) };
    let _ = writeln!(rules.text, "start: item{{1,{MAX_ITEMS}}} \"{END}\"");
    let _ = writeln!(rules.text, "item: \"# \" PIECE \"\\n\" (line \"\\n\"){{1,{MAX_CALLS}}}");
    let lines: Vec<String> = vocabulary
        .tools
        .iter()
        .filter(|tool| can_be_called(tool, vocabulary))
        .flat_map(|tool| {
            let call = format!("call_{}", tool.name);
            let shown = tool.items.is_some().then(|| format!("pick_{}", tool.name));
            [Some(call), shown].into_iter().flatten()
        })
        .collect();
    let _ = writeln!(rules.text, "line: {}", lines.join(" | "));
    for tool in vocabulary.tools.iter().filter(|tool| can_be_called(tool, vocabulary)) {
        rules.tool(tool);
    }
    rules.words();
    Grammar { lark: rules.text.into() }
}

/// Whether the tools that ground its required arguments are there.
fn can_be_called(tool: &ToolSpec, vocabulary: &Vocabulary<'_>) -> bool {
    positional(tool).all(|argument| match &argument.kind {
        ArgumentKind::Grounded { tool, .. } => vocabulary.tool(tool).is_some(),
        _ => true,
    })
}

struct Rules<'a> {
    vocabulary: &'a Vocabulary<'a>,
    text: String,
    numbers: BTreeSet<String>,
}

impl Rules<'_> {
    fn tool(&mut self, tool: &ToolSpec) {
        let mut call = format!("call_{}: \"{}(\"", tool.name, tool.name);
        for (at, argument) in positional(tool).enumerate() {
            let comma = if at > 0 { "\",\" " } else { "" };
            // A grounded argument is never unsaid: what the request leaves open is inside the search for it.
            let value = match (self.value(argument), &argument.kind) {
                (Some(value), ArgumentKind::Grounded { .. }) => value,
                (Some(value), _) => format!("({value} | \"null\")"),
                (None, _) => "\"null\"".to_owned(),
            };
            let _ = write!(call, " {comma}{value}");
        }
        // Without a positional argument before it, a named one has no comma; a call then takes at most one of them,
        // which keeps the grammar free of empty alternatives.
        let bare = positional(tool).next().is_none();
        let comma = if bare { "" } else { "," };
        let named = by_name(tool)
            .filter_map(|argument| Some(format!("\"{comma}{}=\" {}", argument.name, self.value(argument)?)));
        if bare {
            let one = named.collect::<Vec<_>>().join(" | ");
            if !one.is_empty() {
                let _ = write!(call, " ({one})?");
            }
        } else {
            named.for_each(|named| {
                let _ = write!(call, " ({named})?");
            });
        }
        let _ = writeln!(self.text, "{call} \")\"");
        if let Some(items) = &tool.items {
            self.pick(tool, items);
        }
    }

    fn pick(&mut self, tool: &ToolSpec, items: &OutputItems) {
        let words: Vec<String> = Vocabulary::picks(items).map(|(word, _)| quoted(word)).collect();
        let call = format!("call_{}", tool.name);
        let more = MAX_SOURCES - 1;
        let _ = writeln!(
            self.text,
            "pick_{}: ({}) \"(\" {call} (\",\" {call}){{0,{more}}} \")\"",
            tool.name,
            words.join(" | ")
        );
    }

    /// What may stand for an argument, besides `null`; nothing if the request can't say it.
    fn value(&self, argument: &Argument) -> Option<String> {
        let names = |kind| {
            let named = self.vocabulary.names().into_iter().filter(|(_, of, _)| *of == kind);
            let names: Vec<String> = named.map(|(name, ..)| quoted(&name)).collect();
            (!names.is_empty()).then(|| format!("({})", names.join(" | ")))
        };
        match &argument.kind {
            ArgumentKind::Grounded { tool, path } => {
                let source = self.vocabulary.tool(tool)?;
                let (items, _) = path.split_at_items();
                let listed = source.items.as_ref().is_some_and(|list| list.path == items);
                Some(if listed { format!("pick_{tool}") } else { format!("call_{tool}") })
            }
            ArgumentKind::Date if self.vocabulary.reads => names(MentionKind::Date),
            ArgumentKind::Time if self.vocabulary.reads => names(MentionKind::Time),
            ArgumentKind::Date => Some("DATE".to_owned()),
            ArgumentKind::Time => Some("TIME".to_owned()),
            ArgumentKind::Integer | ArgumentKind::Number => {
                let numbers: Vec<String> = self
                    .numbers
                    .iter()
                    .filter(|number| argument.kind == ArgumentKind::Number || !number.contains('.'))
                    .map(|number| quoted(number))
                    .collect();
                (!numbers.is_empty()).then(|| format!("({})", numbers.join(" | ")))
            }
            ArgumentKind::Boolean => Some("(\"true\" | \"false\")".to_owned()),
            ArgumentKind::Choice(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(&json!(word).to_string())).collect();
                Some(format!("({})", words.join(" | ")))
            }
            ArgumentKind::Quote => Some("\"\\\"\" PIECE \"\\\"\"".to_owned()),
            ArgumentKind::Composed => Some("COMPOSED".to_owned()),
            ArgumentKind::Json => Some(format!("%json {}", compact(argument.schema.clone()))),
        }
    }

    fn words(&mut self) {
        // A quotation mark or a backslash would need escaping inside a quoted text; such pieces can't be quoted.
        let request = self.vocabulary.request.replace(['"', '\\', '\n', '\r', '\t'], " ");
        let by = if request.chars().any(is_written_without_spaces) { "substring_chars" } else { "substring_words" };
        let _ = writeln!(self.text, "PIECE: %regex {}", json!({ by: request.trim() }));
        self.text.push_str("DATE: /\"[0-9]{4}-[0-9]{2}-[0-9]{2}\"/\n");
        self.text.push_str("TIME: /\"[0-9]{2}:[0-9]{2}:00\"/\n");
        let _ = writeln!(self.text, "COMPOSED: /\"[^\"\\\\\\n]{{1,{MAX_COMPOSED}}}\"/");
    }
}

/// Chinese and Japanese have no spaces between words, so a piece of such a text may begin anywhere.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The numbers that the request says: those that a reader found, or else its digits.
fn numbers(vocabulary: &Vocabulary<'_>) -> BTreeSet<String> {
    let read = vocabulary.mentioned(MentionKind::Number).map(|mention| mention.value.to_string());
    if vocabulary.reads {
        return read.collect();
    }
    let request = vocabulary.request.replace(',', "");
    request
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|digits| digits.trim_matches('.'))
        .filter(|digits| digits.len() < 12)
        // Written as JSON has them, without leading zeros.
        .filter_map(|digits| match digits.parse::<u64>() {
            Ok(whole) => Some(whole.to_string()),
            Err(_) => digits.parse::<f64>().ok().map(|number| number.to_string()),
        })
        .collect()
}

fn quoted(word: &str) -> String {
    json!(word).to_string()
}

/// The schema with white space switched off, on which a small model would spend many of its tokens.
fn compact(mut schema: Value) -> Value {
    if let Value::Object(object) = &mut schema {
        object.insert("x-guidance".into(), json!({ "whitespace_flexible": false }));
    }
    schema
}
