//! Plans as models write them: read, written, checked and rejected.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use cicerone_core::{
    plan::{Arg, Pick, Plan, Reference, Step, StepId, check, grammar, notation, schema},
    reading::MentionKind,
};
use common::{
    trip::Trip,
    written::{json_plan, notation_plan, same},
};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_notation_reads_what_it_writes(text in notation_plan()) {
        let trip = Trip::to_lisbon();
        let vocabulary = trip.vocabulary();
        let plan = notation::read(&text, &vocabulary).unwrap();
        prop_assert_eq!(check::check(&plan, &vocabulary), Ok(()), "{}", text);
        let written = notation::write(&plan, &vocabulary);
        let again = notation::read(&written, &vocabulary).unwrap();
        prop_assert!(same(&plan, &again), "{}\n\n{}", text, written);
        prop_assert_eq!(notation::write(&again, &vocabulary), written);
    }

    #[test]
    fn the_json_form_reads_what_it_writes_and_its_schema_allows_it(text in json_plan()) {
        let trip = Trip::to_lisbon();
        let vocabulary = trip.vocabulary();
        let mut plan = notation::read(&text, &vocabulary).unwrap();
        // The JSON form neither shows choices nor says which item a step serves.
        plan.shown.clear();
        plan.steps.iter_mut().for_each(|step| step.item = None);
        // A remote model names all arguments.
        for step in &mut plan.steps {
            for argument in &vocabulary.tool(&step.tool).unwrap().arguments {
                step.args.entry(argument.name.clone()).or_insert(Arg::Unsaid);
            }
        }
        let json = schema::write(&plan, &vocabulary);
        let schema = jsonschema::options().should_validate_formats(true).build(&schema::of(&vocabulary)).unwrap();
        prop_assert_eq!(schema.iter_errors(&json).map(|error| error.to_string()).next(), None, "{}", json);
        prop_assert_eq!(schema::read(&json, &vocabulary), Ok(plan));
    }

    #[test]
    fn whatever_a_model_writes_is_read_or_rejected(text in r##"([a-z_]{0,6}[(),"# =\n0-9d\[\]{}]{0,3}){0,20}"##) {
        let trip = Trip::to_lisbon();
        let vocabulary = trip.vocabulary();
        if let Ok(plan) = notation::read(&text, &vocabulary) {
            let _ = check::check(&plan, &vocabulary);
        }
    }
}

/// Each input with what reading, or else checking, says to it.
fn verdicts<'t>(trip: &Trip, texts: impl IntoIterator<Item = &'t str>) -> String {
    let vocabulary = trip.vocabulary();
    let mut all = String::new();
    for text in texts {
        let verdict = match notation::read(text, &vocabulary) {
            Err(wrong) => format!("unreadable: {wrong}"),
            Ok(plan) => match check::check(&plan, &vocabulary) {
                Err(wrong) => wrong.join("\n"),
                Ok(()) => "valid".to_owned(),
            },
        };
        all.push_str(&format!("{text}\n  => {}\n\n", verdict.replace('\n', "\n     ")));
    }
    all
}

#[test]
fn what_cannot_be_read_is_said() {
    let texts = [
        "",
        "# Berlin to Lisbon\nend",
        "serch(\"Berlin\",\"Lisbon\",d1)",
        "fly(\"Berlin\")",
        "search(\"Berlin\",\"Lisbon\",d1",
        "search \"Berlin\"",
        "search(\"Berlin\",\"Lisbon\",d1,2)",
        "search(\"Berlin\",\"Lisbon\",d3)",
        "search(\"Berlin\",Lisbon,d1)",
        "search(\"Berlin\",\"Lisbon\",d1,seat=2)",
        "search(\"Berlin\",\"Lisbon\",d1) and book it",
        "book(\"F-1\",\"Ada Lovelace\")",
        "book(search(\"Berlin\",\"Lisbon\",d1),\"Ada Lovelace\")",
        "book(fastest(search(\"Berlin\",\"Lisbon\",d1)),\"Ada Lovelace\")",
        "book(cheapest(weather()),\"Ada Lovelace\")",
        "book(cheapest(),\"Ada Lovelace\")",
        "insure(cheapest(search(\"Berlin\",\"Lisbon\",d1)))",
        "cheapest(weather())",
    ];
    insta::assert_snapshot!(verdicts(&Trip::to_lisbon(), texts));
    let deep = "insure(".repeat(40);
    assert!(notation::read(&deep, &Trip::to_lisbon().vocabulary()).is_err());
}

