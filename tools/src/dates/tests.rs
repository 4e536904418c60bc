//! Phrases and what they come to on Monday, 23 November 2026; and what holds for any text.

use cicerone_core::reading::{Mention, Reader};
use jiff::civil::date;
use proptest::prelude::*;

use super::Dates;

const TODAY: Dates = Dates::new(date(2026, 11, 23));

/// The mentions of a request, as `words=value` with a bar between.
fn read(request: &str) -> String {
    let show = |mention: &Mention| {
        let words = request.get(mention.span.clone()).unwrap_or("(no words)");
        format!("{words}={}", mention.value.as_str().map_or_else(|| mention.value.to_string(), str::to_owned))
    };
    TODAY.read(request).iter().map(show).collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(request, expected)| read(request) != *expected)
        .map(|(request, expected)| format!("{request}\n  expected {expected}\n  but got  {}", read(request)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn dates_in_figures() {
    check(&[
        ("on 2026-12-03", "2026-12-03=2026-12-03"),
        ("2026/12/3 please", "2026/12/3=2026-12-03"),
        ("at 2026-12-03T17:00:00Z", "2026-12-03=2026-12-03 | 17:00:00=17:00:00"),
        ("am 3.12.2026", "3.12.2026=2026-12-03"),
        ("am 3. 12. 2026", "3. 12. 2026=2026-12-03"),
        ("03.12.26 nach Graz", "03.12.26=2026-12-03"),
        ("am 3.12. nach Graz", "3.12.=2026-12-03"),
        ("am 3.12 nach Graz", "3.12=2026-12-03"),
        ("vom 3.12. bis 7.12.", "3.12.=2026-12-03 | 7.12.=2026-12-07"),
        ("03/12/2026", "03/12/2026=2026-12-03"),
        ("12/25/2026", "12/25/2026=2026-12-25"),
        ("on 3/12 and back on 7/12", "3/12=2026-12-03 | 7/12=2026-12-07"),
        ("3-12-2026", "3-12-2026=2026-12-03"),
        ("on 1/11", "1/11=2027-11-01"),
        ("open 24/7", ""),
        ("50/50", ""),
        ("a rating of 4.5.", "4.5=4.5"),
        ("https://example.org/2026/12/03 on 3/12", "3/12=2026-12-03"),
    ]);
}

#[test]
fn days_and_months() {
    check(&[
        ("on 3 December", "3 December=2026-12-03"),
        ("December 3rd, 2026", "December 3rd, 2026=2026-12-03"),
        ("the 3rd of Dec 2026", "the 3rd of Dec 2026=2026-12-03"),
        ("3rd of Dec. 2026", "3rd of Dec. 2026=2026-12-03"),
        ("3 DECEMBER", "3 DECEMBER=2026-12-03"),
        ("Dec 3", "Dec 3=2026-12-03"),
        ("3-Dec-2026", "3-Dec-2026=2026-12-03"),
        ("3 Dec 27", "3 Dec 27=2027-12-03"),
        ("23 November", "23 November=2026-11-23"),
        ("22 November", "22 November=2027-11-22"),
        ("on 29 February", "29 February=2028-02-29"),
        ("the third of December", "the third of December=2026-12-03"),
        ("December twenty-first", "December twenty-first=2026-12-21"),
        ("am 3. Dezember", "3. Dezember=2026-12-03"),
        ("am 3. Dez. 2026", "3. Dez. 2026=2026-12-03"),
        ("am ersten Dezember", "ersten Dezember=2026-12-01"),
        ("am 5. März", "5. März=2027-03-05"),
        ("am 5. Ma\u{308}rz", "5. Ma\u{308}rz=2027-03-05"),
        ("el 3 de diciembre", "3 de diciembre=2026-12-03"),
        ("el 3 de diciembre de 2026", "3 de diciembre de 2026=2026-12-03"),
        ("le 1er décembre", "1er décembre=2026-12-01"),
        ("le 3 décembre", "3 décembre=2026-12-03"),
        ("5 May", "5 May=2027-05-05"),
        ("may 5", "may 5=2027-05-05"),
        ("may I come in march", ""),
        ("we may 5 people be", "5=5"),
        ("if 5 may join", "5=5"),
        ("in December", ""),
        ("in December 2026", ""),
        ("in December 2 people", "2=2"),
        ("3 December, 2000 EUR", "3 December=2026-12-03 | 2000=2000"),
        ("3 December 20:30", "3 December=2026-12-03 | 20:30=20:30:00"),
    ]);
}

#[test]
fn ranges_and_lists() {
    check(&[
        ("3 to 7 December", "3=2026-12-03 | 7 December=2026-12-07"),
        ("3-7 December", "3=2026-12-03 | 7 December=2026-12-07"),
        ("3–7 Dec 2027", "3=2027-12-03 | 7 Dec 2027=2027-12-07"),
        ("December 3-7", "December 3=2026-12-03 | 7=2026-12-07"),
        ("3rd-7th December", "3rd=2026-12-03 | 7th December=2026-12-07"),
        ("December 3rd to 7th", "December 3rd=2026-12-03 | 7th=2026-12-07"),
        ("from 3 December to 7 December", "3 December=2026-12-03 | 7 December=2026-12-07"),
        ("3 December to 7 December 2027", "3 December=2027-12-03 | 7 December 2027=2027-12-07"),
        ("28 December to 3 January 2027", "28 December=2026-12-28 | 3 January 2027=2027-01-03"),
        ("28 to 3 January", "28=2026-12-28 | 3 January=2027-01-03"),
        ("20 November to 5 December", "20 November=2027-11-20 | 5 December=2027-12-05"),
        ("3, 4 and 5 December", "3=2026-12-03 | 4=2026-12-04 | 5 December=2026-12-05"),
        ("between the 3rd and the 7th of December", "the 3rd=2026-12-03 | 7th of December=2026-12-07"),
        ("for 2, 3 December", "2=2 | 3 December=2026-12-03"),
        ("vom 3. bis 7. Dezember", "3.=2026-12-03 | 7. Dezember=2026-12-07"),
        ("vom 3. bis zum 7. Dezember", "3.=2026-12-03 | 7. Dezember=2026-12-07"),
        ("3.-7.12.", "3.=2026-12-03 | 7.12.=2026-12-07"),
        ("del 3 al 7 de diciembre", "3=2026-12-03 | 7 de diciembre=2026-12-07"),
        ("du 3 au 7 décembre", "3=2026-12-03 | 7 décembre=2026-12-07"),
        ("on 3 December, back on the 7th", "3 December=2026-12-03 | the 7th=2026-12-07"),
        ("on 30 December, back on the 3rd.", "30 December=2026-12-30 | the 3rd=2027-01-03"),
        ("3 December, the 7th or the 8th", "3 December=2026-12-03 | the 7th=2026-12-07 | the 8th=2026-12-08"),
        ("on the 7th or the 8th", "the 7th=2026-12-07 | the 8th=2026-12-08"),
        ("am 3. Dezember, zurück am 7.", "3. Dezember=2026-12-03 | 7.=2026-12-07"),
        ("el 3 de diciembre, vuelta el 7", "3 de diciembre=2026-12-03 | el 7=2026-12-07"),
        ("3 December until 7 pm", "3 December=2026-12-03 | 7 pm=19:00:00"),
        ("3 December and 2 people", "3 December=2026-12-03 | 2=2"),
        ("a room on the 3rd floor", ""),
        ("my 5th trip", ""),
    ]);
}

#[test]
fn weekdays() {
    check(&[
        ("on Friday", "Friday=2026-11-27"),
        ("next Friday", "next Friday=2026-11-27"),
        ("this Friday", "this Friday=2026-11-27"),
        ("on Saturday", "Saturday=2026-11-28"),
        ("on Monday", "Monday=2026-11-30"),
        ("Friday to Sunday", "Friday=2026-11-27 | Sunday=2026-11-29"),
        ("Saturday to Tuesday", "Saturday=2026-11-28 | Tuesday=2026-12-01"),
        ("Fri-Sun", "Fri=2026-11-27 | Sun=2026-11-29"),
        ("Friday or Saturday", "Friday=2026-11-27 | Saturday=2026-11-28"),
        ("on 3 December, back on Sunday", "3 December=2026-12-03 | Sunday=2026-12-06"),
        (
            "3 December, return next Sunday or Monday",
            "3 December=2026-12-03 | next Sunday=2026-12-06 | Monday=2026-12-07",
        ),
        ("Friday next week", "Friday next week=2026-12-04"),
        ("next week on Friday", "next week on Friday=2026-12-04"),
        ("next week", ""),
        ("Thursday, 3 December", "Thursday, 3 December=2026-12-03"),
        ("Thursday 3 to Monday 7 December", "Thursday 3=2026-12-03 | Monday 7 December=2026-12-07"),
        ("Friday the 27th", "Friday the 27th=2026-11-27"),
        ("Donnerstag, den 3. Dezember", "Donnerstag, den 3. Dezember=2026-12-03"),
        ("jueves 3 de diciembre", "jueves 3 de diciembre=2026-12-03"),
        ("am Freitag, zurück am Sonntag", "Freitag=2026-11-27 | Sonntag=2026-11-29"),
        ("nächsten Freitag", "nächsten Freitag=2026-11-27"),
        ("el próximo viernes", "próximo viernes=2026-11-27"),
        ("viernes a domingo", "viernes=2026-11-27 | domingo=2026-11-29"),
        ("vendredi prochain", "vendredi prochain=2026-11-27"),
        ("last Friday", ""),
        ("every Friday", ""),
        ("sun and sea", ""),
        ("on Sun", "Sun=2026-11-29"),
        ("Santo Domingo", ""),
        ("Friday 5 pm", "Friday=2026-11-27 | 5 pm=17:00:00"),
    ]);
}

#[test]
fn relative_days_and_feasts() {
    check(&[
        ("today", "today=2026-11-23"),
        ("Tomorrow", "Tomorrow=2026-11-24"),
        ("the day after tomorrow", "the day after tomorrow=2026-11-25"),
        ("heute oder übermorgen", "heute=2026-11-23 | übermorgen=2026-11-25"),
        ("morgen", "morgen=2026-11-24"),
        ("guten Morgen, am Morgen", ""),
        ("mañana por la mañana", "mañana=2026-11-24"),
        ("pasado mañana", "pasado mañana=2026-11-25"),
        ("demain ou après-demain", "demain=2026-11-24 | après-demain=2026-11-25"),
        ("aujourd’hui", "aujourd’hui=2026-11-23"),
        ("in two weeks", "in two weeks=2026-12-07"),
        ("in 3 days", "in 3 days=2026-11-26"),
        ("in a week", "in a week=2026-11-30"),
        ("in einer Woche", "in einer Woche=2026-11-30"),
        ("dentro de 3 días", "dentro de 3 días=2026-11-26"),
        ("dans trois jours", "dans trois jours=2026-11-26"),
        ("two weeks from now", "two weeks from now=2026-12-07"),
        ("this weekend", "this weekend=2026-11-28"),
        ("next weekend", "next weekend=2026-12-05"),
        ("am Wochenende", "am Wochenende=2026-11-28"),
        ("Christmas Eve", "Christmas Eve=2026-12-24"),
        ("before Christmas.", "Christmas=2026-12-25"),
        ("the Christmas market", ""),
        ("New Year's Eve", "New Year's Eve=2026-12-31"),
        ("New Year’s Day", "New Year’s Day=2027-01-01"),
        ("an Silvester", "Silvester=2026-12-31"),
        ("en Nochebuena", ""),
        ("marché de Noël", ""),
        ("tomorrow until Sunday", "tomorrow=2026-11-24 | Sunday=2026-11-29"),
    ]);
}

#[test]
fn stays() {
    check(&[
        ("3 December for 3 nights", "3 December=2026-12-03 | 3 nights=2026-12-06"),
        ("from 3 December, for two weeks", "3 December=2026-12-03 | two weeks=2026-12-17"),
        ("4 nights in Graz from 3 December", "4 nights=2026-12-07 | 3 December=2026-12-03"),
        ("3 to 7 December, 4 nights", "3=2026-12-03 | 7 December=2026-12-07 | 4 nights=2026-12-07"),
        (
            "3 December, 2 nights here, 2 nights there",
            "3 December=2026-12-03 | 2 nights=2026-12-05 | 2 nights=2026-12-07",
        ),
        (
            "2 nights here and 2 nights there from 3 December",
            "2 nights=2026-12-05 | 2 nights=2026-12-07 | 3 December=2026-12-03",
        ),
        ("3 December, 3 nights, a 2-day pass", "3 December=2026-12-03 | 3 nights=2026-12-06 | 2-day=2026-12-05"),
        ("3 December, 3-4 nights", "3 December=2026-12-03 | 3=2026-12-06 | 4 nights=2026-12-07"),
        ("a 4-night stay from tomorrow", "4-night=2026-11-28 | tomorrow=2026-11-24"),
        ("Friday for a week", "Friday=2026-11-27 | a week=2026-12-04"),
        ("Friday, 90 EUR a night", "Friday=2026-11-27 | 90=90"),
        ("3 nights", "3=3"),
        ("for two weeks", "two=2"),
        ("ab 3. Dezember drei Nächte", "3. Dezember=2026-12-03 | drei Nächte=2026-12-06"),
        ("3 de diciembre, tres noches", "3 de diciembre=2026-12-03 | tres noches=2026-12-06"),
        ("3 décembre, trois nuits", "3 décembre=2026-12-03 | trois nuits=2026-12-06"),
        ("on 31 January for a month", "31 January=2027-01-31 | a month=2027-02-28"),
        ("3 days ago, on Friday", "3=3 | Friday=2026-11-27"),
        ("for 99999999999 nights from 3 December", "99999999999=99999999999 | 3 December=2026-12-03"),
    ]);
}

#[test]
fn times() {
    check(&[
        ("at 17:00", "17:00=17:00:00"),
        ("5 pm", "5 pm=17:00:00"),
        ("5pm.", "5pm=17:00:00"),
        ("5:30pm", "5:30pm=17:30:00"),
        ("5 p.m. sharp", "5 p.m.=17:00:00"),
        ("12 am or 12 pm", "12 am=00:00:00 | 12 pm=12:00:00"),
        ("before noon", "noon=12:00:00"),
        ("at midnight", "midnight=00:00:00"),
        ("um 17 Uhr", "17 Uhr=17:00:00"),
        ("um 17.30 Uhr", "17.30 Uhr=17:30:00"),
        ("um 17 Uhr 30", "17 Uhr 30=17:30:00"),
        ("à 17h", "17h=17:00:00"),
        ("à 17h30", "17h30=17:30:00"),
        ("a 5h flight", "5=5"),
        ("five o'clock", "five o'clock=05:00:00"),
        ("at 5 in the afternoon", "5 in the afternoon=17:00:00"),
        ("a las cinco de la tarde", "cinco de la tarde=17:00:00"),
        ("between 5 and 7 pm", "5=17:00:00 | 7 pm=19:00:00"),
        ("in the morning", ""),
        ("tomorrow morning", "tomorrow=2026-11-24"),
        ("at 25:00", ""),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("two travellers", "two=2"),
        ("a table for two", "two=2"),
        ("zwei Personen", "zwei=2"),
        ("für zwei", "zwei=2"),
        ("dos personas", "dos=2"),
        ("deux personnes", "deux=2"),
        ("eine Person, ein Hotel", "eine=1 | ein=1"),
        ("two or three people", "two=2 | three=3"),
        ("twenty-five people", "twenty-five=25"),
        ("two hundred euros", "two hundred=200"),
        ("two of us", "two=2"),
        ("a four-star hotel", "four=4"),
        ("under 90", "90=90"),
        ("900 EUR", "900=900"),
        ("€900", "900=900"),
        ("1,200 euros", "1,200=1200"),
        ("1.200,50 €", "1.200,50=1200.5"),
        ("99.90", "99.90=99.9"),
        ("90.00", "90.00=90"),
        ("2k", "2k=2000"),
        ("at most -5 degrees", "-5=-5"),
        ("2 people", "2=2"),
        ("2-3 people", "2=2 | 3=3"),
        ("one way", ""),
        ("a one-way ticket", ""),
        ("just a second", ""),
        ("I went there once people left", ""),
        ("très bien", ""),
        ("flight LH400 or OS 123", "123=123"),
        ("call 0664 192.168.1.1", ""),
    ]);
}

#[test]
fn chinese() {
    check(&[
        ("12月3日", "12月3日=2026-12-03"),
        ("2026年12月3日", "2026年12月3日=2026-12-03"),
        ("十二月三号", "十二月三号=2026-12-03"),
        ("12月3日到7日", "12月3日=2026-12-03 | 7日=2026-12-07"),
        ("今天或者明天", "今天=2026-11-23 | 明天=2026-11-24"),
        ("后天去格拉茨，三晚", "后天=2026-11-25 | 三晚=2026-11-28"),
        ("周五到周日", "周五=2026-11-27 | 周日=2026-11-29"),
        ("下周五", "下周五=2026-12-04"),
        ("两周后", "两周后=2026-12-07"),
        ("下午5点半", "下午5点半=17:30:00"),
        ("两个人", "两=2"),
        ("2人，每晚90欧", "2=2 | 90=90"),
        ("便宜一点", ""),
    ]);
}

#[test]
fn impossible_days_are_pointed_out_and_not_mended() {
    let impossible = |request: &str| {
        let spans = TODAY.impossible(request);
        spans.iter().filter_map(|span| request.get(span.clone())).collect::<Vec<_>>().join(" | ")
    };
    for (request, expected) in [
        ("on 31 February", "31 February"),
        ("30 February 2027", "30 February 2027"),
        ("29 February 2027", "29 February 2027"),
        ("31/2", "31/2"),
        ("am 31.11.", "31.11."),
        ("2026-13-45", "2026-13-45"),
        ("32 December", "32 December"),
        ("Friday 3 December", "Friday 3 December"),
        ("30 to 31 February", "30 | 31 February"),
        ("2月30日", "2月30日"),
        ("on 3 February, back on the 31st", "the 31st"),
    ] {
        assert_eq!(impossible(request), expected, "{request}");
        assert!(!read(request).contains("2026-13") && TODAY.read(request).len() <= 1, "{request}: {}", read(request));
    }
    assert_eq!(impossible("on 28 February"), "");
}

#[test]
fn the_days_of_a_weekend_know_their_weekend() {
    let on = |day, request: &str| {
        let mentions = Dates::new(date(2026, 11, day)).read(request);
        mentions.iter().map(|mention| mention.value.to_string()).collect::<String>()
    };
    assert_eq!(on(28, "this weekend"), r#""2026-11-28""#);
    assert_eq!(on(29, "this weekend"), r#""2026-11-29""#);
    assert_eq!(on(29, "next weekend"), r#""2026-12-05""#);
    assert_eq!(on(27, "Friday"), r#""2026-12-04""#);
}

#[test]
fn a_long_text_takes_no_time() {
    for phrase in ["3 to 7 December, 4 nights ", "1 ", "3, ", "1.1", "back on Friday ", "the ", "三", "twenty-", "may "]
    {
        let text = phrase.repeat(100_000 / phrase.len());
        let start = std::time::Instant::now();
        TODAY.read(&text);
        let took = start.elapsed();
        // A hundred times what it takes with optimisation: this is about growth, on machines of any speed.
        assert!(took.as_secs() < 5, "{phrase:?} took {took:?}");
    }
}

fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        proptest::sample::select(vec![
            "3",
            "31",
            "12",
            "2026",
            "99999999999999999999",
            "0",
            "December",
            "may",
            "the",
            "7th",
            "to",
            "-",
            ".",
            ",",
            ":",
            "/",
            "Friday",
            "next",
            "week",
            "back",
            "in",
            "for",
            "two",
            "nights",
            "twenty",
            "hundred",
            "k",
            "pm",
            "h",
            "Uhr",
            "o'clock",
            "am",
            "de",
            "月",
            "日",
            "三",
            "十",
            "周",
            "晚",
            "后",
            "٣",
            "ﬁ",
            "İ",
            "\u{301}",
            "🦀",
            "12月",
            "'",
            "to the",
            "1er",
            "T",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    let gap = prop_oneof![Just(" "), Just(""), Just("\u{a0}")];
    proptest::collection::vec((fragment, gap), 0..40)
        .prop_map(|parts| parts.into_iter().map(|(fragment, gap)| fragment + gap).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_whole_mentions_in_order(
        text in prop_oneof![any::<String>(), fragments()],
        year in prop_oneof![Just(-9999i16), Just(9999), 1900i16..2200],
        month in 1i8..=12,
        day in 1i8..=28,
    ) {
        let dates = Dates::new(date(year, month, day));
        let mut done = 0;
        for mention in dates.read(&text) {
            prop_assert!(mention.span.start >= done && mention.span.start < mention.span.end, "{mention:?}");
            prop_assert!(text.get(mention.span.clone()).is_some(), "{mention:?}");
            done = mention.span.end;
        }
        for span in dates.impossible(&text) {
            prop_assert!(text.get(span).is_some_and(|words| !words.is_empty()));
        }
    }
}
