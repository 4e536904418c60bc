//! The library's rules, and the cases: each can be met, and is not met by a plan for something else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};

use cicerone::{prelude::*, reading::Reader as _};
use jiff::civil::{Date, date};
use serde::Deserialize;

use super::{
    Expect, Library, agent, grade,
    grade::changes,
    prepare, violations,
    world::{Refusal, Search},
};

const TODAY: Date = date(2026, 11, 23);

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the fields state what a case has")]
struct Case {
    name: String,
    kind: String,
    #[serde(default)]
    hard: bool,
    request: String,
    expect: Expect,
}

fn cases() -> Vec<Case> {
    toml::from_str::<Cases>(include_str!("cases.toml")).unwrap().case
}

fn plans() -> BTreeMap<String, String> {
    toml::from_str(include_str!("plans.toml")).unwrap()
}

/// Carries a plan out for a request; the library afterwards, and how the run ended.
async fn carry_out(request: &str, expect: &Expect, plan: &str) -> (Library, Result<Run, Error>) {
    let library = Library::new(TODAY);
    prepare(&library, expect).unwrap();
    // A plan that seems to pass over something is asked for once more.
    let written = format!("{}\nend", plan.trim());
    let model = ScriptedModel::new().reply(written.clone()).reply(written);
    let agent = agent(model, library.clone(), TODAY)
        .unwrap()
        .approver(|_: PlannedCall| async { Verdict::Approve })
        .build()
        .unwrap();
    let run = agent.run(request).await;
    (library, run)
}

fn trace(run: &Result<Run, Error>) -> String {
    match run {
        Ok(run) => run.trace.to_string(),
        Err(error) => format!("{error:?}\n{}", error.trace().map(ToString::to_string).unwrap_or_default()),
    }
}

#[tokio::test]
async fn each_case_is_met_by_its_plan() {
    let plans = plans();
    for Case { name, request, expect, .. } in cases() {
        let (library, run) = carry_out(&request, &expect, &plans[&name]).await;
        assert_eq!(grade(&expect, &request, &library, &run), [""; 0], "{name}\n{}", trace(&run));
        assert_eq!(violations(&expect, &request, &library, &run), [""; 0], "{name}\n{}", trace(&run));
    }
}

#[tokio::test]
async fn no_case_is_met_by_a_plan_for_something_else() {
    for Case { name, request, expect, .. } in cases() {
        // Whatever was asked, this reads nothing, and does something that no case expects.
        let request = format!("{request} The Village Oven");
        let plan = "# The Village Oven\nborrow_book(any(search_books(\"The Village Oven\")))";
        let (library, run) = carry_out(&request, &expect, plan).await;
        // A request that only asks is kept from lending by code, whatever the plan says.
        let kept = !LookOnly.read(&request).is_empty();
        assert!(run.is_ok() || kept, "{name}: {}", trace(&run));
        assert_ne!(grade(&expect, &request, &library, &run), [""; 0], "{name}");
        assert!(!kept || changes(&library) == super::grade::Changes::default(), "{name}");
        let harmful = !violations(&expect, &request, &library, &run).is_empty();
        assert!(kept || harmful == expect.changes_nothing(), "{name}: {}", trace(&run));

        let plan = "# The Village Oven\nsearch_books(\"The Village Oven\")";
        let (library, run) = carry_out(&request, &expect, plan).await;
        assert_ne!(grade(&expect, &request, &library, &run), [""; 0], "{name}");
        assert_eq!(violations(&expect, &request, &library, &run), [""; 0], "{name}");
    }
}

#[test]
fn cases_and_plans_belong_together() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases of one name");
    let plans = plans();
    assert_eq!(names, plans.keys().map(String::as_str).collect());
    for case in cases {
        assert!(!case.request.trim().is_empty() && !case.kind.is_empty(), "{}", case.name);
    }
}

#[test]
fn a_case_with_a_wrong_title_is_refused() {
    for text in ["borrowed = ['No Such Book']", "taken = ['No Such Book']", "has = ['No Such Book']"] {
        let expect: Expect = toml::from_str(text).unwrap();
        assert!(prepare(&Library::new(TODAY), &expect).unwrap_err().contains("`No Such Book`"));
    }
    assert!(toml::from_str::<Expect>("borowed = []").is_err());
}

#[tokio::test]
async fn an_answer_is_graded_by_the_titles_that_it_names() {
    let expect: Expect = toml::from_str("shown = ['The Last Blow']").unwrap();
    let request = "The longest book on whales?";
    let all = carry_out(request, &expect, "# whales\nsearch_books(\"whales\")").await;
    let wrong = grade(&expect, request, &all.0, &all.1);
    assert!(wrong[0].contains("`The Last Blow`") && wrong[0].contains("`Letters to a Humpback`"), "{wrong:?}");
}

#[tokio::test]
async fn an_answer_that_is_no_plan_is_a_violation() {
    let (library, run) = carry_out("Lend me Tablas.", &Expect::default(), "Certainly!").await;
    let broken = violations(&Expect::default(), "Lend me Tablas.", &library, &run);
    assert!(broken[0].starts_with("Malformed: "), "{broken:?}");
}

