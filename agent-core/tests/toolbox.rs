//! What is wrong with a tool, its arguments, a toolbox or an example is said where it can be mended.
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
    plan::schema,
    policy::{PlanExecute, ReAct},
    reading::{Mention, MentionKind},
    scripted::ScriptedModel,
    tool::{AnyTool, Effect, FunctionTool, ToolError, ToolSpec, schema_of},
};
use common::{
    trip::{Search, Trip, tools},
    world::{Book, World, agent},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Named {
    name: String,
}

/// A tool whose argument is grounded in what `G` says.
fn tool<A>(name: &str) -> impl cicerone_core::tool::Tool + use<A>
where
    A: cicerone_core::tool::ToolArgs,
{
    FunctionTool::new(name, "Do something.", |_: A| async { Ok::<_, ToolError>(Named { name: String::new() }) })
}

fn refused(builder: cicerone_core::agent::AgentBuilder) -> String {
    let error: Error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.trace().is_none());
    error.to_string()
}

fn empty() -> cicerone_core::agent::AgentBuilder {
    Agent::builder(ScriptedModel::new())
}

#[test]
fn arguments_are_checked_against_the_whole_schema() {
    let search = &tools()[0];
    let base = json!({"origin": "Rome", "destination": "Athens", "date": "2026-12-03"});
    search.validate(&base).unwrap();
    let wrong: [(&str, Value); 6] = [
        ("date", json!("2026-02-30")),
        ("seats", json!(-1)),
        ("seats", json!("two")),
        ("class", json!("first")),
        ("direct", json!({"yes": true})),
        ("vegan", json!(true)),
    ];
    let mut said: Vec<String> = wrong
        .into_iter()
        .map(|(name, value)| {
            let mut args = base.clone();
            args[name] = value;
            search.validate(&args).unwrap_err()
        })
        .collect();
    said.push(search.validate(&json!({"origin": 7, "date": []})).unwrap_err());
    said.push(search.validate(&json!("Rome")).unwrap_err());
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_definition_that_cannot_be_used_is_refused() {
    let spec = |name: &str, description: &str, schema: Value| {
        ToolSpec::new(name, description, Effect::Read, schema, Value::Null).unwrap_err()
    };
    let grounded = |path: &str| json!({"type": "object", "properties": {"id": {"type": "string", "x-grounded": path}}});
    let said = [
        spec("Search", "Find.", schema_of::<Search>()),
        spec("1st", "Find.", schema_of::<Search>()),
        spec("", "Find.", schema_of::<Search>()),
        spec("search", "\n", schema_of::<Search>()),
        spec("search", "Find.", schema_of::<Vec<String>>()),
        spec("search", "Find.", grounded("search")),
        spec("search", "Find.", grounded(".id")),
        spec("search", "Find.", grounded("search[0].id")),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Misspelt {
    #[schemars(extend("x-grounded" = "serch[].id"))]
    id: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Foreign {
    #[schemars(extend("x-grounded" = "hotels[].id"))]
    id: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Fieldless {
    #[schemars(extend("x-grounded" = "search[].number"))]
    id: String,
}

#[test]
fn a_toolbox_that_does_not_fit_together_is_refused() {
    let with_search = || empty().tool(common::world::Search(World::default()));
    let said = [
        refused(with_search().tool(tool::<Named>("search"))),
        refused(with_search().tool(tool::<Misspelt>("book"))),
        refused(with_search().tool(tool::<Foreign>("book"))),
        refused(with_search().tool(tool::<Fieldless>("book"))),
        refused(empty().tool(tool::<Named>("Book It"))),
        refused(empty().tool(Book(World::default()))),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn an_example_whose_plan_is_wrong_is_refused() {
    let world = World::default();
    let example = |plan: &str| refused(agent(ScriptedModel::new(), &world).example("Rome to Athens for Ada", plan));
    let said = [
        example("book(cheapest(serch(\"Rome\",\"Athens\")),\"Ada\")"),
        example("# Rome\nsearch(\"Paris\",\"Athens\")\nend"),
        example("# Rome\nbook(\"F-1\",\"Ada\")\nend"),
    ];
    insta::assert_snapshot!(said.join("\n"));
    // What the request does not say may be left open: that is worth showing, too.
    let vague = agent(ScriptedModel::new(), &world).example("to Athens", "# to Athens\nsearch(null,\"Athens\")\nend");
    vague.build().unwrap();
}

#[test]
fn examples_are_read_as_requests_are() {
    let dates = |text: &str| {
        let day = |at: usize| Mention::new(at..at + 6, MentionKind::Date, "2026-12-03");
        text.find("3 Dec.").map(day).into_iter().collect::<Vec<_>>()
    };
    let all = || tools().into_iter().fold(empty(), |builder, tool| builder.tools(vec![tool]));
    let request = "Rome to Athens on 3 Dec.";
    let plan = "# Rome to Athens\nsearch(\"Rome\",\"Athens\",d1)\nend";
    all().reader(dates).example(request, plan).build().unwrap();
    let without = refused(all().example(request, plan));
    assert!(without.contains("`date` can't be `d1`"), "{without}");
}

#[test]
fn tools_are_kept_in_order_under_both_policies() {
    let world = World::default();
    for agent in [
        agent(ScriptedModel::new(), &world).planner(PlanExecute::default()).build().unwrap(),
        agent(ScriptedModel::new(), &world).planner(ReAct::default()).build().unwrap(),
    ] {
        let names: Vec<&str> = agent.kit().tools.specs().iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, ["search", "book", "insure"]);
        assert!(agent.kit().tools.get("book").is_some() && agent.kit().tools.get("boook").is_none());
    }
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Tagged {
    #[schemars(extend("x-grounded" = "tags[]"))]
    tag: String,
}

#[test]
fn an_argument_can_be_grounded_in_a_list_of_plain_values() {
    let tags =
        FunctionTool::new("tags", "List the tags.", |_: Named| async { Ok::<_, ToolError>(vec![String::new()]) });
    let all = [AnyTool::new(tags).unwrap(), AnyTool::new(tool::<Tagged>("find")).unwrap()];
    let mut trip = Trip::new("what is tagged red");
    trip.specs = all.iter().map(|tool| tool.spec().clone()).collect();
    let vocabulary = trip.vocabulary();
    let json = json!({"asked": ["red"], "steps": [
        {"id": "a", "tool": "tags", "args": {"name": "red"}},
        {"id": "b", "tool": "find", "args": {"tag": {"from": ["a"], "pick": "any"}}},
    ]});
    assert!(jsonschema::is_valid(&schema::of(&vocabulary), &json));
    let plan = schema::read(&json, &vocabulary).unwrap();
    cicerone_core::plan::check::check(&plan, &vocabulary).unwrap();
    let written = cicerone_core::plan::notation::write(&plan, &vocabulary);
    assert_eq!(written, "# red\nfind(tags(\"red\"))\nend");
    let again = cicerone_core::plan::notation::read(&written, &vocabulary).unwrap();
    assert_eq!(
        again.steps.iter().map(|step| &step.args).collect::<Vec<_>>(),
        plan.steps.iter().map(|step| &step.args).collect::<Vec<_>>()
    );
}
