//! Times of day: "17:00", "5 pm", "17 Uhr", "five o'clock", "noon".

use jiff::civil::Time;

use super::scan::{Expr, Found, link};
use super::token::Tokens;

/// Takes a time of day.
pub(super) fn time(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    if let Some(hour) = named(tokens, at) {
        return found.add(tokens, at, at + 1, Expr::Clock(clock(hour, 0, 0)?));
    }
    if !tokens.is_free(at) {
        return None;
    }
    if let Some(end) = hours(tokens, at, found) {
        return Some(end);
    }
    let (time, end) = written(tokens, at)?;
    found.add(tokens, at, end, Expr::Clock(time))
}

fn named(tokens: &Tokens, at: usize) -> Option<u32> {
    match tokens.word(at) {
        "noon" | "midday" | "mittags" | "mediodia" => Some(12),
        "midnight" | "mitternacht" | "medianoche" | "minuit" => Some(0),
        // "Le midi" is also the south of France.
        "midi" if matches!(tokens.word_before(at), "a" | "avant" | "apres" | "vers") => Some(12),
        _ => None,
    }
}

/// What follows the figures of a time and makes them one.
enum Mark {
    /// "am", "in the morning".
    Morning,
    /// "pm", "in the evening".
    Later,
    /// "Uhr", "h", "o'clock".
    Hour,
}

fn written(tokens: &Tokens, at: usize) -> Option<(Time, usize)> {
    let before = tokens.word_before(at);
    let placed =
        matches!(before, "at" | "um" | "gegen" | "las" | "la" | "before" | "after" | "by" | "around" | "until");
    if let Some(hour) = tokens.digits(at, 1..=2) {
        for point in [':', '.'] {
            let minutes = tokens.digits(at + 2, 2..=2);
            let Some(minute) = minutes.filter(|_| tokens.glued_mark(at + 1, point) && tokens.is_glued(at + 2)) else {
                continue;
            };
            let (second, end) = seconds(tokens, at + 3, point);
            if let Some((mark, end)) = mark(tokens, end) {
                return Some((clock(marked(hour, &mark)?, minute, second)?, end));
            }
            // "17.30" alone is a number, and at most a time after "at".
            let sure = point == ':' || (matches!(before, "at" | "um" | "gegen") && tokens.can_end(end));
            let more =
                tokens.glued_mark(end, ':') || (tokens.is_glued(end) && tokens.is_word(end) && tokens.word(end) != "z");
            return if sure && !more { Some((clock(hour, minute, second)?, end)) } else { None };
        }
    }
    let hour = hour(tokens, at)?;
    // "17h30", "17 Uhr 30".
    let half = matches!(tokens.word(at + 1), "h" | "uhr") && tokens.can_end(at + 3);
    if let Some(minute) =
        tokens.digits(at + 2, 2..=2).filter(|_| half && (tokens.word(at + 1) == "uhr" || tokens.is_glued(at + 2)))
    {
        return Some((clock(hour, minute, 0)?, at + 3));
    }
    let (mark, end) = mark(tokens, at + 1)?;
    let spoken = tokens.word(end.saturating_sub(1));
    if matches!(spoken, "h" | "heures") && lasts(tokens, at, end, hour) {
        return None;
    }
    let unmarked = tokens.word(at + 1) == "in" || matches!(tokens.word(at + 1), "de" | "du");
    (!unmarked || placed || before == "a").then_some((clock(marked(hour, &mark)?, 0, 0)?, end))
}

/// "5-7 pm", "zwischen 17 und 19 Uhr": the first hour takes the second's mark.
fn hours(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let first = hour(tokens, at)?;
    let (_, next) = link(tokens, at + 1)?;
    let second = hour(tokens, next)?;
    let (mark, end) = mark(tokens, next + 1)?;
    if !matches!(tokens.word(next + 1), "am" | "a" | "pm" | "p" | "uhr") {
        return None;
    }
    // "11-2 pm" begins in the morning.
    let morning = matches!(mark, Mark::Later) && first > second;
    let first = clock(if morning { first } else { marked(first, &mark)? }, 0, 0)?;
    let second = clock(marked(second, &mark)?, 0, 0)?;
    found.add(tokens, at, at + 1, Expr::Clock(first));
    found.add(tokens, next, end, Expr::Clock(second))
}

