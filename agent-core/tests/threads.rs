//! Conversations made of runs: what the next one is told, what it finds, and what is left when they are forgotten.
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
    Agent, ErrorKind, RunId, ThreadId,
    agent::Run,
    event::{Entry, Event, RunStarted},
    history::{History, Rolling, Window},
    memory::{AnyMemory, InProcess, Memory, MemoryError, RunFilter, RunSummary},
    message::{Part, Role},
    model::Request,
    policy::{Answer, PlanExecute, ReAct},
    scripted::{Reply, ScriptedModel},
};
use common::{
    journal::entries,
    world::{World, agent, yes},
};
use tokio_util::sync::CancellationToken;

const BOOK: &str = "# Rome to Athens for Ada\nbook(cheapest(search(\"Rome\",\"Athens\")),\"Ada\")\nend";

/// An agent that only talks.
fn talker(model: &ScriptedModel, memory: &InProcess) -> cicerone_core::agent::AgentBuilder {
    Agent::builder(model.clone()).planner(ReAct::default()).memory(memory.clone())
}

/// The texts of a request behind its instructions.
fn told(request: &Request) -> Vec<String> {
    request.messages[1..].iter().map(|message| message.text()).collect()
}

fn started(run: &Run) -> &RunStarted {
    match &entries(run)[0].event {
        Event::RunStarted(started) => started,
        other => panic!("a run began with {other:?}"),
    }
}

#[tokio::test]
async fn the_next_run_is_told_what_was_said() {
    let (model, memory) =
        (ScriptedModel::new().reply("One.").reply("Two.").reply("Three.").reply("Four."), InProcess::default());
    let agent = talker(&model, &memory).history(Window::of(2)).build().unwrap();
    let (chat, other) = (ThreadId::named("ada").unwrap(), ThreadId::new());
    let first = agent.run("First").thread(&chat).await.unwrap();
    assert_eq!(started(&first).thread, Some(chat.clone()));
    agent.run("Elsewhere").thread(&other).await.unwrap();
    let second = agent.run("Second").thread(&chat).await.unwrap();
    assert_eq!(told(&model.requests()[2]), ["First", "One.", "Second"]);
    assert_eq!(started(&second).history.len(), 2);
    agent.run("Third").thread(&chat).history(vec![cicerone_core::message::Message::user("By the way")]).await.unwrap();
    assert_eq!(told(&model.requests()[3]), ["First", "One.", "Second", "Three.", "By the way", "Third"]);
    let runs = memory.runs(&RunFilter::default().thread(chat)).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.task.as_str()).collect::<Vec<_>>(), ["Third", "Second", "First"]);
}

#[tokio::test]
async fn a_run_without_a_thread_or_a_history_is_told_nothing() {
    let (model, memory) = (ScriptedModel::new().reply("One.").reply("Two.").reply("Three."), InProcess::default());
    let chat = ThreadId::new();
    talker(&model, &memory).build().unwrap().run("First").thread(&chat).await.unwrap();
    talker(&model, &memory).build().unwrap().run("Second").await.unwrap();
    talker(&model, &memory).history(History::Nothing).build().unwrap().run("Third").thread(&chat).await.unwrap();
    assert_eq!(model.requests()[1..].iter().map(told).collect::<Vec<_>>(), [["Second"], ["Third"]]);
}

#[tokio::test]
async fn a_run_that_failed_is_told_and_one_that_waits_is_not() {
    let (world, memory, chat) = (World::default(), InProcess::default(), ThreadId::new());
    let model = ScriptedModel::new().reply(BOOK).reply("?").reply("?").reply("?").reply("done");
    let planner = || PlanExecute::default().answer(Answer::Report(None));
    let waits = agent(model.clone(), &world).planner(planner()).memory(memory.clone()).build().unwrap();
    waits.run("Book Rome to Athens for Ada").thread(&chat).await.unwrap();
    let failed = waits.run("Nonsense").thread(&chat).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Plan);
    talker(&model, &memory).build().unwrap().run("And now?").thread(&chat).await.unwrap();
    let last = told(model.requests().last().unwrap());
    assert_eq!((last.len(), last[0].as_str(), last[2].as_str()), (3, "Nonsense", "And now?"));
    assert!(last[1].starts_with("This failed: no valid plan in"), "{last:?}");
}

