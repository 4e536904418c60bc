//! Runs that choose: between two means, within a limit, several things at once, or not at all.
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
    Agent, Error, ErrorKind,
    agent::{AgentBuilder, Outcome, Run, Verdict},
    event::{Event, PlannedCall},
    message::Message,
    model::{Expect, ModelInfo},
    plan::Plan,
    policy::{Answer, PlanExecute},
    scripted::{Reply, ScriptedModel},
    tool::{FunctionTool, ToolError, ToolErrorKind},
};
use common::{
    journal::entries,
    means::{Reads, agent},
    world::{World, yes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const TASK: &str = "Oslo to Rome for Ada, by train or plane";
const EITHER: &str = "# Oslo to Rome\n\
    either_cheapest(book_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\"),\
    book_flight(cheapest(search_flights(\"Oslo\",\"Rome\")),\"Ada\"))\n";

fn report() -> PlanExecute {
    PlanExecute::default().answer(Answer::Report(None))
}

fn builder(model: &ScriptedModel, world: &World) -> AgentBuilder {
    agent(model.clone(), world).reader(Reads::all()).planner(report()).approver(yes)
}

async fn run(task: &str, plan: &str, world: &World) -> Run {
    let model = ScriptedModel::new().reply(plan);
    let run = builder(&model, world).build().unwrap().run(task).await.unwrap();
    entries(&run);
    model.assert_complete();
    run
}

fn written(world: &World) -> Vec<String> {
    assert!(world.executed().values().all(|times| *times == 1));
    world.executed().into_keys().collect()
}

/// Why each answer was sent back, and whether it was valid.
fn sent_back<T>(run: &Run<T>) -> Vec<(&str, bool)> {
    let reasons = run.trace.entries().iter().filter_map(|entry| match &entry.event {
        Event::AnswerRejected { reason, valid, .. } => Some((reason.as_str(), *valid)),
        _ => None,
    });
    reasons.collect()
}

#[tokio::test]
async fn of_two_means_the_better_one_is_taken() {
    let world = World::default();
    run(TASK, &format!("{EITHER}end"), &world).await;
    assert_eq!(written(&world), ["book_flight search_flights-Rome-slow"]);
    assert_eq!(world.began().iter().filter(|call| call.starts_with("search")).count(), 2, "both are looked at");

    let fastest = EITHER.replace("either_cheapest", "either_fastest").replace("(cheapest", "(fastest");
    let world = World::default();
    run(TASK, &format!("{fastest}end"), &world).await;
    assert_eq!(written(&world), ["book_train search_trains-Rome-fast"], "of equals the first");
}

#[tokio::test]
async fn what_finds_nothing_leaves_the_other_means() {
    let world = World::default();
    world.nothing_to("search_flights Rome");
    run(TASK, &format!("{EITHER}end"), &world).await;
    assert_eq!(written(&world), ["book_train search_trains-Rome-slow"]);

    let world = World::default();
    world.nothing_to("search_flights Rome");
    world.nothing_to("search_trains Rome");
    let run = run(TASK, &format!("{EITHER}end"), &world).await;
    let Outcome::NeedsInput(questions) = &run.outcome else { panic!("{:?}", run.outcome) };
    assert!(questions[0].contains("search_trains") && questions[0].contains("search_flights"), "{questions:?}");
    assert!(written(&world).is_empty());
}

#[tokio::test]
async fn a_person_who_refuses_the_better_means_gets_no_other() {
    let world = World::default();
    let model = ScriptedModel::new().reply(format!("{EITHER}end"));
    let no = |_: PlannedCall| async { Verdict::Deny("not by air".to_owned()) };
    let run = builder(&model, &world).approver(no).build().unwrap().run(TASK).await.unwrap();
    entries(&run);
    assert!(written(&world).is_empty());
    assert!(run.output().unwrap().contains("book_flight: denied, not by air"), "{}", run.output().unwrap());
}

#[tokio::test]
async fn nothing_is_written_over_the_limit() {
    let task = "Oslo to Rome and Rome to Pisa for Ada, all under 100 EUR";
    let plan = "# Oslo to Rome\nbook_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\")\n\
                # Rome to Pisa\nbook_flight(cheapest(search_flights(\"Rome\",\"Pisa\")),\"Ada\")\nbudget(100)\nend";
    let world = World::default();
    let run = run(task, plan, &world).await;
    assert!(written(&world).is_empty());
    let answer = run.output().unwrap();
    assert!(answer.starts_with("Together it comes to 170.6, over the budget of 100: nothing was done."), "{answer}");
    assert!(answer.contains("search_trains-Rome-slow"), "what was found is told: {answer}");
}

#[tokio::test]
async fn what_comes_to_exactly_the_limit_is_written() {
    // As floating point numbers 90.2 and 80.4 are a little more than 170.6.
    assert!([90.2, 80.4].iter().sum::<f64>() > 170.6);
    let task = "Oslo to Rome and Rome to Pisa for Ada, all under 170.6 EUR";
    let plan = "# Oslo to Rome\nbook_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\")\n\
                # Rome to Pisa\nbook_flight(cheapest(search_flights(\"Rome\",\"Pisa\")),\"Ada\")\nbudget(170.6)\nend";
    let world = World::default();
    run(task, plan, &world).await;
    assert_eq!(written(&world), ["book_flight search_flights-Pisa-slow", "book_train search_trains-Rome-slow"]);
}

#[tokio::test]
async fn of_alternatives_only_what_is_taken_counts_to_the_limit() {
    for budget in ["100", "300"] {
        let world = World::default();
        let task = format!("{TASK}, under {budget} EUR");
        run(&task, &format!("{EITHER}budget({budget})\nend"), &world).await;
        assert_eq!(written(&world).len(), 1);
    }
    // The fast ones cost 120 and 200.
    let fastest = EITHER.replace("cheapest", "fastest");
    let world = World::default();
    let run = run(&format!("{TASK}, under 100 EUR"), &format!("{fastest}budget(100)\nend"), &world).await;
    assert!(run.output().unwrap().contains("comes to 120,"), "{}", run.output().unwrap());
    assert!(written(&world).is_empty());
}

#[tokio::test]
async fn a_limit_holds_for_what_is_planned_after_a_failure() {
    let task = "Oslo to Rome and Rome to Pisa for Ada, all under 100 EUR, with a tour of Rome";
    let flight = "# Rome\nbook_flight(cheapest(search_flights(\"Oslo\",\"Rome\")),\"Ada\")\n";
    let tour = "draw_tour(all(sights(\"Rome\")))\n";
    let train = "book_train(cheapest(search_trains(\"Rome\",\"Pisa\")),\"Ada\")\n";
    let again = async |rest: String| {
        let world = World::default();
        world.fails("draw_tour", ToolErrorKind::Retry, "no paper left");
        let model = ScriptedModel::new().reply(format!("{flight}{tour}budget(100)\nend")).reply(rest);
        let run = builder(&model, &world).build().unwrap().run(task).await.unwrap();
        entries(&run);
        (run.output().unwrap().clone(), written(&world))
    };
    // What was booked before counts, and the second plan need not say the limit again.
    let (answer, written) = again(format!("# Pisa\n{train}end")).await;
    let over = "Together it comes to 170.6, over the budget of 100: nothing more was done.";
    assert!(answer.starts_with(over) && answer.contains("[book_flight search_flights-Rome-slow]"), "{answer}");
    assert_eq!(written, ["book_flight search_flights-Rome-slow"]);
    // What is planned again counts once.
    let (_, written) = again(format!("{flight}{tour}end")).await;
    assert_eq!(written.len(), 2, "{written:?}");
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Nothing {}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Ticket {
    reference: String,
}

#[tokio::test]
async fn a_typed_output_over_the_limit_is_a_question() {
    let world = World::default();
    let plan = "# Rome\nbook_train(fastest(search_trains(\"Oslo\",\"Rome\")),\"Ada\")\nbudget(100)\nend";
    let agent = builder(&ScriptedModel::new().reply(plan), &world).build().unwrap();
    let run = agent.run("Oslo to Rome for Ada under 100 EUR").typed::<Ticket>().await.unwrap();
    let Outcome::NeedsInput(questions) = &run.outcome else { panic!("{:?}", run.outcome) };
    assert!(questions[0].contains("comes to 120, over the budget of 100"), "{questions:?}");
    assert!(written(&world).is_empty());
}

#[tokio::test]
async fn the_fields_of_one_item_are_chosen_together() {
    for (word, seats) in [("cheapest", 40), ("fastest", 2)] {
        let world = World::default();
        let plan = format!("# Oslo to Rome\nbook_train({word}(search_trains(\"Oslo\",\"Rome\")),\"Ada\")\nend");
        let run = run("Oslo to Rome for Ada", &plan, &world).await;
        let booking = run.trace.outputs("book_train").next().unwrap();
        assert!(booking["reference"].as_str().unwrap().ends_with(&format!("] {seats}")), "{booking}");
    }
}

#[tokio::test]
async fn a_list_takes_all_that_is_found_or_one() {
    for (choice, stops) in [
        ("all(sights(\"Rome\"))", "Rome Forum, Rome Temple, Rome Theatre"),
        ("all(sights(\"Rome\",stars=4))", "Rome Temple, Rome Theatre"),
        ("best_rated(sights(\"Rome\"))", "Rome Temple"),
    ] {
        let world = World::default();
        let model = ScriptedModel::new().reply(format!("# Rome\ndraw_tour({choice})\nend"));
        let agent = builder(&model, &world).planner(report().reconsiders(false)).build().unwrap();
        entries(&agent.run("Sights of Rome with 4 stars").await.unwrap());
        assert_eq!(written(&world), [format!("draw_tour {stops}")]);
    }
}

#[tokio::test]
async fn alternatives_in_a_search_are_one_choice() {
    let world = World::default();
    let task = "Oslo to Rome for Ada on 3 December or 7 December";
    let plan = "# Oslo to Rome\nbook_train(cheapest(search_trains(\"Oslo\",\"Rome\",date=d1|d2)),\"Ada\")\nend";
    run(task, plan, &world).await;
    assert_eq!(written(&world), ["book_train search_trains-Rome 7-slow"]);
    assert_eq!(world.began().len(), 3, "{:?}", world.began());
}

#[tokio::test]
async fn what_is_shown_is_chosen_across_tools() {
    let world = World::default();
    let plan = "# Oslo to Rome\ncheapest(search_trains(\"Oslo\",\"Rome\"),search_flights(\"Oslo\",\"Rome\"))\nend";
    let shown = run("What is cheapest from Oslo to Rome, by train or plane?", plan, &world).await;
    let choice: Value = serde_json::from_str(shown.output().unwrap()).unwrap();
    assert_eq!(choice["id"], "search_flights-Rome-slow");

    // Without a grammar a model may show all of them.
    let plan = "# Rome\nall(sights(\"Rome\"))\nend";
    let all = run("Sights of Rome", plan, &World::default()).await;
    assert_eq!(all.output().unwrap().matches("\"stars\"").count(), 3, "{}", all.output().unwrap());
}

#[tokio::test]
async fn a_request_to_change_nothing_is_kept() {
    let world = World::default();
    let look = "# Oslo to Rome\ncheapest(search_trains(\"Oslo\",\"Rome\"))\nend";
    let model = ScriptedModel::new()
        .with_info(ModelInfo::new("local", "script").with_grammar(true))
        .reply("# Oslo to Rome\nbook_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\")\nend")
        .then(Reply::text(look).expecting("the request says to change nothing"));
    let task = "Oslo to Rome for Ada, do not book";
    let run = builder(&model, &world).build().unwrap().run(task).await.unwrap();
    entries(&run);
    assert!(written(&world).is_empty());
    assert!(!sent_back(&run)[0].1);
    let Expect::Grammar(grammar) = &model.requests()[0].expect else { panic!("no grammar") };
    // What reads a write's result can't be called either: its rule would name one that is not there.
    assert!(!grammar.lark.contains("call_book") && !grammar.lark.contains("call_delay"), "{}", grammar.lark);
}

#[tokio::test]
async fn where_all_tools_write_a_request_to_change_nothing_is_a_question() {
    let pay = FunctionTool::new("pay", "Pay.", |_: Nothing| async { Ok::<_, ToolError>("paid".to_owned()) });
    let model = ScriptedModel::new();
    let agent = Agent::builder(model.clone()).tool(pay).reader(Reads::all()).build().unwrap();
    let run = agent.run("Oslo to Rome, but do not pay").await.unwrap();
    assert!(matches!(&run.outcome, Outcome::NeedsInput(questions) if questions[0].contains("to change nothing")));
    assert!(model.requests().is_empty());
    entries(&run);
}

#[tokio::test]
async fn a_plan_that_passes_over_something_is_asked_for_once_more() {
    let world = World::default();
    let task = "Oslo to Rome for Ada on 3 December under 300 EUR with 2 friends";
    let short = "# Rome\nbook_train(cheapest(search_trains(\"Oslo\",\"Rome\")),\"Ada\")\nend";
    let whole = "# Rome\nbook_train(cheapest(search_trains(\"Oslo\",\"Rome\",date=d1)),\"Ada\")\nbudget(300)\nend";
    let model = ScriptedModel::new()
        .reply(short)
        .then(Reply::text(whole).expecting("no call uses \"3 December\", \"300 EUR\", which the request says"));
    let run = builder(&model, &world).build().unwrap().run(task).await.unwrap();
    entries(&run);
    assert_eq!(written(&world), ["book_train search_trains-Rome 3-slow"]);
    assert!(matches!(sent_back(&run)[..], [(_, true)]));

    // Whoever leaves it out again means to.
    let world = World::default();
    let model = ScriptedModel::new().reply(short).reply(short);
    let run = builder(&model, &world).build().unwrap().run(task).await.unwrap();
    entries(&run);
    assert_eq!(written(&world), ["book_train search_trains-Rome-slow"]);

    // A doubt is no reason to fail, and none if nobody wants doubts.
    for policy in [report().tries(1), report().reconsiders(false)] {
        let model = ScriptedModel::new().reply(short);
        let agent = builder(&model, &World::default()).planner(policy).build().unwrap();
        assert!(sent_back(&agent.run(task).await.unwrap()).is_empty());
    }
}

#[tokio::test]
async fn a_choice_that_the_request_does_not_ask_for_is_doubted() {
    let booked = |word: &str, to: &str| format!("book_train({word}(search_trains(\"Oslo\",\"{to}\")),\"Ada\")");
    let task = "quick from Oslo to Rome, then cheap from Oslo to Lima for Ada";
    let items = |first: &str, second: &str| {
        let (first, second) = (booked(first, "Rome"), booked(second, "Lima"));
        format!("# quick from Oslo to Rome\n{first}\n# cheap from Oslo to Lima\n{second}\nend")
    };
    let wrong = [
        (items("cheapest", "fastest"), "\"quick\" asks for fastest(search_trains(…)), not cheapest"),
        (items("fastest", "any"), "\"cheap\" asks for cheapest(search_trains(…)), not any"),
        (
            format!("# Oslo to Rome\n{}\n# Lima\n{}\nend", booked("fastest", "Rome"), booked("any", "Lima")),
            "\"cheap\" asks for cheapest(search_trains(…)), not any",
        ),
        (
            format!("# {task}\n{}\n{}\nend", booked("fastest", "Rome"), booked("any", "Lima")),
            "\"cheap\" asks for cheapest(…), and no call chooses so",
        ),
    ];
    for (plan, said) in wrong {
        let right = Reply::text(items("fastest", "cheapest")).expecting(said);
        let model = ScriptedModel::new().reply(plan).then(right);
        let world = World::default();
        entries(&builder(&model, &world).build().unwrap().run(task).await.unwrap());
        assert_eq!(written(&world), ["book_train search_trains-Lima-slow", "book_train search_trains-Rome-fast"]);
        model.assert_complete();
    }
    // What stands behind an item is said of it, unless such words stand before the first.
    let task = "Oslo to Rome cheap, and Oslo to Lima for Ada quick";
    let plan = |first: &str, second: &str| {
        let (first, second) = (booked(first, "Rome"), booked(second, "Lima"));
        format!("# Oslo to Rome\n{first}\n# Oslo to Lima\n{second}\nend")
    };
    let said = "\"cheap\" asks for cheapest(search_trains(…)), not fastest";
    let right = Reply::text(plan("cheapest", "fastest")).expecting(said);
    let model = ScriptedModel::new().reply(plan("fastest", "cheapest")).then(right);
    entries(&builder(&model, &World::default()).build().unwrap().run(task).await.unwrap());
    model.assert_complete();
    // Alternatives are chosen among by the word before them.
    let world = World::default();
    let either = "either_cheapest(book_train(any(search_trains(\"Oslo\",\"Rome\")),\"Ada\"),\
                  book_flight(any(search_flights(\"Oslo\",\"Rome\")),\"Ada\"))";
    let plan = format!("# cheap from Oslo to Rome\n{either}\nend");
    assert!(sent_back(&run("cheap from Oslo to Rome for Ada, train or plane", &plan, &world).await).is_empty());
}

#[tokio::test]
async fn an_argument_that_the_request_can_not_mean_is_refused() {
    let plan = |stars: &str| format!("# Rome\nsights(\"Rome\"{stars})\nend");
    let said = "the request says nothing of `stars` of `sights`";
    let model = ScriptedModel::new().reply(plan(",stars=4")).then(Reply::text(plan("")).expecting(said));
    let agent = builder(&model, &World::default()).build().unwrap();
    let run = agent.run("Rome, no stars, 4 stars").await.unwrap();
    assert!(matches!(sent_back(&run)[..], [(_, false)]));
    model.assert_complete();
}

#[tokio::test]
async fn what_was_passed_over_is_quoted_from_the_request() {
    let plan = "# Rome\nsearch_trains(\"Oslo\",\"Rome\")\nend";
    let model = ScriptedModel::new().reply(plan).then(Reply::text(plan).expecting("no call uses \"3 December\", "));
    let agent = builder(&model, &World::default()).build().unwrap();
    let history = vec![Message::user("I am in Oslo. Now and then I travel."), Message::assistant("Where to?")];
    let run = agent.run("Rome on 3 December").history(history).await.unwrap();
    entries(&run);
    model.assert_complete();
}

#[tokio::test]
async fn an_authors_rule_doubts_asks_or_refuses() {
    let plan = format!("{EITHER}end");
    let ruled = |objection: fn() -> ToolError| {
        let world = World::default();
        let model = ScriptedModel::new().reply(&plan).reply(&plan);
        let rule = move |plan: &Plan, request: &str| {
            assert_eq!(request, TASK);
            if plan.either.is_empty() { Ok(()) } else { Err(objection()) }
        };
        (builder(&model, &world).rule(|_, _| Ok(())).rule(rule).build().unwrap(), world)
    };
    let (agent, world) = ruled(|| ToolError::retry("trains only"));
    let run = agent.run(TASK).await.unwrap();
    assert_eq!(sent_back(&run), [("trains only", true)]);
    assert_eq!(written(&world).len(), 1, "who writes the same again means it");

    let (agent, world) = ruled(|| ToolError::ask("By train?"));
    assert_eq!(agent.run(TASK).await.unwrap().outcome, Outcome::NeedsInput(vec!["By train?".to_owned()]));
    assert!(world.began().is_empty());

    let (agent, world) = ruled(|| ToolError::fatal("no planes"));
    let error: Error = agent.run(TASK).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Plan, "the plan breaks a rule: no planes"));
    assert!(world.began().is_empty());
}

#[tokio::test]
async fn an_example_that_few_requests_can_use_is_shown_to_those() {
    let shown = async |task: &str| {
        let model = ScriptedModel::new().reply("# Rome\nsights(\"Rome\")\nend");
        let agent = builder(&model, &World::default())
            .planner(report().reconsiders(false))
            .example("Sights of Bari", "# Sights of Bari\nsights(\"Bari\")\nend")
            .example(
                "Bonn to Bari for Bo, by train or plane",
                EITHER.replace("Oslo", "Bonn").replace("Rome", "Bari").replace("Ada", "Bo") + "end",
            )
            .example(
                "Bonn to Bari for Bo under 300 EUR",
                "# Bonn to Bari\nbook_train(cheapest(search_trains(\"Bonn\",\"Bari\")),\"Bo\")\nbudget(300)\nend",
            )
            .build()
            .unwrap();
        entries(&agent.run(task).await.unwrap());
        let texts: Vec<String> = model.requests()[0].messages.iter().map(Message::text).collect();
        let has = |what: &str| texts.iter().any(|text| text.contains(what));
        (has("sights(\"Bari\")"), has("either_cheapest"), has("budget(300)"))
    };
    assert_eq!(shown("Rome").await, (true, false, false));
    assert_eq!(shown("Rome or Bari").await, (true, true, false));
    assert_eq!(shown("Rome under 100 EUR").await, (true, false, true));
    assert_eq!(shown("Rome with 4 stars").await, (true, false, false), "stars are no money");
    assert_eq!(shown("Rome under 100 EUR, do not book").await, (true, false, false), "a limit holds back writes");
}

#[tokio::test]
async fn a_remote_model_writes_alternatives_and_limits_in_json() {
    let world = World::default();
    let booking = |id: &str, of: &str, tool: &str| {
        let ticket = json!({"from": [of], "pick": "cheapest"});
        json!({"id": id, "tool": tool, "args": {"ticket": ticket, "passenger": "Ada"}})
    };
    let search =
        |id: &str, tool: &str| json!({"id": id, "tool": tool, "args": {"from": "Oslo", "to": "Rome", "date": null}});
    let steps = [
        search("a", "search_trains"),
        search("b", "search_flights"),
        booking("c", "a", "book_train"),
        booking("d", "b", "book_flight"),
    ];
    let mut plan = json!({"asked": ["Oslo to Rome"], "steps": steps, "limits": {"budget": 300},
        "either": [{"steps": ["c", "d"], "pick": "cheapest"}]});
    let good = plan.to_string();
    plan["either"][0]["pick"] = json!("nearest");
    let model = ScriptedModel::new()
        .with_info(ModelInfo::new("remote", "script").with_json_schema(true))
        .reply(plan.to_string())
        .then(Reply::text(good.clone()).expecting("`nearest` does not compare what book_train chooses"));
    let task = format!("{TASK}, under 300 EUR");
    let run = builder(&model, &world).build().unwrap().run(task).await.unwrap();
    entries(&run);
    assert_eq!(written(&world), ["book_flight search_flights-Rome-slow"]);
    let Expect::Json(schema) = &model.requests()[0].expect else { panic!("no schema") };
    assert!(jsonschema::is_valid(schema, &serde_json::from_str(&good).unwrap()));
    assert!(!jsonschema::is_valid(schema, &plan));
}
