//! Plans with alternatives, limits, lists and fields that follow: read, written, checked and constrained.
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
    plan::{Arg, Either, Limit, Pick, Plan, StepId, check, grammar, notation, schema},
    reading::{Kinds, MentionKind},
};
use common::{
    means::asked,
    trip::Trip,
    written::{choosing_json_plan, choosing_plan, same},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const REQUEST: &str =
    "Oslo to Rome for Ada, Bob, Cleo, Dan on 3 December or 7 December, by train or plane, 4 stars, under 300 EUR";
const EITHER: &str = "either_cheapest(book_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\"),\
                      book_flight(cheapest(search_flights(\"Oslo\",\"Rome\")),\"Ada\"))";

/// A plan in which no alternative is called elsewhere, too.
fn sound(text: &str, trip: &Trip) -> Result<Plan, TestCaseError> {
    match notation::read(text, &trip.vocabulary()) {
        Ok(plan) => match check::check(&plan, &trip.vocabulary()) {
            Err(wrong) if wrong.iter().all(|wrong| wrong.contains("an alternative")) => {
                Err(TestCaseError::reject("an alternative is called twice"))
            }
            checked => {
                prop_assert_eq!(checked, Ok(()), "{}", text);
                Ok(plan)
            }
        },
        Err(wrong) if wrong.contains("an alternative") => Err(TestCaseError::reject("an alternative is called twice")),
        Err(wrong) => panic!("{text}\n{wrong}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_notation_reads_what_it_writes(text in choosing_plan()) {
        let trip = asked(REQUEST);
        let vocabulary = trip.vocabulary();
        let plan = sound(&text, &trip)?;
        let written = notation::write(&plan, &vocabulary);
        let again = notation::read(&written, &vocabulary).unwrap();
        prop_assert!(same(&plan, &again), "{}\n\n{}", text, written);
        prop_assert_eq!(notation::write(&again, &vocabulary), written);
        let stored: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        prop_assert_eq!(stored, plan);
    }

    #[test]
    fn the_json_form_reads_what_it_writes_and_its_schema_allows_it(text in choosing_json_plan()) {
        let trip = asked(REQUEST);
        let vocabulary = trip.vocabulary();
        let mut plan = sound(&text, &trip)?;
        for step in &mut plan.steps {
            step.item = None;
            for argument in &vocabulary.tool(&step.tool).unwrap().arguments {
                step.args.entry(argument.name.clone()).or_insert(Arg::Unsaid);
            }
        }
        let json = schema::write(&plan, &vocabulary);
        let schema = jsonschema::options().should_validate_formats(true).build(&schema::of(&vocabulary)).unwrap();
        prop_assert_eq!(schema.iter_errors(&json).map(|error| error.to_string()).next(), None, "{}", json);
        prop_assert_eq!(schema::read(&json, &vocabulary), Ok(plan));
    }
}

#[test]
fn each_new_word_is_read() {
    let trip = asked(REQUEST);
    let vocabulary = trip.vocabulary();
    let text = format!(
        "# Rome\n{EITHER}\nbook_train(fastest(search_trains(\"Oslo\",\"Rome\",date=d1|d2)),\"Bob\")\n\
         draw_tour(all(sights(\"Rome\",stars=4)))\nbudget(300)\nend"
    );
    let plan = notation::read(&text, &vocabulary).unwrap();
    check::check(&plan, &vocabulary).unwrap();
    let lowest = |field: &str| Pick::Lowest(field.parse().unwrap());
    assert_eq!(plan.limits, [Limit { word: "budget".to_owned(), most: 300.0 }]);
    assert_eq!(plan.either, [Either { steps: vec![StepId(2), StepId(4)], pick: lowest("price") }]);
    let reference = |step: u32, name: &str| match &plan.step(StepId(step)).unwrap().args[name] {
        Arg::From(reference) => reference.clone(),
        other => panic!("{other:?}"),
    };
    let (ticket, seats) = (reference(7, "ticket"), reference(7, "seats"));
    assert_eq!((ticket.steps.len(), ticket.pick.clone(), ticket.many), (2, lowest("hours"), false));
    assert_eq!((seats.field.to_string().as_str(), seats.steps, seats.pick), ("seats", ticket.steps, ticket.pick));
    assert_eq!((reference(9, "stops").pick, reference(9, "stops").many), (Pick::All, true));
    assert_eq!(notation::write(&plan, &vocabulary), text);
    assert_eq!(notation::signature(vocabulary.tool("book_train").unwrap()), "book_train(ticket, passenger)");
}

#[test]
fn a_plan_without_items_is_written_whole() {
    let trip = asked(REQUEST);
    let text = format!("{EITHER}\ncheapest(search_trains(\"Rome\",\"Oslo\"))\nend");
    let plan = notation::read(&text, &trip.vocabulary()).unwrap();
    assert_eq!(notation::write(&plan, &trip.vocabulary()), text);
}

#[test]
fn what_is_wrong_with_a_choice_is_said() {
    let trip = asked(REQUEST);
    let vocabulary = trip.vocabulary();
    let train = "book_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\")";
    let flight = "book_flight(cheapest(search_flights(\"Oslo\",\"Rome\")),\"Ada\")";
    let texts = [
        format!("either_cheapest({train})"),
        format!("either_cheapest({train},{train})"),
        format!("{EITHER}\neither_fastest({train},{flight})"),
        format!("{EITHER}\ndelay({train})"),
        format!("{EITHER}\n{flight}"),
        format!("{flight}\n{EITHER}"),
        format!("either_best_rated({train},{flight})"),
        format!("either_cheapest({train},draw_tour(all(sights(\"Rome\"))))"),
        format!("either_cheapest({train},search_trains(\"Oslo\",\"Rome\"))"),
        format!("either_cheapest({train},fly())"),
        format!("either_cheapest({train}|{flight})"),
        format!("{train}\nbudget(400)"),
        format!("{train}\nbudget(4)"),
        format!("{train}\nbudget(soon)"),
        format!("{train}\nhours(4)"),
        "book_train(all(search_trains(\"Oslo\",\"Rome\")),\"Ada\")".to_owned(),
        "book_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\"|\"Bob\")\nend".to_owned(),
        "delay(book_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\"|\"Bob\"))".to_owned(),
        "search_trains(\"Oslo\"|\"Rome\",\"Oslo\"|\"Rome\",date=d1|d2)".to_owned(),
        "book_train(cheapest(search_trains(\"Oslo\",\"Rome\"),search_flights(\"Oslo\",\"Rome\")),\"Ada\")".to_owned(),
        "best_rated(sights(\"Rome\"),search_trains(\"Oslo\",\"Rome\"))".to_owned(),
        "sights(\"Rome\",stars=300)".to_owned(),
        "book_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"for Ada\")".to_owned(),
    ];
    let mut all = String::new();
    for text in &texts {
        let said = match notation::read(text, &vocabulary) {
            Err(wrong) => format!("unreadable: {wrong}"),
            Ok(plan) => {
                check::check(&plan, &vocabulary).map_or_else(|wrong| wrong.join("\n     "), |()| "valid".into())
            }
        };
        all.push_str(&format!("{text}\n  => {said}\n\n"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn what_is_wrong_with_a_choice_in_json_is_said() {
    let trip = asked(REQUEST);
    let vocabulary = trip.vocabulary();
    let plan = notation::read(&format!("# Rome\n{EITHER}\nbudget(300)\nend"), &vocabulary).unwrap();
    let good = schema::write(&plan, &vocabulary);
    assert_eq!(good["limits"], json!({"budget": 300.0}));
    assert_eq!(good["either"], json!([{"steps": ["s2", "s4"], "pick": "cheapest"}]));
    let with = |key: &str, value: Value| {
        let mut json = good.clone();
        json[key] = value;
        let plan = schema::read(&json, &vocabulary)?;
        check::check(&plan, &vocabulary).map_err(|wrong| wrong.join("; "))
    };
    with("limits", json!({"budget": null})).unwrap();
    with("either", json!([])).unwrap();
    let said = [
        with("limits", json!({"budget": 400})),
        with("limits", json!({"hours": 4})),
        with("either", json!([{"steps": ["s2"], "pick": "cheapest"}])),
        with("either", json!([{"steps": ["s2", "s9"], "pick": "cheapest"}])),
        with("either", json!([{"steps": ["s2", "s4"], "pick": "any"}])),
        with("either", json!([{"steps": ["s1", "s3"], "pick": "cheapest"}])),
        with("either", json!([{"steps": ["s2", "s2"], "pick": "fastest"}])),
        with("either", json!([{"pick": "fastest"}])),
    ];
    let said: Vec<String> = said.into_iter().map(Result::unwrap_err).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_request_has_only_what_it_can_use() {
    let can = |trip: &Trip| {
        let vocabulary = trip.vocabulary();
        let (grammar, schema) = (grammar::of(&vocabulary), schema::of(&vocabulary));
        let has = |what: &str| {
            assert_eq!(grammar.lark.contains(what), grammar.gbnf.as_ref().unwrap().contains(what));
            grammar.lark.contains(what)
        };
        assert_eq!(schema["properties"]["either"].is_object(), has("either_cheapest("));
        let limits = schema["properties"]["limits"].is_object();
        (has("\"|\""), has("either_cheapest("), has("budget("), limits, has("book_train("))
    };
    assert_eq!(can(&asked(REQUEST)), (true, true, true, true, true));
    assert_eq!(can(&asked("Oslo to Rome under 300 EUR")), (false, false, true, true, true));
    assert_eq!(can(&asked("Oslo to Rome with 4 stars")), (false, false, false, true, true), "stars are no money");
    assert_eq!(can(&asked("Oslo or Rome under 300 EUR, do not book")), (true, false, false, false, false));
    // Where nobody looks for them, there may be some.
    let mut unread = asked("Oslo to Rome");
    unread.reads = Kinds::default();
    assert!(can(&unread).1);
    // Of the ways to choose those that the request speaks of, and then no lists to choose from.
    let lark = |request: &str| grammar::of(&asked(request).vocabulary()).lark;
    let line = |request: &str| lark(request).lines().find(|line| line.starts_with("line")).unwrap().to_owned();
    assert!(lark("Oslo to Rome").contains("cheapest") && lark("Oslo to Rome").contains("fastest"));
    assert!(!lark("Oslo to Rome, quick").contains("cheapest") && lark("Oslo to Rome, quick").contains("fastest"));
    assert!(line("Oslo to Rome").contains("call_search_trains"));
    assert!(!line("Oslo to Rome, quick").contains("call_search_trains"));
    assert!(lark("Rome, 4 stars").contains("stars=") && !lark("Rome, 4 stars, no stars").contains("stars="));
    // One means alone can't be compared with another.
    let mut alone = asked(REQUEST);
    alone.specs.retain(|tool| tool.name != "book_flight");
    assert!(!grammar::of(&alone.vocabulary()).lark.contains("either_"));
    assert!(schema::of(&alone.vocabulary())["properties"].get("either").is_none());
}

#[test]
fn numbers_stand_where_they_count_the_same() {
    let lark = grammar::of(&asked("Rome with 4 stars under 300 EUR").vocabulary()).lark;
    let rule = |name: &str| lark.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap().to_owned();
    assert!(rule("call_sights").contains("(\",stars=\" \"4\")?"), "{}", rule("call_sights"));
    assert!(rule("line").contains("\"budget(\" \"300\" \")\""), "{}", rule("line"));
    let trip = asked("Rome with 4 stars under 300 EUR");
    let vocabulary = trip.vocabulary();
    let numbers = |unit| vocabulary.numbers(unit).into_iter().collect::<Vec<_>>();
    assert_eq!(numbers(Some("EUR")), ["300"]);
    assert_eq!(numbers(Some("star")), ["4"]);
    assert_eq!(numbers(None), ["300", "4"]);
    // A number of which nobody knows what it counts can be anything.
    let bare = Trip::mentioning("Rome 4 and 300", &[("4", MentionKind::Number, json!(4))]);
    assert_eq!(bare.vocabulary().numbers(Some("star")).into_iter().collect::<Vec<_>>(), ["4"]);
}

#[test]
fn only_what_fits_a_pattern_can_be_quoted() {
    let trip = asked("Oslo to Rome for Ada Lovelace, please");
    let lark = grammar::of(&trip.vocabulary()).lark;
    let book = lark.lines().find(|line| line.starts_with("call_book_train:")).unwrap();
    let names =
        ["Oslo", "Rome", "Ada", "Ada Lovelace", "Lovelace"].map(|name| json!(json!(name).to_string()).to_string());
    assert!(book.contains(&format!("(({}) | \"null\")", names.join(" | "))), "{book}");
    // Where nothing fits, the request does not say it.
    let nobody = grammar::of(&asked("from oslo to rome").vocabulary()).lark;
    let book = nobody.lines().find(|line| line.starts_with("call_book_train:")).unwrap();
    assert!(book.contains("\",\" \"null\" \")\""), "{book}");
}

#[test]
fn what_follows_is_not_asked_for() {
    let trip = asked(REQUEST);
    let vocabulary = trip.vocabulary();
    let plan = notation::read("# a\nbook_train(null,null)\nend", &vocabulary).unwrap();
    let unsaid: Vec<&str> =
        check::unsaid(&plan, &vocabulary).iter().map(|(_, argument)| argument.name.as_str()).collect();
    assert_eq!(unsaid, ["ticket", "passenger"]);
}
