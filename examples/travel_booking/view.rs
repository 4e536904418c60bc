//! What the user sees while a run goes on: a tree with spinners on a terminal, plain lines elsewhere.

use std::{collections::HashMap, time::Duration};

use cicerone::{
    agent::Update,
    event::{CallId, Entry, Event, PlannedCall, Purpose, ToolResult},
    model::Delta,
    plan::{Plan, notation, notation::Vocabulary},
    policy::Kit,
    reading::Kinds,
    trace,
};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows a run's updates on standard error.
#[derive(Debug)]
pub(crate) struct View {
    bars: MultiProgress,
    lively: bool,
    model: Option<ProgressBar>,
    tokens: usize,
    calls: HashMap<CallId, (ProgressBar, String)>,
}

impl View {
    /// A view; `bars` is shared with whoever asks questions on the same terminal.
    pub(crate) fn new(bars: MultiProgress) -> Self {
        let lively = console::user_attended_stderr();
        if !lively {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { bars, lively, model: None, tokens: 0, calls: HashMap::new() }
    }

    /// Shows one update.
    pub(crate) fn show(&mut self, update: &Update, kit: &Kit) {
        match update {
            Update::Delta { delta: Delta::Text(_), .. } => {
                self.tokens += 1;
                if let Some(bar) = &self.model {
                    bar.set_message(format!("thinking, {} tokens", self.tokens));
                }
            }
            Update::Entry(entry) => self.entry(entry, kit),
            _ => {}
        }
    }

    /// Writes a line above what moves.
    pub(crate) fn line(&self, text: &str) {
        if !self.lively || self.bars.println(text).is_err() {
            eprintln!("{text}");
        }
    }

    fn entry(&mut self, entry: &Entry, kit: &Kit) {
        match &entry.event {
            Event::ModelAsked { purpose, .. } => {
                self.tokens = 0;
                let what = match purpose {
                    Purpose::Plan => "planning",
                    Purpose::Revise => "planning again",
                    Purpose::Answer => "answering",
                    _ => "deciding",
                };
                self.model = Some(self.spinner(what));
            }
            Event::ModelAnswered { response, .. } => {
                self.clear_model();
                let usage = response.usage;
                self.line(&format!(
                    "✓ thought for {:.1} s: {} of {} prompt tokens computed, {} written",
                    usage.milliseconds as f64 / 1000.0,
                    usage.computed_prompt_tokens,
                    usage.prompt_tokens,
                    usage.output_tokens
                ));
            }
            Event::ModelFailed { message, .. } => {
                self.clear_model();
                self.line(&format!("✗ the model failed: {message}"));
            }
            Event::AnswerRejected { reason, valid, .. } => {
                self.line(&format!("{}: {reason}", if *valid { "? incomplete" } else { "✗ not usable" }));
            }
            Event::PlanMade { plan } => self.line(&tree(plan, kit)),
            Event::ToolIntended { planned, .. } => {
                let text = trace::call_text(planned);
                let bar = self.spinner(&text);
                self.calls.insert(planned.call, (bar, text));
            }
            Event::ApprovalAsked { planned, .. } => self.note_asked(planned),
            Event::ToolReused { planned, .. } => self.line(&format!("= {} (done before)", trace::call_text(planned))),
            Event::ToolReturned { call, result, milliseconds } => {
                let Some((bar, text)) = self.calls.remove(call) else { return };
                bar.finish_and_clear();
                self.bars.remove(&bar);
                self.line(&format!("{} {text}: {} ({milliseconds} ms)", mark(result), result_text(result)));
            }
            Event::Finished(_) => self.clear_model(),
            _ => {}
        }
    }

    fn note_asked(&mut self, planned: &PlannedCall) {
        if !self.lively {
            self.line(&format!("? {}", trace::call_text(planned)));
        }
    }

    fn spinner(&self, text: &str) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_prefix(text.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    fn clear_model(&mut self) {
        if let Some(bar) = self.model.take() {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }
}

/// The plan as a tree: what was asked, and under it the calls that serve it.
pub(crate) fn tree(plan: &Plan, kit: &Kit) -> String {
    let vocabulary = Vocabulary { tools: kit.tools.specs(), request: "", mentions: &[], reads: Kinds::default() };
    let text = notation::write(plan, &vocabulary);
    let lines: Vec<&str> = text.lines().filter(|line| *line != notation::END).collect();
    let last_item = lines.iter().rposition(|line| line.starts_with('#')).unwrap_or(0);
    let drawn = lines.iter().enumerate().map(|(at, line)| match (line.strip_prefix("# "), at >= last_item) {
        (Some(item), false) => format!("├─ {item}"),
        (Some(item), true) => format!("└─ {item}"),
        (None, false) => format!("│  └─ {line}"),
        (None, true) => format!("   └─ {line}"),
    });
    std::iter::once("plan".to_owned()).chain(drawn).collect::<Vec<_>>().join("\n")
}

fn mark(result: &ToolResult) -> char {
    if matches!(result, ToolResult::Output { .. }) { '✓' } else { '✗' }
}

fn result_text(result: &ToolResult) -> String {
    match result {
        ToolResult::Output { output } => match output.as_array() {
            Some(found) => format!("{} found", found.len()),
            None => output
                .get("reference")
                .and_then(|reference| reference.as_str())
                .map_or_else(|| "done".to_owned(), |reference| format!("reference {reference}")),
        },
        ToolResult::Failed { message, .. } => message.clone(),
        ToolResult::Denied { reason } => format!("denied, {reason}"),
        _ => "abandoned".to_owned(),
    }
}
