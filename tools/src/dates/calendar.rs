//! Dates with words in them: "3 to 7 December", "next Friday", "the 7th".

use jiff::civil::Weekday;

use super::numeric;
use super::scan::{Day, Expr, Found, link};
use super::token::Tokens;
use super::words::Link;

/// How a day's number is written; the plainer, the more must stand around it.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    /// "7."
    Dotted,
    /// "7th"
    Ordinal,
    /// "seventh"
    Spelt,
}

#[derive(Clone, Copy)]
struct Number {
    day: i8,
    form: Form,
    end: usize,
}

/// One of the days before a month: "3" and "7" in "3 to 7 December".
struct Entry {
    first: usize,
    number: Number,
    weekday: Option<Weekday>,
    /// What ties it to the next one.
    link: Option<Link>,
}

/// More days than anyone lists, and a bound for the look-ahead.
const MOST_DAYS: usize = 6;

/// Takes "3 December", "the 3rd of Dec 2026", "3, 4 and 5 December", "vom 3. bis 7.12.".
pub(super) fn days_then_month(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let article = usize::from(tokens.word(at) == "the");
    days(tokens, at, at + article, None, found)
}

/// As above, for a date that begins at `first` with its day's number at `at`.
fn days(tokens: &Tokens, first: usize, at: usize, weekday: Option<Weekday>, found: &mut Found) -> Option<usize> {
    let mut entries: Vec<Entry> = Vec::new();
    let (mut at, mut first, mut weekday) = (at, first, weekday);
    let (month, year, end) = loop {
        if let (Some((day, end)), false) = (numeric::parse(tokens, at, true), entries.is_empty()) {
            entries.push(Entry { first, number: Number { day: day.day, form: Form::Plain, end }, weekday, link: None });
            break (day.month?, day.year, end);
        }
        let number = day_number(tokens, at)?;
        let mut entry = Entry { first, number, weekday, link: None };
        if let Some((month, end)) = month(tokens, number.end) {
            let (year, end) = year(tokens, end);
            entries.push(entry);
            break (month, year, end);
        }
        let comma = tokens.is_mark(number.end, ',');
        let (tie, next) = match link(tokens, number.end) {
            Some((tie, next)) => (Some(tie), next),
            None if comma => (None, number.end + 1),
            None => return None,
        };
        entry.link = tie;
        entries.push(entry);
        if entries.len() == MOST_DAYS {
            return None;
        }
        first = next;
        weekday = tokens.meaning(next).weekday;
        at = if weekday.is_some() { skip_article(tokens, next + 1) } else { next };
    };
    // "For 2, 3 December" is two people and one day.
    if entries.iter().rev().nth(1).is_some_and(|before| before.link.is_none()) {
        return None;
    }
    let days = in_months(&entries, month, year);
    // The last one takes the month and the year with it.
    let ends = entries.iter().take(entries.len() - 1).map(|entry| entry.number.end).chain([end]);
    for ((entry, day), end) in entries.iter().zip(days).zip(ends) {
        found.add(tokens, entry.first, end, Expr::Day(day));
    }
    Some(end)
}

/// Gives every day its month: the one named, or the one before in "28 to 3 January".
fn in_months(entries: &[Entry], month: i8, year: Option<i16>) -> Vec<Day> {
    let (mut month, mut year, mut later) = (month, year, i8::MAX);
    let mut days: Vec<Day> = Vec::new();
    for entry in entries.iter().rev() {
        if entry.link == Some(Link::Range) && entry.number.day > later {
            (month, year) = if month == 1 { (12, year.map(|year| year - 1)) } else { (month - 1, year) };
        }
        later = entry.number.day;
        days.push(Day { year, month: Some(month), day: later, weekday: entry.weekday });
    }
    days.reverse();
    days
}

/// Takes "December 3rd, 2026"; of a mere "December 2026", the year, which is no number of anything.
pub(super) fn month_then_day(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    month_first(tokens, at, at, None, found)
}

fn month_first(tokens: &Tokens, first: usize, at: usize, weekday: Option<Weekday>, found: &mut Found) -> Option<usize> {
    let month = tokens.meaning(at).month.filter(|_| !tokens.is_glued(at) || !tokens.is_digits(at.wrapping_sub(1)))?;
    let after = at + 1 + usize::from(tokens.glued_mark(at + 1, '.'));
    let day_at = after + usize::from(tokens.word(after) == "the");
    let number = day_number(tokens, day_at).filter(|number| {
        // A full stop, not an ordinal's dot; and "may" and "march" are verbs more often than months.
        let end = if number.form == Form::Dotted { number.end - 1 } else { number.end };
        let verb = matches!(tokens.word(at), "may" | "march") && tokens.get(at).is_some_and(|t| t.first.is_lowercase());
        let plain = matches!(number.form, Form::Plain | Form::Dotted);
        !plain || (!tokens.makes_amount(end) && !goes_on(tokens, end) && (!verb || tokens.can_end(end)))
    });
    let Some(number) = number else {
        let (Some(_), end) = year(tokens, at + 1) else { return None };
        return found.add(tokens, first, end, Expr::Nothing);
    };
    let end = if number.form == Form::Dotted { number.end - 1 } else { number.end };
    let (year, end) = year(tokens, end);
    found.add(tokens, first, end, Expr::Day(Day { year, month: Some(month), day: number.day, weekday }))
}

