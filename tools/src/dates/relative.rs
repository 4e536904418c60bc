//! Days named by their distance or their feast: "tomorrow", "in two weeks", "this weekend", "Christmas Eve".

use super::amount;
use super::scan::{Day, Expr, Found};
use super::token::Tokens;
use super::words::{DE, EN, ES, FR, Unit};

/// Takes one of them.
pub(super) fn phrase(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    if !tokens.meaning(at).opens {
        return None;
    }
    near(tokens, at, found)
        .or_else(|| away(tokens, at, found))
        .or_else(|| weekend(tokens, at, found))
        .or_else(|| feast(tokens, at, found))
}

/// The words that can begin one of these; all others are passed over at once.
pub(super) fn openers() -> impl Iterator<Item = &'static str> {
    let near = NEAR.iter().map(|(phrase, _)| *phrase);
    let weekends = WEEKENDS.iter().map(|(phrase, _)| *phrase);
    let feasts = FEASTS.iter().map(|(phrase, ..)| *phrase);
    let others = ["aujourd", "in", "en", "dentro", "dans"];
    near.chain(weekends).chain(feasts).chain(others).filter_map(|phrase| phrase.split(' ').next())
}

/// The longest stand first.
const NEAR: &[(&str, i32)] = &[
    ("the day after tomorrow", 2),
    ("day after tomorrow", 2),
    ("tomorrow", 1),
    ("today", 0),
    ("tonight", 0),
    ("ubermorgen", 2),
    ("uebermorgen", 2),
    ("heute", 0),
    ("morgen", 1),
    ("pasado manana", 2),
    ("manana", 1),
    ("hoy", 0),
    ("apres demain", 2),
    ("demain", 1),
];

fn near(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    // French puts marks into these two: "aujourd'hui", "après-demain".
    for (first, mark, second, days) in [("aujourd", '\'', "hui", 0), ("apres", '-', "demain", 2)] {
        if tokens.word(at) == first && tokens.is_mark(at + 1, mark) && tokens.word(at + 2) == second {
            return found.add(tokens, at, at + 3, Expr::Away(days, Unit::Day));
        }
    }
    let (end, days) = NEAR.iter().find_map(|(phrase, days)| Some((tokens.words(at, phrase)?, *days)))?;
    // "Morgen" and "mañana" are mornings, too.
    let before = tokens.word_before(at);
    let morning = match tokens.word(at) {
        "morgen" => {
            matches!(
                before,
                "am" | "guten"
                    | "jeden"
                    | "heute"
                    | "gestern"
                    | "diesen"
                    | "diesem"
                    | "einen"
                    | "einem"
                    | "der"
                    | "den"
                    | "dem"
            ) || tokens.before(at).is_some_and(|token| token.meaning.weekday.is_some())
        }
        "manana" => matches!(before, "la" | "esta" | "una" | "cada"),
        _ => false,
    };
    (!morning).then(|| found.add(tokens, at, end, Expr::Away(days, Unit::Day)))?
}

/// "In two weeks", "dentro de 3 días", "two weeks from now".
fn away(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let (number_at, langs) = match tokens.word(at) {
        "in" => (at + 1, EN | DE),
        // "En 3 jours" is how long it takes in French, and when in Spanish.
        "en" => (at + 1, ES),
        "dentro" if tokens.word(at + 1) == "de" => (at + 2, ES),
        "dans" => (at + 1, FR),
        _ => return None,
    };
    let (count, unit, unit_langs, end) = amount::duration(tokens, number_at, true)?;
    let counts = unit != Unit::Night && unit_langs & langs != 0;
    counts.then(|| found.add(tokens, at, end, Expr::Away(count, unit)))?
}

const WEEKENDS: &[(&str, bool)] = &[
    ("this weekend", false),
    ("this coming weekend", false),
    ("coming weekend", false),
    ("the weekend", false),
    ("next weekend", true),
    ("dieses wochenende", false),
    ("am wochenende", false),
    ("kommendes wochenende", false),
    ("nachstes wochenende", true),
    ("este fin de semana", false),
    ("el fin de semana", false),
    ("proximo fin de semana", true),
    ("ce week end", false),
    ("ce weekend", false),
    ("le weekend prochain", true),
];

fn weekend(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    if tokens.word(at) == "ce" && tokens.word(at + 1) == "week" && tokens.is_mark(at + 2, '-') {
        return found.add(tokens, at, at + 4, Expr::Weekend { next: false });
    }
    let (end, next) = WEEKENDS.iter().find_map(|(phrase, next)| Some((tokens.words(at, phrase)?, *next)))?;
    let other = tokens.word(end) == "after" || (tokens.word(at) == "the" && !tokens.can_end(end));
    (!other).then(|| found.add(tokens, at, end, Expr::Weekend { next }))?
}

/// The longest stand first; an apostrophe counts as a space.
const FEASTS: &[(&str, i8, i8)] = &[
    ("christmas eve", 12, 24),
    ("christmas day", 12, 25),
    ("christmas", 12, 25),
    ("xmas", 12, 25),
    ("boxing day", 12, 26),
    ("new year s eve", 12, 31),
    ("new years eve", 12, 31),
    ("new year s day", 1, 1),
    ("new years day", 1, 1),
    ("heiligabend", 12, 24),
    ("heiligen abend", 12, 24),
    ("weihnachten", 12, 25),
    ("silvester", 12, 31),
    ("neujahr", 1, 1),
    ("neujahrstag", 1, 1),
    ("nochebuena", 12, 24),
    ("dia de navidad", 12, 25),
    ("navidad", 12, 25),
    ("nochevieja", 12, 31),
    ("ano nuevo", 1, 1),
    ("veille de noel", 12, 24),
    ("noel", 12, 25),
    ("nouvel an", 1, 1),
    ("jour de l an", 1, 1),
];

fn feast(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let read = |phrase: &str| {
        phrase.split(' ').try_fold(at, |at, word| {
            let at = at + usize::from(tokens.is_mark(at, '\''));
            (tokens.word(at) == word).then_some(at + 1)
        })
    };
    let (end, month, day) = FEASTS.iter().find_map(|(phrase, month, day)| Some((read(phrase)?, *month, *day)))?;
    // Not the Christmas market, nor the one "de Noël".
    let of = matches!(tokens.word_before(at), "de" | "en" | "father") && tokens.word(at) != "veille";
    if of || !tokens.can_end(end) {
        return None;
    }
    found.add(tokens, at, end, Expr::Day(Day { month: Some(month), day, ..Day::default() }))
}
