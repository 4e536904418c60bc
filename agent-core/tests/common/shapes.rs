//! Runs of every shape that a journal can have: planned and decided call by call, failed, waiting, interrupted.

use std::time::Duration;

use cicerone_core::{
    Agent, RunId,
    agent::AgentBuilder,
    event::Entry,
    memory::{InProcess, Memory, RunFilter},
    message::{Part, ToolCall},
    model::{Response, Usage},
    policy::{Answer, PlanExecute, ReAct},
    scripted::{Reply, ScriptedModel},
    tool::ToolErrorKind,
    trace::Trace,
};
use cicerone_prompts::Template;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    journal::kinds,
    world::{World, agent, yes},
};

pub const TASK: &str = "Rome to Athens and Athens to Rome for Ada";
pub const PLAN: &str = "# there\ninsure(book(cheapest(search(\"Rome\",\"Athens\")),\"Ada\"))\n\
                        # back\nbook(any(search(\"Athens\",\"Rome\")),\"Ada\")\nend";

/// A run: what the model says in it, what happens in the world, and how far it comes.
pub struct Shape {
    pub name: &'static str,
    pub policy: Policy,
    pub replies: fn() -> Vec<Reply>,
    pub world: fn(&World),
    pub attended: bool,
    pub left: Left,
}

/// The prompts are the shape's own, so that a better wording of those that come with the framework is no divergence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    Plan,
    React,
}

/// How far a run comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Whole,
    /// Its process is gone after the last event of this kind.
    After(&'static str),
    /// Likewise, and another process takes it up.
    TakenUpAfter(&'static str),
    /// It is cancelled while its tools work.
    Cancelled,
}

const PLAIN: Shape = Shape {
    name: "",
    policy: Policy::Plan,
    replies: || vec![Reply::text(PLAN)],
    world: |_| {},
    attended: true,
    left: Left::Whole,
};

/// Each shape.
pub fn all() -> Vec<Shape> {
    let shape = |name| Shape { name, ..PLAIN };
    let react = |name| Shape { policy: Policy::React, replies: decisions, ..shape(name) };
    vec![
        shape("plan_approved"),
        Shape { replies: || vec![Reply::text("no plan"), Reply::text(PLAN)], ..shape("plan_at_the_second_try") },
        Shape { attended: false, ..shape("plan_waiting") },
        Shape { left: Left::After("model_asked"), ..shape("plan_interrupted_while_asking") },
        Shape { left: Left::After("intended 2 search"), ..shape("plan_interrupted_while_reading") },
        Shape { left: Left::After("intended 3 book"), ..shape("plan_interrupted_while_writing") },
        Shape { left: Left::TakenUpAfter("model_asked"), ..shape("plan_taken_up") },
        Shape { left: Left::Cancelled, ..shape("plan_cancelled") },
        Shape {
            world: |world| world.fails("search", ToolErrorKind::Fatal, "the timetable is lost"),
            ..shape("plan_failed")
        },
        Shape { world: |world| world.nothing_to("Athens"), ..shape("plan_needs_input") },
        react("react"),
        Shape { left: Left::After("model_asked"), ..react("react_interrupted_while_asking") },
        Shape { left: Left::TakenUpAfter("intended 4 book"), ..react("react_taken_up") },
    ]
}

/// The shape of this name.
pub fn shape(name: &str) -> Shape {
    all().into_iter().find(|shape| shape.name == name).unwrap_or_else(|| panic!("there is no shape {name}"))
}

pub fn call(id: &str, tool: &str, args: Value) -> Part {
    Part::ToolCall(ToolCall { id: id.to_owned(), tool: tool.to_owned(), args })
}

pub fn book(id: &str, flight: &str) -> Part {
    call(id, "book", json!({"flight": flight, "passenger": "Ada"}))
}

pub fn decide(said: &str, calls: Vec<Part>) -> Reply {
    let said = Part::Text { text: said.to_owned() };
    Reply::response(Response::new([said].into_iter().chain(calls).collect()).with_usage(Usage::new(10, 5)))
}

fn decisions() -> Vec<Reply> {
    let there = call("1", "search", json!({"from": "Rome", "to": "Athens"}));
    let back = call("2", "search", json!({"from": "Athens", "to": "Rome"}));
    vec![
        decide("First I look.", vec![there, back]),
        decide("Now I book.", vec![book("1", "Rome-Athens-2"), book("2", "Athens-Rome-1")]),
        decide("And again.", vec![book("1", "Rome-Athens-2")]),
        Reply::text("Both are booked.").after(Duration::ZERO),
    ]
}

impl Shape {
    /// An agent that makes such runs.
    pub fn agent(&self, model: ScriptedModel, world: &World, memory: InProcess) -> Agent {
        self.builder(model, world, memory).build().unwrap()
    }

    pub fn builder(&self, model: ScriptedModel, world: &World, memory: InProcess) -> AgentBuilder {
        let template = |name, source: &str| Template::new(name, source).unwrap();
        let agent = agent(model, world).memory(memory);
        let agent = if self.attended { agent.approver(yes) } else { agent };
        match self.policy {
            Policy::Plan => agent.planner(
                PlanExecute::default()
                    .plan_prompt(template("plan", "Write a plan."))
                    .answer(Answer::Report(Some(template("report", "Done.")))),
            ),
            Policy::React => agent.planner(ReAct::default().prompt(template("react", "Use the tools."))),
        }
    }

    /// An agent that has nothing to say, and a world of its own: for what needs neither.
    pub fn mute(&self, memory: InProcess) -> Agent {
        self.agent(ScriptedModel::new(), &World::default(), memory)
    }

    /// A model that says what is left of the script after so many answers.
    pub fn model(&self, answered: usize) -> ScriptedModel {
        (self.replies)().into_iter().skip(answered).fold(ScriptedModel::new(), ScriptedModel::then)
    }

    /// Makes the run, and leaves it in a memory.
    pub async fn run(&self) -> (Trace, InProcess, World) {
        let (world, memory) = (World::default(), InProcess::default());
        (self.world)(&world);
        let cancel = CancellationToken::new();
        if self.left == Left::Cancelled {
            world.takes(Duration::from_millis(20));
            let cancel = cancel.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                cancel.cancel();
            });
        }
        // Whether it fails is in its journal.
        let _ = self.agent(self.model(0), &world, memory.clone()).run(TASK).cancel_on(cancel).await;
        let run = memory.runs(&RunFilter::default()).await.unwrap()[0].run;
        let entries = memory.read(&run, 0).await.unwrap();
        let (Left::After(kind) | Left::TakenUpAfter(kind)) = self.left else {
            return (Trace::new(run, entries), memory, world);
        };
        let last = kinds(&entries).iter().rposition(|known| known == kind).unwrap();
        self.interrupted(run, &entries[..=last], world).await
    }

    async fn interrupted(&self, run: RunId, entries: &[Entry], world: World) -> (Trace, InProcess, World) {
        let memory = InProcess::default();
        memory.append(&run, 0, entries).await.unwrap();
        if let Left::TakenUpAfter(_) = self.left {
            let agent = self.agent(self.model(answered(entries)), &world, memory.clone());
            agent.resume(run).await.unwrap();
        }
        (Trace::new(run, memory.read(&run, 0).await.unwrap()), memory, world)
    }
}

/// How many answers of the model there are.
pub fn answered(entries: &[Entry]) -> usize {
    kinds(entries).iter().filter(|kind| *kind == "model_answered").count()
}