/// Takes "Friday", "next Friday", "Friday next week" and weekdays with their date: "Thursday, 3 December".
pub(super) fn weekday(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    if !is_coming(tokens.word(at)) && tokens.meaning(at).weekday.is_none() {
        return None;
    }
    if let Some(after) = NEXT_WEEK.iter().find_map(|phrase| tokens.words(at, phrase)) {
        let after = after + usize::from(matches!(tokens.word(after), "on" | "am"));
        let weekday = tokens.meaning(after).weekday?;
        return found.add(tokens, at, after + 1, Expr::WeekdayNextWeek(weekday));
    }
    let mut name = at;
    while name < at + 2 && is_coming(tokens.word(name)) {
        name += 1;
    }
    let weekday =
        tokens.meaning(name).weekday.filter(|_| !tokens.is_glued(name) || !tokens.is_word(name.wrapping_sub(1)))?;
    let end = name + 1;
    if NOT_A_DAY.contains(&tokens.word_before(at))
        || tokens.word(end) == "week"
        || tokens.words(end, "after next").is_some()
    {
        return found.add(tokens, at, end, Expr::Nothing);
    }
    if let Some(end) = NEXT_WEEK.iter().chain(OF_NEXT_WEEK).find_map(|phrase| tokens.words(end, phrase)) {
        return found.add(tokens, at, end, Expr::WeekdayNextWeek(weekday));
    }
    if let Some(end) = dated_weekday(tokens, at, end, weekday, found) {
        return Some(end);
    }
    let beside_weekday = found.link(tokens, at).is_some()
        && found.last_date().is_some_and(|last| matches!(last.expr, Expr::Weekday(_) | Expr::Day(_)));
    let company = name > at || beside_weekday || matches!(tokens.word_before(at), "on" | "until" | "till" | "by");
    // "Sun and sea", "on sun-drenched beaches"; but "Sun to Tue".
    let compound = tokens.glued_mark(end, '-') && tokens.is_glued(end + 1);
    let begins = link(tokens, end).is_some_and(|(_, next)| tokens.meaning(next).weekday.is_some());
    if tokens.meaning(name).shy && !begins && (!company || compound) {
        return None;
    }
    let end = ["que viene", "prochain"].iter().find_map(|phrase| tokens.words(end, phrase)).unwrap_or(end);
    found.add(tokens, at, end, Expr::Weekday(weekday))
}

/// The date behind a weekday: "Thursday, 3 December", "Thursday the 3rd", "Thursday 3".
fn dated_weekday(tokens: &Tokens, first: usize, end: usize, weekday: Weekday, found: &mut Found) -> Option<usize> {
    let close = end + usize::from(tokens.glued_mark(end, '.'));
    let at = skip_article(tokens, close);
    if let Some(end) = days(tokens, first, at, Some(weekday), found) {
        return Some(end);
    }
    if let Some((day, end)) = numeric::parse(tokens, at, true) {
        return found.add(tokens, first, end, Expr::Day(Day { weekday: Some(weekday), ..day }));
    }
    if tokens.meaning(at).month.is_some() {
        return month_first(tokens, first, at, Some(weekday), found);
    }
    let number = day_number(tokens, at).filter(|number| number.form != Form::Spelt && tokens.can_end(number.end))?;
    // "Friday, 2" may be two of anything.
    let bare = number.form == Form::Plain && tokens.is_mark(close, ',');
    let day = Day { day: number.day, weekday: Some(weekday), ..Day::default() };
    (!bare).then(|| found.add(tokens, first, number.end, Expr::Day(day)))?
}

/// Takes a day without a month: "the 7th", and plainer ones where a date before makes them one.
pub(super) fn lone_day(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let article = matches!(tokens.word(at), "the" | "el" | "le" | "dia");
    let number_at = at + usize::from(article);
    let number = day_number(tokens, number_at).filter(|number| number.form != Form::Spelt)?;
    let before = tokens.word_before(at);
    let linked = found.link(tokens, number_at).is_some()
        && found.last_date().is_some_and(|last| matches!(last.expr, Expr::Day(_)));
    let german = matches!(before, "am" | "vom" | "bis" | "zum" | "ab" | "seit" | "den" | "dem" | "der");
    let (likely, end) = match number.form {
        Form::Ordinal => {
            let placed =
                matches!(before, "on" | "by" | "until" | "till" | "from" | "before" | "after" | "around" | "for");
            (article || linked || placed, number.end)
        }
        Form::Dotted if german => {
            // In German a noun would make it "the seventh something", and nouns have capitals.
            let noun = tokens.get(number.end).is_some_and(|next| next.first.is_uppercase() && !next.meaning.follows);
            let day = Day { day: number.day, ..Day::default() };
            return (!noun).then(|| found.add(tokens, at, number.end, Expr::Day(day)))?;
        }
        Form::Dotted => (linked || (article && found.last_date().is_some()), number.end - 1),
        _ => (linked || (article && found.last_date().is_some()), number.end),
    };
    let day = Day { day: number.day, ..Day::default() };
    (likely && tokens.can_end(end)).then(|| found.add(tokens, at, end, Expr::Day(day)))?
}

