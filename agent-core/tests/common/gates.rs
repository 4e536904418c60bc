//! Tools and a person that wait until a test says what comes of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use cicerone_core::{
    agent::Verdict,
    event::PlannedCall,
    tool::{AnyTool, Approval, Effect, Lookup, Tool, ToolContext, ToolError},
};
use futures::channel::oneshot;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What waits, and what was written. Clones share it.
#[derive(Clone, Default)]
pub struct Gates(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    waiting: Vec<Waiting>,
    written: BTreeMap<String, (u32, Item)>,
}

enum Waiting {
    Call(oneshot::Sender<Fate>),
    Person(oneshot::Sender<Verdict>),
}

/// What comes of a call.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Done,
    Retry,
    Ask,
    Fatal,
}

impl Gates {
    fn with<R>(&self, body: impl FnOnce(&mut Inner) -> R) -> R {
        body(&mut self.0.lock().unwrap())
    }

    /// Lets one of what waits go on; false if nothing waits.
    pub fn open(&self, which: usize, fate: Fate, verdict: Verdict) -> bool {
        let waiting = self.with(|gates| {
            let count = gates.waiting.len();
            (count > 0).then(|| gates.waiting.remove(which % count))
        });
        match waiting {
            Some(Waiting::Call(call)) => drop(call.send(fate)),
            Some(Waiting::Person(person)) => drop(person.send(verdict)),
            None => return false,
        }
        true
    }

    /// Forgets what waits, as when its process is gone.
    pub fn crash(&self) {
        self.with(|gates| gates.waiting.clear());
    }

    /// How often the most repeated write was carried out under one key.
    pub fn most_repeated(&self) -> u32 {
        self.with(|gates| gates.written.values().map(|(times, _)| *times).max().unwrap_or_default())
    }

    /// Asks the test.
    pub async fn decide(&self) -> Verdict {
        let (sender, receiver) = oneshot::channel();
        self.with(|gates| gates.waiting.push(Waiting::Person(sender)));
        receiver.await.unwrap_or(Verdict::Later)
    }

    async fn call(&self, what: &str) -> Result<(), ToolError> {
        let (sender, receiver) = oneshot::channel();
        self.with(|gates| gates.waiting.push(Waiting::Call(sender)));
        match receiver.await {
            Ok(Fate::Done) => Ok(()),
            Ok(Fate::Retry) => Err(ToolError::retry(format!("{what} did not work"))),
            Ok(Fate::Ask) => Err(ToolError::ask(format!("which {what}?"))),
            Ok(Fate::Fatal) | Err(_) => Err(ToolError::fatal(format!("{what} can't work"))),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Item {
    pub id: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct After {
    pub n: u32,
    #[schemars(extend("x-grounded" = "look[].id"))]
    pub look: Option<String>,
    #[schemars(extend("x-grounded" = "make[].id"))]
    pub make: Option<String>,
}

/// A read; each seventh has to be approved.
struct Look;

impl Tool for Look {
    type Args = After;
    type Output = Vec<Item>;

    fn name(&self) -> &str {
        "look"
    }
    fn description(&self) -> &str {
        "Look."
    }
    fn effect(&self) -> Effect {
        Effect::Read
    }
    async fn call(&self, cx: &ToolContext, after: After) -> Result<Vec<Item>, ToolError> {
        let id = format!("look-{}", after.n);
        cx.state::<Gates>()?.call(&id).await?;
        Ok(vec![Item { id }])
    }
    fn approval(&self, after: &After) -> Approval {
        if after.n.is_multiple_of(7) { Approval::Ask } else { Approval::NotNeeded }
    }
}

/// A write that must not be repeated; each second has to be approved.
struct Make;

impl Tool for Make {
    type Args = After;
    type Output = Vec<Item>;

    fn name(&self) -> &str {
        "make"
    }
    fn description(&self) -> &str {
        "Make."
    }
    async fn call(&self, cx: &ToolContext, after: After) -> Result<Vec<Item>, ToolError> {
        let gates = cx.state::<Gates>()?;
        let item = Item { id: format!("make-{}", after.n) };
        gates.call(&item.id).await?;
        let key = cx.key().as_str().to_owned();
        gates.with(|gates| gates.written.entry(key).or_insert_with(|| (0, item.clone())).0 += 1);
        Ok(vec![item])
    }
    async fn lookup(&self, cx: &ToolContext, _: &After) -> Result<Lookup<Vec<Item>>, ToolError> {
        let known = cx.state::<Gates>()?.with(|gates| gates.written.get(cx.key().as_str()).cloned());
        Ok(known.map_or(Lookup::NotDone, |(_, item)| Lookup::Done(vec![item])))
    }
    fn approval(&self, after: &After) -> Approval {
        if after.n.is_multiple_of(2) { Approval::Ask } else { Approval::NotNeeded }
    }
}

/// The two tools, made once.
pub fn tools() -> Vec<AnyTool> {
    static TOOLS: OnceLock<Vec<AnyTool>> = OnceLock::new();
    TOOLS.get_or_init(|| vec![AnyTool::new(Look).unwrap(), AnyTool::new(Make).unwrap()]).clone()
}

/// A person who waits for the test.
pub fn person(
    gates: &Gates,
) -> impl Fn(PlannedCall) -> futures::future::BoxFuture<'static, Verdict> + Send + Sync + 'static {
    let gates = gates.clone();
    move |_| {
        let gates = gates.clone();
        Box::pin(async move { gates.decide().await })
    }
}
