//! Tools that stand for those of somebody else: they judge their arguments themselves, each call of them is another
//! deed, and one of them ends the run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test may panic"
)]

mod common;

use std::sync::{Arc, Mutex};

use cicerone_core::{
    Agent, ErrorKind,
    agent::{AgentBuilder, Outcome, Run},
    event::Event,
    memory::{InProcess, Memory},
    message::{Message, Part, Role, ToolCall},
    model::{Request, Response},
    policy::ReAct,
    scripted::{Reply, ScriptedModel},
    tool::{Effect, FunctionTool, Lookup, Tool, ToolContext, ToolError},
};
use cicerone_prompts::Template;
use common::{
    journal::{entries, kinds},
    world::yes,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A counter of coupons elsewhere: the keys of those that were sent, in order.
#[derive(Clone, Default)]
struct Coupons(Arc<Mutex<Vec<String>>>);

impl Coupons {
    fn sent(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Tool for Coupons {
    type Args = Map<String, Value>;
    type Output = String;

    fn name(&self) -> &str {
        "send_coupon"
    }
    fn description(&self) -> &str {
        "Send a coupon."
    }
    fn repeatable(&self) -> bool {
        true
    }
    fn checks_itself(&self) -> bool {
        true
    }
    async fn call(&self, cx: &ToolContext, args: Map<String, Value>) -> Result<String, ToolError> {
        let Some(user) = args.get("user").and_then(Value::as_str) else {
            return Err(ToolError::retry("KeyError: 'user'"));
        };
        let mut sent = self.0.lock().unwrap();
        sent.push(cx.key().to_string());
        Ok(format!("coupon {} for {user}", sent.len()))
    }
    async fn lookup(&self, cx: &ToolContext, _: &Map<String, Value>) -> Result<Lookup<String>, ToolError> {
        let at = self.sent().iter().position(|key| key == cx.key().as_str());
        Ok(at.map_or(Lookup::NotDone, |at| Lookup::Done(format!("coupon {} for Ada", at + 1))))
    }
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Nothing {}

fn agent(model: &ScriptedModel, coupons: &Coupons, policy: ReAct) -> AgentBuilder {
    let counted = coupons.clone();
    let count = FunctionTool::new("count_coupons", "How many there are.", move |_: Nothing| {
        let many = counted.sent().len();
        async move { Ok::<_, ToolError>(many) }
    });
    let call_a_person = FunctionTool::new("call_a_person", "Hand over.", |_: Nothing| async {
        Ok::<_, ToolError>("\"Ada\" takes over\n".to_owned())
    });
    Agent::builder(model.clone())
        .tool(coupons.clone())
        .tool(count.effect(Effect::Read))
        .tool(call_a_person.effect(Effect::Read))
        .planner(policy)
        .approver(yes)
}

async fn run(model: &ScriptedModel, coupons: &Coupons, policy: ReAct) -> Run {
    agent(model, coupons, policy).build().unwrap().run("Coupons for Ada").await.unwrap()
}

fn call(tool: &str, args: Value) -> Reply {
    let call = ToolCall { id: "1".to_owned(), tool: tool.to_owned(), args };
    Reply::response(Response::new(vec![Part::ToolCall(call)]))
}

fn send() -> Reply {
    call("send_coupon", json!({"user": "Ada"}))
}

/// What the last message of a request hands back.
fn handed_back(request: &Request) -> (String, bool) {
    let Message { role: Role::Tool, parts } = request.messages.last().unwrap() else { panic!("{request:?}") };
    let [Part::ToolResult { content, is_error, .. }] = parts.as_slice() else { panic!("{parts:?}") };
    (content.clone(), *is_error)
}

#[tokio::test]
async fn a_repeatable_write_is_made_each_time_under_a_key_of_its_own() {
    let coupons = Coupons::default();
    let model = ScriptedModel::new().then(send()).then(send()).then(send()).reply("Sent.");
    let run = run(&model, &coupons, ReAct::default()).await;
    let keys = coupons.sent();
    let different: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!((keys.len(), different.len()), (3, 3), "{keys:?}");
    let told: Vec<_> = model.requests()[1..].iter().map(|request| handed_back(request).0).collect();
    assert_eq!(told, ["coupon 1 for Ada", "coupon 2 for Ada", "coupon 3 for Ada"], "text is told as it is");
    entries(&run);
}

#[tokio::test]
async fn a_repeated_write_that_was_interrupted_is_looked_up_under_its_own_key() {
    let coupons = Coupons::default();
    let model = ScriptedModel::new().then(send()).then(send()).reply("Sent.");
    let whole = run(&model, &coupons, ReAct::default()).await;
    let intended = |entry: &cicerone_core::event::Entry| matches!(entry.event, Event::ToolIntended { .. });
    let second = whole.trace.entries().iter().rposition(intended).unwrap();

    for made in [1, 2] {
        let world = Coupons(Arc::new(Mutex::new(coupons.sent()[..made].to_vec())));
        let memory = InProcess::default();
        memory.append(&whole.id, 0, &whole.trace.entries()[..=second]).await.unwrap();
        let model = ScriptedModel::new().then(Reply::text("Sent.").expecting("coupon 2 for Ada"));
        let again = agent(&model, &world, ReAct::default()).memory(memory).build().unwrap();
        assert_eq!(again.resume(whole.id).await.unwrap().outcome, whole.outcome);
        assert_eq!(world.sent(), coupons.sent(), "with {made} of 2 made before");
    }
}

#[tokio::test]
async fn what_was_read_before_a_write_is_read_again() {
    let coupons = Coupons::default();
    let count = || call("count_coupons", json!({}));
    let model = [count(), count(), count(), send(), count(), count(), count()]
        .into_iter()
        .fold(ScriptedModel::new(), ScriptedModel::then)
        .reply("One.");
    let run = run(&model, &coupons, ReAct::default()).await;
    let told: Vec<_> = model.requests()[1..].iter().map(|request| handed_back(request).0).collect();
    assert_eq!(told, ["0", "0", "0", "coupon 1 for Ada", "1", "1", "1"]);
    let reused: Vec<String> = kinds(entries(&run)).into_iter().filter(|kind| kind.starts_with("reused")).collect();
    assert_eq!(reused, ["reused 3 count_coupons of 2", "reused 7 count_coupons of 6"]);
}

#[tokio::test]
async fn a_tool_that_checks_its_arguments_says_itself_what_is_wrong() {
    let coupons = Coupons::default();
    let model = ScriptedModel::new()
        .then(call("send_coupon", json!({"who": "Ada"})))
        .then(call("send_coupon", json!("Ada")))
        .reply("Not sent.");
    run(&model, &coupons, ReAct::default()).await;
    assert_eq!(handed_back(&model.requests()[1]), ("KeyError: 'user'".to_owned(), true));
    let told = handed_back(&model.requests()[2]).0;
    assert!(told.contains("the arguments of `send_coupon` are \"Ada\"; write an object"), "{told}");
    assert!(coupons.sent().is_empty());
}

#[tokio::test]
async fn an_author_words_the_rejections() {
    let text =
        "{% for call in calls if not call.known %}Unknown action {{ call.tool }}{% else %}{{ reason }}{% endfor %}";
    let policy = ReAct::default().rejected(Template::new("rejected", text).unwrap()).tries(1);
    let model = ScriptedModel::new().then(call("refund", json!({})));
    let error = agent(&model, &Coupons::default(), policy.clone()).build().unwrap().run("A refund").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);

    let model = ScriptedModel::new().then(call("refund", json!({}))).then(send()).then(call("refund", json!({})));
    let model = model.reply("No refund.");
    run(&model, &Coupons::default(), policy.tries(2)).await;
    assert_eq!(handed_back(&model.requests()[1]), ("Unknown action refund".to_owned(), true));
}

#[tokio::test]
async fn a_hand_over_ends_the_run() {
    let policy = ReAct::default().until("call_a_person");
    let model = ScriptedModel::new().then(send()).then(call("call_a_person", json!({})));
    let run = run(&model, &Coupons::default(), policy).await;
    model.assert_complete();
    assert_eq!(run.outcome, Outcome::Completed("\"Ada\" takes over\n".to_owned()));
    entries(&run);

    let policy = ReAct::default().until("call_a_persn");
    let error = agent(&model, &Coupons::default(), policy).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error.to_string().starts_with("a run is to end with `call_a_persn`, which is no tool of the agent"),
        "{error}"
    );
}

#[tokio::test]
async fn an_output_is_shown_up_to_a_length() {
    let model = ScriptedModel::new().then(send()).reply("Sent.");
    run(&model, &Coupons::default(), ReAct::default().shown(6)).await;
    assert_eq!(handed_back(&model.requests()[1]).0, "coupon…");
}