#[test]
fn what_is_read_is_checked() {
    let texts = [
        "search(\"Paris\",\"Lisbon\",d1)",
        "search(\"\",\"Lisbon\",d1)",
        "search(\"berlin  TO\",\"Lisbon\",d1)",
        "search(\"Berlin\",\"Lisbon\",\"2026-02-30\")",
        "search(\"Berlin\",\"Lisbon\",\"soon\")",
        "search(\"Berlin\",\"Lisbon\",t1)",
        "search(\"Berlin\",\"Lisbon\",d1,seats=\"two\")",
        "search(\"Berlin\",\"Lisbon\",d1,seats=-2)",
        "search(\"Berlin\",\"Lisbon\",d1,class=\"first\")",
        "search(\"Berlin\",\"Lisbon\",d1,direct=1)",
        "search(\"Berlin\",\"Lisbon\",d1,after=d1)",
        "insure(null,extras=\"all\")",
        "search(null,null,null)",
    ];
    insta::assert_snapshot!(verdicts(&Trip::to_lisbon(), texts));
}

#[test]
fn a_fence_and_what_follows_the_end_are_passed_over() {
    let trip = Trip::to_lisbon();
    let vocabulary = trip.vocabulary();
    let plain = notation::read("# a\nsearch(\"Berlin\",\"Lisbon\",d1,seats=2)\nend", &vocabulary).unwrap();
    let fenced = "```text\n# a\nsearch( \"Berlin\" , \"Lisbon\" , date = d1, seats = 2 )\n```\nThat is the plan.";
    assert_eq!(notation::read(fenced, &vocabulary).unwrap(), plain);
    let named = "# a\nsearch(destination=\"Lisbon\",origin=\"Berlin\",d1,seats=2)\nend\nanything(";
    assert_eq!(notation::read(named, &vocabulary).unwrap(), plain);
    // The same call twice is one step.
    let twice = "# a\nsearch(\"Berlin\",\"Lisbon\",d1,seats=2)\nsearch(\"Berlin\",\"Lisbon\",d1,seats=2)";
    assert_eq!(notation::read(twice, &vocabulary).unwrap(), plain);
}