fn day_number(tokens: &Tokens, at: usize) -> Option<Number> {
    let spelt = |day, end| Some(Number { day, form: Form::Spelt, end });
    if let Some(day) = tokens.meaning(at).ordinal {
        return spelt(day, at + 1);
    }
    if let Some((tens @ (20 | 30), _)) = tokens.meaning(at).number {
        let unit = at + 1 + usize::from(tokens.is_mark(at + 1, '-'));
        let day = tokens.meaning(unit).ordinal.filter(|day| *day < 10)?;
        return spelt(i8::try_from(tens).ok()? + day, unit + 1);
    }
    // Up to 39, so that "32 December" is seen to be impossible.
    let day = tokens.digits(at, 1..=2).filter(|day| (1..40).contains(day) && tokens.is_free(at))?;
    let day = i8::try_from(day).ok()?;
    if tokens.is_glued(at + 1) && matches!(tokens.word(at + 1), "st" | "nd" | "rd" | "th" | "er" | "re" | "º" | "ª") {
        return Some(Number { day, form: Form::Ordinal, end: at + 2 });
    }
    let dotted = tokens.glued_mark(at + 1, '.') && !(tokens.is_glued(at + 2) && tokens.is_digits(at + 2));
    let form = if dotted { Form::Dotted } else { Form::Plain };
    Some(Number { day, form, end: at + 1 + usize::from(dotted) })
}

/// The month after a day's number, with what may stand between: "of", "de", a hyphen.
fn month(tokens: &Tokens, at: usize) -> Option<(i8, usize)> {
    let mut at = at;
    if matches!(tokens.word(at), "of" | "de" | "del" | "d") || tokens.glued_mark(at, '-') {
        at += 1;
        at += usize::from(tokens.is_mark(at, '\''));
    }
    let month = tokens.meaning(at).month?;
    let lower = tokens.get(at).is_some_and(|token| token.first.is_lowercase());
    let verb = lower && tokens.word(at) == "may" && AFTER_MAY.contains(&tokens.word(at + 1));
    (!verb).then_some((month, at + 1))
}

/// The year after a month, if there is one, and the date's end.
fn year(tokens: &Tokens, end: usize) -> (Option<i16>, usize) {
    let mut at = end;
    at += usize::from(tokens.glued_mark(at, '.') || tokens.glued_mark(at, '-') || tokens.is_mark(at, ','));
    at += usize::from(matches!(tokens.word(at), "of" | "de" | "del"));
    let full = tokens.digits(at, 4..=4).and_then(numeric::year);
    if full.is_some() && !tokens.makes_amount(at + 1) && !goes_on(tokens, at + 1) {
        return (full, at + 1);
    }
    let quoted = usize::from(tokens.is_mark(end, '\''));
    let short = tokens.digits(end + quoted, 2..=2).filter(|year| quoted == 1 || (26..50).contains(year));
    match short.and_then(|short| numeric::year(2000 + short)) {
        Some(year) if tokens.can_end(end + quoted + 1) => (Some(year), end + quoted + 1),
        _ => (None, end),
    }
}

/// Figures go on after a point or a colon: "5.30", "20:15".
fn goes_on(tokens: &Tokens, at: usize) -> bool {
    tokens.is_glued(at) && !tokens.can_end(at) && !tokens.is_word(at)
}

fn skip_article(tokens: &Tokens, at: usize) -> usize {
    let at = at + usize::from(tokens.is_mark(at, ','));
    at + usize::from(matches!(tokens.word(at), "the" | "den" | "dem" | "der" | "el" | "le"))
}

fn is_coming(word: &str) -> bool {
    matches!(
        word,
        "next"
            | "this"
            | "coming"
            | "upcoming"
            | "diesen"
            | "diesem"
            | "nachsten"
            | "nachster"
            | "nachste"
            | "kommenden"
            | "kommender"
            | "kommende"
            | "proximo"
            | "este"
            | "ce"
    )
}

const NEXT_WEEK: &[&str] = &["next week", "nachste woche", "nachster woche", "kommende woche"];
const OF_NEXT_WEEK: &[&str] =
    &["of next week", "de la semana que viene", "de la proxima semana", "de la semaine prochaine"];

/// Before a weekday: not the next one, or not a weekday at all ("Good Friday", "Santo Domingo").
const NOT_A_DAY: &[&str] = &[
    "last",
    "past",
    "previous",
    "every",
    "each",
    "good",
    "black",
    "ash",
    "easter",
    "whit",
    "jeden",
    "letzten",
    "vergangenen",
    "pasado",
    "cada",
    "santo",
    "dernier",
    "chaque",
];

/// After a "may" that is a verb.
const AFTER_MAY: &[&str] =
    &["be", "not", "also", "come", "join", "have", "need", "want", "go", "travel", "stay", "change"];
