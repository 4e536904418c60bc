//! Standard output: columns, colours, times.

use std::{
    fmt,
    io::{self, BufWriter, Stdout, Write as _},
};

use cicerone::memory::RunStatus;
use console::{Style, Term, style};
use jiff::{Timestamp, Unit, tz::TimeZone};

use crate::failure::Failure;

/// Standard output. Colours are for terminals, unless `NO_COLOR` is set.
pub(crate) struct Output {
    to: BufWriter<Stdout>,
    width: Option<usize>,
}

impl Output {
    pub(crate) fn stdout() -> Self {
        let terminal = Term::stdout();
        let width = terminal.is_term().then(|| usize::from(terminal.size().1));
        Self { to: BufWriter::new(io::stdout()), width }
    }

    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        Ok(writeln!(self.to, "{line}")?)
    }

    /// Prints rows as columns; the first row is their heads. On a terminal, lines are cut to its width.
    pub(crate) fn table<const N: usize>(&mut self, rows: &[[Cell; N]]) -> Result<(), Failure> {
        let mut widths = [0; N];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        for row in rows {
            let cells = row.iter().zip(widths).map(|(cell, width)| cell.padded(width));
            let line = cells.collect::<Vec<_>>().join("  ");
            let line = line.trim_end();
            match self.width {
                Some(width) => self.line(console::truncate_str(line, width, "…"))?,
                None => self.line(line)?,
            }
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.to.flush()?)
    }
}

/// A word in a table.
pub(crate) struct Cell {
    text: String,
    style: Style,
    right: bool,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::new(), right: false }
    }

    pub(crate) fn head(text: &str) -> Self {
        Self { style: Style::new().bold(), ..Self::new(text) }
    }

    /// The same, at the right of its column: for numbers.
    pub(crate) fn right(self) -> Self {
        Self { right: true, ..self }
    }

    pub(crate) fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }

    fn width(&self) -> usize {
        console::measure_text_width(&self.text)
    }

    fn padded(&self, width: usize) -> String {
        let spaces = " ".repeat(width.saturating_sub(self.width()));
        let text = self.style.apply_to(&self.text);
        if self.right { format!("{spaces}{text}") } else { format!("{text}{spaces}") }
    }
}

/// The colour of a status.
pub(crate) fn status_style(status: RunStatus) -> Style {
    match status {
        RunStatus::Completed => Style::new().green(),
        RunStatus::Failed => Style::new().red(),
        RunStatus::NeedsInput => Style::new().yellow(),
        _ => Style::new().cyan(),
    }
}

/// Milliseconds since 1970-01-01 as a date and a time in UTC.
pub(crate) fn utc(milliseconds: u64) -> String {
    let time = i64::try_from(milliseconds).ok().and_then(|time| Timestamp::from_millisecond(time).ok());
    let time = time.map(|time| time.to_zoned(TimeZone::UTC)).and_then(|time| time.round(Unit::Second).ok());
    time.map_or_else(|| "?".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Text from elsewhere in one line that can't play tricks with the terminal.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Text from elsewhere, its lines kept, that can't play tricks with the terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// Says on standard error what went wrong. If even that fails, the exit code remains.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "{} {}", style("error:").for_stderr().red().bold(), harmless(message));
}