fn step(id: u32, tool: &str, args: impl IntoIterator<Item = (&'static str, Arg)>) -> Step {
    let args = args.into_iter().map(|(name, arg)| (name.to_owned(), arg)).collect();
    Step { id: StepId(id), tool: tool.to_owned(), args, needs: Vec::new(), item: None }
}

fn text(value: &str) -> Arg {
    Arg::Literal(json!(value))
}

fn flight_of(steps: &[u32], items: &str, field: &str) -> Arg {
    let steps = steps.iter().map(|id| StepId(*id)).collect();
    Arg::From(Reference {
        steps,
        items: items.parse().unwrap(),
        field: field.parse().unwrap(),
        pick: Pick::First,
        many: false,
    })
}

#[test]
fn each_kind_of_wrong_plan_is_said() {
    let search = |id| step(id, "search", [("origin", text("Berlin")), ("destination", text("Lisbon"))]);
    let book = |id, flight| step(id, "book", [("flight", flight), ("passenger", text("Ada Lovelace"))]);
    let mut needs = search(1);
    needs.needs = vec![StepId(9)];
    let plans: Vec<(&str, Vec<Step>)> = vec![
        ("no steps", vec![]),
        ("an unknown tool, nearly right", vec![step(1, "serch", [])]),
        ("an unknown tool", vec![step(1, "teleport", [])]),
        ("an unknown argument, nearly right", vec![step(1, "search", [("orign", text("Berlin"))])]),
        ("an unknown argument", vec![step(1, "weather", [("altitude", text("Berlin"))])]),
        ("text that was made up", vec![step(1, "weather", [("place", text("Porto"))])]),
        ("a literal for a grounded argument", vec![search(1), book(2, text("F-1"))]),
        ("a reference to nothing", vec![search(1), book(2, flight_of(&[], "[]", "id"))]),
        ("a dangling reference", vec![search(1), book(2, flight_of(&[7], "[]", "id"))]),
        ("a forward reference", vec![book(1, flight_of(&[2], "[]", "id")), search(2)]),
        ("a reference to itself", vec![search(1), book(2, flight_of(&[2], "[]", "id"))]),
        ("a field that does not exist", vec![search(1), book(2, flight_of(&[1], "[]", "number"))]),
        ("another field", vec![search(1), book(2, flight_of(&[1], "[]", "price"))]),
        ("another tool", vec![step(1, "weather", []), book(2, flight_of(&[1], "[]", "id"))]),
        ("an invalid date", vec![step(1, "search", [("date", text("2026-02-29"))])]),
        ("a wrong type", vec![step(1, "search", [("seats", text("2"))])]),
        ("a need that is no earlier step", vec![needs]),
        ("two steps of one name", vec![search(1), step(1, "weather", [])]),
    ];
    let trip = Trip::to_lisbon();
    let mut all = String::new();
    for (what, steps) in plans {
        let plan = Plan { asked: vec!["a trip".to_owned()], steps, ..Plan::default() };
        let wrong = check::check(&plan, &trip.vocabulary()).expect_err(what);
        all.push_str(&format!("{what}\n  => {}\n", wrong.join("\n     ")));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_plan_without_end_is_rejected() {
    let steps = (1..=65).map(|id| step(id, "weather", [])).collect();
    let plan = Plan { steps, ..Plan::default() };
    let wrong = check::check(&plan, &Trip::to_lisbon().vocabulary()).unwrap_err();
    assert_eq!(wrong, ["the plan has 65 steps; 64 are allowed"]);
}

#[test]
fn the_grammar_of_a_request_with_dates_and_numbers() {
    let grammar = grammar::of(&Trip::to_lisbon().vocabulary());
    insta::assert_snapshot!(grammar.lark);
    insta::assert_snapshot!("the_same_grammar_in_gbnf", grammar.gbnf.unwrap());
}

/// The rule of this name.
fn rule(lark: &str, name: &str) -> String {
    lark.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap().to_owned()
}

#[test]
fn a_grammar_allows_only_what_the_request_says() {
    // No date, no number: nothing but `null` can stand for them.
    let vague = Trip::mentioning("from \"Old\" Rome to Athens", &[]).or(None);
    let lark = grammar::of(&vague.vocabulary()).lark;
    let search = rule(&lark, "call_search");
    let arguments = r#""search(" (("\"" PIECE "\"") | "null") "," (("\"" PIECE "\"") | "null") "," "null""#;
    assert!(search.starts_with(&format!("call_search: {arguments}")), "{search}");
    assert!(!search.contains("seats") && !search.contains("budget") && !search.contains("after"), "{search}");
    let piece = r#"PIECE: %regex {"substring_words":"from  Old  Rome to Athens"} & /(.|\n)+/"#;
    assert_eq!(rule(&lark, "PIECE"), piece, "a piece of the request that says something");
    // A piece of it is a valid quotation, although the marks are gone.
    let quoted = "search(\"Old  Rome\",\"Athens\",null)";
    check::check(&notation::read(quoted, &vague.vocabulary()).unwrap(), &vague.vocabulary()).unwrap();

    // Numbers are those of the request, as JSON writes them.
    let digits = Trip::new("Rome to Athens at 07:30 for 2, under 1,250.50 EUR, 00 and 3.").or(None);
    let search = rule(&grammar::of(&digits.vocabulary()).lark, "call_search");
    assert!(search.contains("(\",seats=\" (\"0\" | \"2\" | \"3\" | \"30\" | \"7\"))?"), "{search}");
    assert!(search.contains("\"1250.5\""), "{search}");
    assert!(search.contains("(DATE | \"null\")"), "{search}");

    // A value may have alternatives only where the request has, or where nobody looked.
    let quoted = r#"("\"" PIECE "\"")"#;
    let several = format!(r#"(({quoted} ("|" {quoted}){{0,2}}) | "null")"#);
    for (trip, allowed) in [(vague.clone(), false), (vague.or(Some("Old")), true), (Trip::new("Rome to Athens"), true)]
    {
        let search = rule(&grammar::of(&trip.vocabulary()).lark, "call_search");
        assert_eq!(search.contains(&several), allowed, "{search}");
    }

    // Where words have no spaces between them, a piece may begin anywhere.
    let japanese = Trip::new("ローマからアテネまで");
    assert!(rule(&grammar::of(&japanese.vocabulary()).lark, "PIECE").contains("substring_chars"));
}

#[test]
fn mentions_have_short_names_in_the_order_of_time() {
    use MentionKind::Date;
    let trip = Trip::mentioning(
        "back on 7 December, there on 3 December, so not on 7 Dec",
        &[
            ("7 December", Date, json!("2026-12-07")),
            ("3 December", Date, json!("2026-12-03")),
            ("7 Dec,", Date, json!("2026-12-07")),
        ]
        .map(|(words, kind, value)| (words.trim_end_matches(','), kind, value))[..2],
    );
    let annotated = trip.vocabulary().annotated();
    assert_eq!(annotated, "back on 7 December [d2], there on 3 December [d1], so not on 7 Dec");
}

#[test]
fn the_json_schema_rejects_what_was_invented() {
    let trip = Trip::to_lisbon();
    let vocabulary = trip.vocabulary();
    let schema = jsonschema::options().should_validate_formats(true).build(&schema::of(&vocabulary)).unwrap();
    let plan = |flight: Value| {
        let search = json!({"origin": "Berlin", "destination": "Lisbon", "date": "2026-12-03", "seats": null,
            "budget": null, "direct": null, "class": null, "after": null});
        json!({"asked": ["Berlin to Lisbon"], "steps": [
            {"id": "s1", "tool": "search", "args": search},
            {"id": "s2", "tool": "book", "args": {"flight": flight, "passenger": "Ada Lovelace", "note": null}},
        ]})
    };
    assert!(schema.is_valid(&plan(json!({"from": ["s1"], "pick": "cheapest"}))));
    assert!(!schema.is_valid(&plan(json!("F-1"))));
    assert!(!schema.is_valid(&plan(json!({"from": ["s1"], "pick": "nearest"}))));
    assert!(!schema.is_valid(&plan(json!({"from": [], "pick": "any"}))));

    let mut twice = plan(json!({"from": ["s1"], "pick": "any"}));
    twice["steps"][1]["id"] = json!("s1");
    let wrong = [
        json!("a plan"),
        plan(json!("F-1")),
        plan(json!({"from": ["s1"], "pick": "nearest"})),
        plan(json!({"from": ["s3"], "pick": "any"})),
        twice,
        json!({"asked": [], "steps": vec![json!({"id": "a", "tool": "weather"}); 65]}),
    ];
    let said: Vec<String> = wrong.iter().map(|json| schema::read(json, &vocabulary).unwrap_err()).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_the_request_does_not_say_is_found() {
    let trip = Trip::to_lisbon();
    let vocabulary = trip.vocabulary();
    let plan = notation::read("book(cheapest(search(\"Berlin\",null,d1)),null)", &vocabulary).unwrap();
    let unsaid = check::unsaid(&plan, &vocabulary);
    let names: Vec<_> = unsaid.iter().map(|(step, argument)| (step.tool.as_str(), argument.name.as_str())).collect();
    assert_eq!(names, [("search", "destination"), ("book", "passenger")]);
}

#[test]
fn what_a_request_cannot_mean_is_not_offered() {
    let trip = Trip::mentioning("by ship to Rome", &[("ship", MentionKind::Excludes, json!("search"))]);
    let lark = grammar::of(&trip.vocabulary()).lark;
    // Nor is what is grounded in it.
    assert!(!lark.contains("call_search") && !lark.contains("call_book"), "{lark}");
    assert!(lark.contains("call_weather"), "{lark}");
    let plan = notation::read("search(\"ship\",\"Rome\",null)", &trip.vocabulary()).unwrap();
    let wrong = check::check(&plan, &trip.vocabulary()).unwrap_err();
    assert_eq!(wrong, ["s1 calls `search`, which the request can't mean"]);
}
