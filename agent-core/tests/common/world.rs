//! A world for tools to act on, which counts what happens to it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use cicerone_core::{
    Agent,
    agent::{AgentBuilder, Verdict},
    event::PlannedCall,
    model::Model,
    tool::{Approval, Effect, Lookup, Tool, ToolContext, ToolError, ToolErrorKind},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Barrier;

/// What the tools do it to. Clones share it.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    began: Vec<String>,
    ended: Vec<String>,
    writing: u32,
    overlaps: u32,
    failures: HashMap<&'static str, VecDeque<(ToolErrorKind, String)>>,
    done: BTreeMap<String, String>,
    executed: BTreeMap<String, u32>,
    nothing_to: BTreeSet<String>,
    delay: Duration,
    barrier: Option<Arc<Barrier>>,
}

impl World {
    fn with<R>(&self, body: impl FnOnce(&mut Inner) -> R) -> R {
        body(&mut self.0.lock().unwrap())
    }

    /// The next call of `tool` fails.
    pub fn fails(&self, tool: &'static str, kind: ToolErrorKind, message: &str) {
        self.with(|world| world.failures.entry(tool).or_default().push_back((kind, message.to_owned())));
    }

    /// Searches find nothing to this place.
    pub fn nothing_to(&self, place: &str) {
        self.with(|world| world.nothing_to.insert(place.to_owned()));
    }

    /// Whether searches find nothing there.
    pub fn has_nothing_to(&self, place: &str) -> bool {
        self.with(|world| world.nothing_to.contains(place))
    }

    /// The result of a write that was made under this key.
    pub fn written(&self, cx: &ToolContext) -> Option<String> {
        self.with(|world| world.done.get(cx.key().as_str()).cloned())
    }

    /// Each call takes this time.
    pub fn takes(&self, time: Duration) {
        self.with(|world| world.delay = time);
    }

    /// Searches go on only when so many run at once.
    pub fn searches_meet(&self, count: usize) {
        self.with(|world| world.barrier = Some(Arc::new(Barrier::new(count))));
    }

    /// The calls that began, in order.
    pub fn began(&self) -> Vec<String> {
        self.with(|world| world.began.clone())
    }

    /// The calls that ended, in order.
    pub fn ended(&self) -> Vec<String> {
        self.with(|world| world.ended.clone())
    }

    /// How often each write was carried out.
    pub fn executed(&self) -> BTreeMap<String, u32> {
        self.with(|world| world.executed.clone())
    }

    /// How often a write began while another was under way.
    pub fn overlaps(&self) -> u32 {
        self.with(|world| world.overlaps)
    }

    /// Takes over what another world holds, keys included, of the writes that `wanted` names.
    pub fn remember(&self, key: &str, what: &str) {
        let reference = reference_of(what);
        self.with(|world| {
            world.done.insert(key.to_owned(), reference);
            *world.executed.entry(what.to_owned()).or_default() += 1;
        });
    }

    pub async fn call(&self, tool: &'static str, what: &str, writes: bool) -> Result<(), ToolError> {
        let (delay, barrier) = self.with(|world| {
            world.began.push(what.to_owned());
            if writes {
                world.overlaps += u32::from(world.writing > 0);
                world.writing += 1;
            }
            (world.delay, world.barrier.clone())
        });
        let _writing = Writing(self, writes);
        if let (Some(barrier), "search") = (barrier, tool) {
            barrier.wait().await;
        }
        tokio::task::yield_now().await;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        self.with(|world| {
            if let Some((kind, message)) = world.failures.get_mut(tool).and_then(VecDeque::pop_front) {
                return Err(match kind {
                    ToolErrorKind::Retry => ToolError::retry(message),
                    ToolErrorKind::Ask => ToolError::ask(message),
                    ToolErrorKind::Fatal => ToolError::fatal(message),
                });
            }
            world.ended.push(what.to_owned());
            Ok(())
        })
    }