#[tokio::test]
async fn calls_are_told_with_their_results() {
    let (world, memory, chat) = (World::default(), InProcess::default(), ThreadId::new());
    let model = ScriptedModel::new().reply(BOOK).reply("You are welcome.");
    let planner = PlanExecute::default().answer(Answer::Report(None));
    let booking = agent(model.clone(), &world).planner(planner).approver(yes).memory(memory.clone()).build().unwrap();
    booking.run("Book Rome to Athens for Ada").thread(&chat).await.unwrap();
    let thanks = talker(&model, &memory).history(Window::default().calls()).build().unwrap();
    entries(&thanks.run("Thank you").thread(&chat).await.unwrap());
    let messages = &model.requests()[1].messages;
    let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::Tool, Role::Assistant, Role::User]);
    let called = messages[2].parts.iter().map(|part| match part {
        Part::ToolCall(call) => (call.id.clone(), call.tool.clone()),
        other => panic!("{other:?}"),
    });
    let called: Vec<_> = called.collect();
    let returned = messages[3].parts.iter().map(|part| match part {
        Part::ToolResult { id, is_error: false, content } if !content.is_empty() => id.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(called.iter().map(|(_, tool)| tool.as_str()).collect::<Vec<_>>(), ["search", "book"]);
    assert!(called.iter().map(|(id, _)| id.clone()).eq(returned));
}

#[tokio::test]
async fn a_long_conversation_is_summed_up_once_and_the_summary_is_kept() {
    let (memory, chat) = (InProcess::default(), ThreadId::new());
    let mut model = ScriptedModel::new().reply("A1").reply("A2").reply("A3");
    model = model.then(Reply::text("S1: one and two, in short").expecting("\"Q2\"")).reply("A4").reply("A5");
    model = model.then(Reply::text("S2").expecting("S1: one and two")).reply("A6");
    let agent = talker(&model, &memory).history(Rolling::default().runs(1).words(40)).build().unwrap();
    let mut runs = Vec::new();
    for question in ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"] {
        runs.push(agent.run(question).thread(&chat).await.unwrap());
    }
    model.assert_complete();
    let requests = model.requests();
    let question = "Sum up what was said so far.";
    assert_eq!(told(&requests[2]), ["Q1", "A1", "Q2", "A2", "Q3"], "not yet due");
    assert_eq!(told(&requests[4]), [question, "S1: one and two, in short", "Q3", "A3", "Q4"]);
    assert_eq!(told(&requests[5]), [question, "S1: one and two, in short", "Q3", "A3", "Q4", "A4", "Q5"]);
    assert_eq!(told(&requests[7]), [question, "S2", "Q5", "A5", "Q6"]);
    // It is in the journal of the run that had it made, and what it cost is that run's.
    let made = started(&runs[3]).summary.clone().unwrap();
    assert_eq!((made.text.as_str(), made.until), ("S1: one and two, in short", runs[1].id));
    assert!(made.usage.total_tokens() > 0);
    assert_eq!(started(&runs[4]).summary.as_ref().unwrap().usage.total_tokens(), 0);
    assert_eq!(runs[3].usage, runs[3].trace.usage());
    assert!(runs[3].usage.total_tokens() > made.usage.total_tokens());
    // Resuming a run asks for no summary again: the script is at its end.
    assert_eq!(agent.resume(runs[3].id).await.unwrap().trace.entries(), runs[3].trace.entries());
}

#[tokio::test]
async fn a_summary_that_fails_fails_the_run() {
    let (memory, chat) = (InProcess::default(), ThreadId::new());
    let model = ScriptedModel::new().reply("A1").reply(" ");
    let agent = talker(&model, &memory).history(Rolling::default().runs(0)).build().unwrap();
    agent.run("Q1").thread(&chat).await.unwrap();
    let error = agent.run("Q2").thread(&chat).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert_eq!(error.to_string(), "the conversation can't be summed up: the model said nothing");
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let error = agent.run("Q3").thread(&chat).cancel_on(cancelled).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(memory.runs(&RunFilter::default()).await.unwrap().len(), 1, "neither run has begun");
}

#[tokio::test]
async fn what_a_model_said_in_short_is_not_quoted_by_a_plan() {
    let (world, memory, chat) = (World::default(), InProcess::default(), ThreadId::new());
    let wrong = "# a\nsearch(\"Rome\",\"Oslo\")\nend";
    let model = ScriptedModel::new().reply("Hello.").reply("They want to go to Oslo.").reply(wrong);
    talker(&model, &memory).build().unwrap().run("I am in Rome").thread(&chat).await.unwrap();
    let planner = PlanExecute::default().answer(Answer::Report(None)).tries(1);
    let history = Rolling::default().runs(0);
    let agent = agent(model, &world).planner(planner).memory(memory).history(history).build().unwrap();
    let error = agent.run("Go there").thread(&chat).await.unwrap_err();
    assert!(error.to_string().contains("\"Oslo\", which the request does not say"), "{error}");
}