#[tokio::test]
async fn a_look_beside_an_action_is_told_too() {
    let plan = "# Borrow Tablas\nborrow_book(any(search_books(\"Tablas\")))\n# list my loans\nlist_loans()";
    let (_, run) = carry_out("Borrow Tablas and list my loans.", &Expect::default(), plan).await;
    let answer = run.unwrap().output().unwrap().clone();
    assert_eq!(
        answer,
        "Borrowed: Tablas by Ramón Ibarra, due 2026-12-21\n\
         Branch Lines by Celia Moon, due 2026-11-27\n\
         Crust and Patience by Oona Fairbairn, due 2026-12-02\n\
         Nebel über Altona by Rolf Petersen, due 2026-12-10"
    );
}

#[tokio::test]
async fn a_denied_action_leaves_the_register_alone() {
    let library = Library::new(TODAY);
    let model = ScriptedModel::new().reply("# Tablas\nborrow_book(any(search_books(\"Tablas\")))\nend");
    let deny = |_: PlannedCall| async { Verdict::Deny("not today".into()) };
    let agent = agent(model, library.clone(), TODAY).unwrap().approver(deny).build().unwrap();
    let run = agent.run("Borrow Tablas.").await.unwrap();
    assert!(run.output().unwrap().starts_with("Not done: borrow_book, not today"), "{:?}", run.outcome);
    assert_eq!(changes(&library), super::grade::Changes::default());
}

fn id(library: &Library, title: &str) -> String {
    let search = Search { text: title.into(), ..Search::default() };
    library.search(&search).unwrap()[0].0.id.clone()
}

fn free(library: &Library, title: &str) -> usize {
    let search = Search { text: title.into(), ..Search::default() };
    library.search(&search).unwrap()[0].1
}

#[test]
fn an_action_is_done_once_for_a_key() {
    let library = Library::new(TODAY);
    let book = id(&library, "The Quiet Hive");
    let first = library.borrow("key", &book).unwrap();
    let again = library.borrow("key", &book).unwrap();
    assert_eq!((first.due, again.due), (Some(date(2026, 12, 21)), Some(date(2026, 12, 21))));
    assert_eq!(changes(&library).borrowed, ["The Quiet Hive"]);
    assert_eq!(free(&library, "The Quiet Hive"), 1);
    let loan = library.loans()[0].0.id.clone();
    library.renew("renewal", &loan).unwrap();
    library.renew("renewal", &loan).unwrap();
    assert_eq!(changes(&library).renewed, ["Branch Lines"]);
}

#[test]
fn a_loan_can_be_renewed_twice_and_not_after_it_is_back() {
    let library = Library::new(TODAY);
    let loan = library.loans()[0].0.id.clone();
    assert_eq!(library.renew("1", &loan).unwrap().due, Some(date(2026, 12, 25)));
    library.renew("2", &loan).unwrap();
    assert!(matches!(library.renew("3", &loan), Err(Refusal::Rule(why)) if why.contains("2 times")));
    library.take_back("4", &loan).unwrap();
    assert!(matches!(library.renew("5", &loan), Err(Refusal::Unknown(_))));
    assert!(matches!(library.take_back("6", &loan), Err(Refusal::Unknown(_))));
    assert_eq!(free(&library, "Branch Lines"), 1);
}

#[test]
fn what_others_have_or_wait_for_is_not_lent() {
    let library = Library::new(TODAY);
    library.awaited_by_others("Tablas").unwrap();
    library.taken_by_others("What the Attic Kept").unwrap();
    for title in ["Tablas", "What the Attic Kept", "Der stille Krater"] {
        assert_eq!(free(&library, title), 0, "{title}");
        let book = id(&library, title);
        assert!(matches!(library.borrow(title, &book), Err(Refusal::Rule(why)) if why.contains("lent")), "{title}");
    }
    let book = id(&library, "Tablas");
    library.reserve("r", &book).unwrap();
    assert!(matches!(library.reserve("s", &book), Err(Refusal::Rule(_))));
}

#[test]
fn nobody_has_more_than_eight_books() {
    let library = Library::new(TODAY);
    let titles = ["Tablas", "Moss and Shadow", "The Last Blow", "Rye, Salt, Water", "The Quiet Hive"];
    for title in titles {
        library.borrow(title, &id(&library, title)).unwrap();
    }
    let book = id(&library, "Seil und Schatten");
    assert!(matches!(library.borrow("9", &book), Err(Refusal::Rule(why)) if why.contains('8')));
    assert!(matches!(library.borrow("10", "B-99"), Err(Refusal::Unknown(why)) if why.contains("B-99")));
}

#[test]
fn a_search_for_nothing_is_a_question() {
    let search = Search { text: "a book".into(), ..Search::default() };
    assert!(matches!(Library::new(TODAY).search(&search), Err(Refusal::Rule(_))));
}
