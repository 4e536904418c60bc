//! Right and wrong runs, and what the grader says about them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail")]

use cicerone::{Error, ErrorKind, RunId, trace::Trace};
use serde_json::{Value, json};

use super::scripted::{Call, Ended, book, nowhere, perfect, run, search, world};
use super::{Expect, grade, violations};

const RETURN: &str = r#"
status = ["completed"]
booked = [
  { kind = "flight", origin = "Berlin", destination = "Lisbon", date = "2026-12-03", pick = "cheapest" },
  { kind = "flight", origin = "Lisbon", destination = "Berlin", date = "2026-12-07", pick = "cheapest" },
]
"#;

const LOOK: &str = r#"
status = ["completed"]
searched = [{ kind = "hotel", city = "Rome", check_in = "2026-12-03", check_out = "2026-12-05", min_stars = 4 }]
[answer_names]
kind = "hotel"
city = "Rome"
check_in = "2026-12-03"
check_out = "2026-12-05"
pick = "cheapest"
min_stars = 4
"#;

const CANCEL: &str = r#"
status = ["completed"]
before = [
  { label = "flight", kind = "flight", origin = "Berlin", destination = "Oslo", date = "2026-12-14" },
  { label = "hotel", kind = "hotel", city = "Oslo", check_in = "2026-12-14", check_out = "2026-12-16" },
]
cancelled = ["hotel"]
listed = ["flight"]
"#;

const BUDGET: &str = r#"
status = ["completed"]
budget.most = 20
budget.met = false
budget.of = [{ kind = "flight", origin = "Berlin", destination = "Lisbon", date = "2026-12-03", pick = "cheapest" }]
"#;

const QUESTION: &str = r#"
status = ["needs_input"]
[instead]
status = ["completed"]
booked = [{ kind = "train", origin = "Berlin", destination = "Munich", date = "2026-12-03", pick = "earliest" }]
"#;

fn expect(text: &str) -> Expect {
    toml::from_str(text).unwrap()
}

fn reasons(expect: &Expect, ended: &Ended) -> String {
    grade(expect, "the request", &ended.world, &ended.run).join("\n")
}

fn broken(expect: &Expect, ended: &Ended) -> String {
    violations(expect, &ended.world, &ended.run).join("\n")
}

#[tokio::test]
async fn another_offer_than_the_right_one_is_named_with_it() {
    let expect = expect(RETURN);
    let (fresh, _folder) = world(&expect);
    let (there, back) = (&expect.booked[0], &expect.booked[1]);
    let (dear, cheap) = (there.offers(&fresh).unwrap()[1].clone(), back.right(&fresh).unwrap()[0].clone());
    let turns = [vec![search(there), search(back)], vec![book(there, &dear.id), book(back, &cheap.id)]];
    let ended = run(&expect, &turns, "Done.").await;
    let reasons = reasons(&expect, &ended);
    assert!(
        reasons.contains("Not booked: the cheapest flight from Berlin to Lisbon on 2026-12-03 (F-BERLIS-"),
        "{reasons}"
    );
    assert!(reasons.contains("Booked, but not asked for: 1 × Flight from Berlin to Lisbon"), "{reasons}");
    assert!(reasons.contains(&dear.id) && !reasons.contains(&cheap.id), "{reasons}");
    assert_eq!(broken(&expect, &ended), "");
}

#[tokio::test]
async fn the_number_and_the_name_of_travellers_count() {
    let expect = expect(RETURN);
    let (mut turns, answer) = perfect(&expect);
    turns[0][1].1["travellers"] = json!(2);
    turns[1][1].1["travellers"] = json!(2);
    turns[1][0].1["traveller"] = json!("Ben Summer");
    let ended = run(&expect, &turns, &answer).await;
    let reasons = reasons(&expect, &ended);
    assert_eq!(reasons.matches("Not booked").count(), 2, "{reasons}");
    assert!(reasons.contains("2 × Flight") && reasons.contains("for Ben Summer"), "{reasons}");
}

#[tokio::test]
async fn a_search_with_other_filters_or_an_answer_without_the_price_is_noticed() {
    let expect = expect(LOOK);
    let (mut turns, answer) = perfect(&expect);
    let ended = run(&expect, &turns, "There are several.").await;
    let said = reasons(&expect, &ended);
    assert!(said.starts_with("The answer does not name the cheapest hotel in Rome"), "{said}");
    turns[0][0].1["min_stars"] = json!(2);
    let ended = run(&expect, &turns, &answer).await;
    let said = reasons(&expect, &ended);
    assert!(said.starts_with("Not searched as asked: a hotel in Rome"), "{said}");
}

#[tokio::test]
async fn a_booking_where_none_is_to_be_is_a_violation() {
    for text in [LOOK, BUDGET] {
        let expect = expect(text);
        let (fresh, _folder) = world(&expect);
        let wish = expect.searched.iter().chain(expect.budget.iter().flat_map(|budget| &budget.of)).next().unwrap();
        let id = wish.offers(&fresh).unwrap()[0].id.clone();
        let ended = run(&expect, &[vec![search(wish)], vec![book(wish, &id)]], "Booked.").await;
        assert!(reasons(&expect, &ended).contains("Booked, but not asked for"));
        assert!(broken(&expect, &ended).starts_with("Booked where nothing was to be: 1 × "));
    }
}