#[tokio::test]
async fn what_fits_the_request_stands_behind_it_as_a_quotation() {
    let (memory, chat) = (InProcess::default(), ThreadId::new());
    let model = ScriptedModel::new().reply("The \"Alfama\",\nin Lisbon.").reply("Noted.").reply("Yes.").reply("No.");
    let plain = talker(&model, &memory).history(History::Nothing).build().unwrap();
    plain.run("A hotel in Lisbon, please").thread(&chat).await.unwrap();
    plain.run("A hotel in Graz: my secret").await.unwrap();
    let agent = talker(&model, &memory).history(History::Nothing).recall(2).build().unwrap();
    let run = agent.run("Was it the Lisbon hotel?").thread(&chat).await.unwrap();
    let asked = told(&model.requests()[2]).pop().unwrap();
    let found = asked.strip_prefix("Was it the Lisbon hotel?\n\nQuoted from earlier runs").expect(&asked);
    assert!(
        found.contains("- \"The \\\"Alfama\\\", in Lisbon.\"") && found.contains("- \"A hotel in Lisbon, please\""),
        "{found}"
    );
    assert!(!found.contains("secret"), "another's words were shown: {found}");
    assert_eq!(started(&run).findings.len(), 2);
    // What the history holds is not said twice.
    let both = talker(&model, &memory).recall(2).build().unwrap();
    let run = both.run("Was it the Lisbon hotel?").thread(&chat).await.unwrap();
    assert_eq!(started(&run).findings, []);
}

#[tokio::test]
async fn a_run_of_a_forgotten_thread_gets_no_further() {
    let (world, memory, chat) = (World::default(), InProcess::default(), ThreadId::new());
    let planner = PlanExecute::default().answer(Answer::Report(None));
    let deleting = memory.clone();
    let forgotten = chat.clone();
    let approver = move |_: cicerone_core::event::PlannedCall| {
        let (memory, chat) = (deleting.clone(), forgotten.clone());
        async move {
            memory.forget(&chat).await.unwrap();
            cicerone_core::agent::Verdict::Approve
        }
    };
    let model = ScriptedModel::new().reply(BOOK);
    let agent = agent(model, &world).planner(planner).approver(approver).memory(memory.clone()).build().unwrap();
    let error = agent.run("Book Rome to Athens for Ada").thread(&chat).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("it was forgotten meanwhile"), "{error}");
    assert!(world.executed().is_empty(), "nothing was booked");
    assert!(memory.runs(&RunFilter::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_conversation_keeps_its_order_when_the_clock_goes_back() {
    let (model, memory) = (ScriptedModel::new().reply("One.").reply("Two."), InProcess::default());
    let chat = ThreadId::new();
    let agent = talker(&model, &memory).build().unwrap();
    let first = agent.run("First").thread(&chat).await.unwrap();
    // The same run as if it had been begun a long time from now.
    memory.forget(&chat).await.unwrap();
    let future: RunId = "ffff0000-7e2b-7c4e-9a0f-3d1f5b8e2a47".parse().unwrap();
    memory.append(&future, 0, first.trace.entries()).await.unwrap();
    let second = agent.run("Second").thread(&chat).await.unwrap();
    assert!(second.id > future);
    let runs = memory.runs(&RunFilter::default().thread(chat)).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.task.as_str()).collect::<Vec<_>>(), ["Second", "First"]);
}

/// A memory that knows nothing of threads and words, as one from before they were.
struct Plain(InProcess);

impl Memory for Plain {
    async fn append(&self, run: &RunId, at: u64, entries: &[Entry]) -> Result<(), MemoryError> {
        self.0.append(run, at, entries).await
    }
    async fn read(&self, run: &RunId, from: u64) -> Result<Vec<Entry>, MemoryError> {
        self.0.read(run, from).await
    }
    async fn runs(&self, _: &RunFilter) -> Result<Vec<RunSummary>, MemoryError> {
        self.0.runs(&RunFilter::default()).await
    }
}

#[tokio::test]
async fn a_memory_that_knows_no_threads_shows_no_strangers_words() {
    let model = ScriptedModel::new().reply("One.").reply("Two.");
    let memory = InProcess::default();
    let agent = talker(&model, &memory).memory(Plain(memory.clone())).build().unwrap();
    agent.run("Mine").thread(&ThreadId::new()).await.unwrap();
    agent.run("Yours").thread(&ThreadId::new()).await.unwrap();
    assert_eq!(told(&model.requests()[1]), ["Yours"]);
    let recalling = talker(&model, &memory).memory(Plain(memory.clone())).recall(1).build().unwrap();
    let error = recalling.run("Anything").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("this memory can't look for words in its journals"), "{error}");
    let error = AnyMemory::new(Plain(memory)).forget(&ThreadId::new()).await.unwrap_err();
    assert!(error.to_string().contains("this memory can't forget a thread"), "{error}");
}