fn hour(tokens: &Tokens, at: usize) -> Option<u32> {
    tokens.digits(at, 1..=2).or_else(|| tokens.meaning(at).number.map(|(value, _)| value)).filter(|hour| *hour <= 24)
}

fn seconds(tokens: &Tokens, at: usize, point: char) -> (u32, usize) {
    match tokens.digits(at + 1, 2..=2) {
        Some(second) if tokens.glued_mark(at, point) && tokens.is_glued(at + 1) => (second, at + 2),
        _ => (0, at),
    }
}

fn mark(tokens: &Tokens, at: usize) -> Option<(Mark, usize)> {
    let dotted = |end: usize| end + usize::from(tokens.glued_mark(end, '.'));
    match tokens.word(at) {
        // German "5 am" is nothing, and "am" before a day is "on the".
        "am" if !tokens.is_digits(at + 1) && tokens.meaning(at + 1).weekday.is_none() => Some((Mark::Morning, at + 1)),
        "pm" => Some((Mark::Later, at + 1)),
        // "a.m."
        half @ ("a" | "p") if tokens.glued_mark(at + 1, '.') && tokens.word(at + 2) == "m" => {
            Some((if half == "a" { Mark::Morning } else { Mark::Later }, dotted(at + 3)))
        }
        "uhr" | "h" | "heures" => Some((Mark::Hour, at + 1)),
        "o" if tokens.is_mark(at + 1, '\'') && tokens.word(at + 2) == "clock" => {
            Some(part_of_day(tokens, at + 3).unwrap_or((Mark::Hour, at + 3)))
        }
        "oclock" => Some(part_of_day(tokens, at + 1).unwrap_or((Mark::Hour, at + 1))),
        _ => part_of_day(tokens, at),
    }
}

fn part_of_day(tokens: &Tokens, at: usize) -> Option<(Mark, usize)> {
    const PARTS: &[(&str, bool)] = &[
        ("in the morning", true),
        ("in the afternoon", false),
        ("in the evening", false),
        ("at night", false),
        ("de la manana", true),
        ("de la tarde", false),
        ("de la noche", false),
        ("du matin", true),
        ("du soir", false),
    ];
    PARTS.iter().find_map(|(phrase, morning)| {
        Some((if *morning { Mark::Morning } else { Mark::Later }, tokens.words(at, phrase)?))
    })
}

fn marked(hour: u32, mark: &Mark) -> Option<u32> {
    match mark {
        Mark::Hour => Some(hour),
        Mark::Morning if hour == 12 => Some(0),
        Mark::Morning => (1..12).contains(&hour).then_some(hour),
        // "17:00 in the evening" says it twice.
        Mark::Later if hour >= 12 => Some(hour),
        Mark::Later => (hour > 0).then_some(hour + 12),
    }
}

/// "A 5h flight", "open 24h": how long, not when.
fn lasts(tokens: &Tokens, at: usize, end: usize, hour: u32) -> bool {
    let thing = matches!(
        tokens.word(end),
        "flight" | "drive" | "ride" | "trip" | "journey" | "layover" | "stopover" | "reception" | "de" | "of"
    );
    let length = matches!(
        tokens.word_before(at),
        "takes" | "take" | "for" | "under" | "within" | "every" | "max" | "in" | "than" | "en" | "pendant"
    );
    hour == 24 || thing || length
}

/// The end of the day is written "24:00" and is the midnight that begins the next.
pub(super) fn clock(hour: u32, minute: u32, second: u32) -> Option<Time> {
    let hour = if hour == 24 && minute == 0 && second == 0 { 0 } else { hour };
    let [hour, minute, second] = [hour, minute, second].map(|part| i8::try_from(part).ok());
    Time::new(hour?, minute?, second?, 0).ok()
}