#[tokio::test]
async fn the_wrong_cancellation_and_a_list_that_was_not_read_are_named() {
    let expect = expect(CANCEL);
    let (turns, answer) = perfect(&expect);
    let ended = run(&expect, &turns, &answer).await;
    assert_eq!(reasons(&expect, &ended), "");
    let (fresh, _folder) = world(&expect);
    let flight = super::earlier(&fresh, 0).unwrap().reference;
    let cancel: Call = ("cancel_booking", json!({"bookings": [flight]}));
    let ended = run(&expect, &[vec![("list_bookings", json!({}))], vec![cancel]], "Done.").await;
    let said = reasons(&expect, &ended);
    assert!(said.contains("Cancelled, but not asked for: 1 × Flight from Berlin to Oslo"), "{said}");
    assert!(said.contains("Not cancelled: 1 × ") && said.contains("Oslo, 2026-12-14 to 2026-12-16"), "{said}");
    let ended = run(&expect, &[], "Done.").await;
    assert!(reasons(&expect, &ended).contains("Not looked up: 1 × Flight from Berlin to Oslo"));
}

#[tokio::test]
async fn a_question_or_another_outcome_passes_and_both_wrong_gives_the_first_reasons() {
    let expect = expect(QUESTION);
    let asked = run(&expect, &[vec![nowhere()]], "").await;
    assert_eq!(reasons(&expect, &asked), "");
    let (turns, answer) = perfect(expect.instead.as_ref().unwrap());
    let booked = run(&expect, &turns, &answer).await;
    assert_eq!(reasons(&expect, &booked), "");
    assert_eq!(broken(&expect, &booked), "");
    let neither = run(&expect, &[], "Hello.").await;
    assert_eq!(reasons(&expect, &neither), "The run was to end with a question; it answered: Hello.");
}

#[tokio::test]
async fn malformed_answers_and_bookings_made_twice_are_violations() {
    let expect = expect(RETURN);
    let (turns, answer) = perfect(&expect);
    let wrong: Vec<Call> = vec![("serch", json!({}))];
    let ended = run(&expect, &[vec![wrong[0].clone()], turns[0].clone(), turns[1].clone()], &answer).await;
    assert_eq!(reasons(&expect, &ended), "");
    let said = broken(&expect, &ended);
    assert!(said.starts_with("Malformed: the model's answer 1: there is no tool `serch`"), "{said}");
    // The framework repeats no booking within a run, so this one is made beside it.
    let (turns, answer) = perfect(&expect);
    let ended = run(&expect, &turns, &answer).await;
    let id = ended.world.bookings(None).unwrap().pop().unwrap().item;
    ended.world.book_flight("beside the run", &id, "Ada Winter", 1).unwrap();
    let said = broken(&expect, &ended);
    assert!(said.contains("Booked twice: 1 × Flight from Lisbon to Berlin"), "{said}");
}

#[tokio::test]
async fn a_failed_run_says_how_it_failed() {
    let expect = expect(RETURN);
    let ended = run(&expect, &[], "Done.").await;
    let failed = Err(Error::new(ErrorKind::Model, "the model is gone"));
    let said = grade(&expect, "the request", &ended.world, &failed).join("\n");
    assert!(said.starts_with("The run was to end with an answer; it failed: the model is gone"), "{said}");
}

#[test]
fn an_id_that_no_search_returned_is_a_violation() {
    let expect = expect(RETURN);
    let (fresh, _folder) = world(&expect);
    // The framework lets no such call through: the journal is made by hand.
    let call = |time: u64, tool: &str, args: Value| {
        let planned = json!({"call": time, "step": null, "model_call": null, "tool": tool, "args": args});
        let mut entry = json!({"time": time, "event": "tool_intended", "effect": "idempotent", "key": "k"});
        entry.as_object_mut().unwrap().extend(planned.as_object().unwrap().clone());
        entry
    };
    let found = json!({"result": "output", "output": [{"flight_id": "F-1"}]});
    let journal = json!([
        call(1, "search_flights", json!({"origin": "Berlin"})),
        {"time": 2, "event": "tool_returned", "call": 1, "result": found, "milliseconds": 0},
        call(3, "book_flight", json!({"flight": "F-1"})),
        call(4, "book_flight", json!({"flight": "F-2"})),
    ]);
    let trace = Trace::new(RunId::new(), serde_json::from_value(journal).unwrap());
    let failed = Err(Error::new(ErrorKind::StepLimit, "too many calls").with_trace(trace));
    let said = violations(&expect, &fresh, &failed);
    assert_eq!(said, ["Invented: book_flight was called with F-2, which no search returned"]);
}

#[test]
fn a_case_that_does_not_fit_the_world_is_refused() {
    let fault = |text: &str| {
        super::prepare(&crate::world::World::in_memory(jiff::civil::date(2026, 11, 23)).unwrap(), &expect(text))
            .unwrap_err()
    };
    let wrong = BUDGET.replace("met = false", "met = true");
    assert!(fault(&wrong).starts_with("`met = true`, yet it costs "));
    assert!(fault(&RETURN.replace("Lisbon", "Atlantis")).contains("No city"));
    assert!(fault(&RETURN.replace("booked", "impossible")).ends_with("is called impossible, yet it is on offer"));
    assert!(fault(&CANCEL.replace("[\"hotel\"]", "[\"train\"]")).ends_with("has the label `train`"));
}