    /// Carries out a write under its key; the same key twice is done once only if the tool looks.
    pub fn write(&self, cx: &ToolContext, what: &str, idempotent: bool) -> String {
        let reference = reference_of(what);
        self.with(|world| {
            let known = world.done.insert(cx.key().as_str().to_owned(), reference.clone());
            if known.is_none() || !idempotent {
                *world.executed.entry(what.to_owned()).or_default() += 1;
            }
        });
        reference
    }
}

fn reference_of(what: &str) -> String {
    format!("[{what}]")
}

struct Writing<'w>(&'w World, bool);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.with(|world| world.writing -= u32::from(self.1));
    }
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Route {
    /// Where from.
    pub from: String,
    /// Where to.
    pub to: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Flight {
    pub id: String,
    #[schemars(extend("x-lowest" = "cheapest"))]
    pub price: u32,
}

/// Finds two flights on every route, the second one cheaper.
pub struct Search(pub World);

impl Tool for Search {
    type Args = Route;
    type Output = Vec<Flight>;

    fn name(&self) -> &str {
        "search"
    }
    fn description(&self) -> &str {
        "Find flights."
    }
    fn effect(&self) -> Effect {
        Effect::Read
    }
    async fn call(&self, _: &ToolContext, Route { from, to }: Route) -> Result<Vec<Flight>, ToolError> {
        self.0.call("search", &format!("search {from} {to}"), false).await?;
        if self.0.has_nothing_to(&to) {
            return Ok(Vec::new());
        }
        let flight = |number: u32, price| Flight { id: format!("{from}-{to}-{number}"), price };
        Ok(vec![flight(1, 120), flight(2, 90)])
    }
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Order {
    /// Which flight.
    #[schemars(extend("x-grounded" = "search[].id"))]
    pub flight: String,
    /// Who flies.
    pub passenger: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Booking {
    pub reference: String,
}

/// Books a flight; must not be repeated, and can tell whether it was done.
pub struct Book(pub World);

impl Tool for Book {
    type Args = Order;
    type Output = Booking;

    fn name(&self) -> &str {
        "book"
    }
    fn description(&self) -> &str {
        "Book a flight."
    }
    async fn call(&self, cx: &ToolContext, order: Order) -> Result<Booking, ToolError> {
        let what = format!("book {}", order.flight);
        self.0.call("book", &what, true).await?;
        Ok(Booking { reference: self.0.write(cx, &what, false) })
    }
    async fn lookup(&self, cx: &ToolContext, _: &Order) -> Result<Lookup<Booking>, ToolError> {
        let known = self.0.written(cx);
        Ok(known.map_or(Lookup::NotDone, |reference| Lookup::Done(Booking { reference })))
    }
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Cover {
    /// Which booking.
    #[schemars(extend("x-grounded" = "book.reference"))]
    pub booking: String,
}

/// Insures a booking; may be repeated with the same key, and asks nobody.
pub struct Insure(pub World);

impl Tool for Insure {
    type Args = Cover;
    type Output = String;

    fn name(&self) -> &str {
        "insure"
    }
    fn description(&self) -> &str {
        "Insure a booking."
    }
    fn effect(&self) -> Effect {
        Effect::Idempotent
    }
    async fn call(&self, cx: &ToolContext, cover: Cover) -> Result<String, ToolError> {
        let what = format!("insure {}", cover.booking);
        self.0.call("insure", &what, true).await?;
        Ok(self.0.write(cx, &what, true))
    }
    fn approval(&self, _: &Cover) -> Approval {
        Approval::NotNeeded
    }
}

/// An agent with the three tools.
pub fn agent(model: impl Model, world: &World) -> AgentBuilder {
    Agent::builder(model).tool(Search(world.clone())).tool(Book(world.clone())).tool(Insure(world.clone()))
}

/// Agrees to everything.
pub async fn yes(_: PlannedCall) -> Verdict {
    Verdict::Approve
}
