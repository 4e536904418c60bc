//! Two means of travel that can be compared, and sights to see: tools for plans that choose among alternatives.

use cicerone_core::{
    Agent,
    agent::AgentBuilder,
    model::Model,
    reading::{Mention, MentionKind, Reader},
    scripted::ScriptedModel,
    tool::{Approval, Effect, Lookup, Tool, ToolContext, ToolError},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    trip::Trip,
    world::{Booking, World},
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Route {
    pub from: String,
    pub to: String,
    pub date: Option<jiff::civil::Date>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Offer {
    pub id: String,
    #[schemars(extend("x-lowest" = "cheapest", "x-limit" = "budget", "x-unit" = "EUR"))]
    pub price: f64,
    #[schemars(extend("x-lowest" = "fastest"))]
    pub hours: u32,
    pub seats: u32,
}

/// Finds trains or flights: a slow cheap one and a fast dear one.
struct Searching {
    world: World,
    name: &'static str,
    prices: [f64; 2],
}

impl Tool for Searching {
    type Args = Route;
    type Output = Vec<Offer>;

    fn name(&self) -> &str {
        self.name
    }
    fn description(&self) -> &str {
        "Find offers."
    }
    fn effect(&self) -> Effect {
        Effect::Read
    }
    async fn call(&self, _: &ToolContext, Route { to, date, .. }: Route) -> Result<Vec<Offer>, ToolError> {
        let day = date.map_or_else(String::new, |date| format!(" {}", date.day()));
        self.world.call(self.name, &format!("{} {to}{day}", self.name), false).await?;
        if self.world.has_nothing_to(&format!("{} {to}", self.name)) {
            return Ok(Vec::new());
        }
        let [slow, fast] = self.prices;
        // The later in the month, the cheaper.
        let off = date.map_or(0.0, |date| f64::from(date.day()));
        let offer =
            |speed, price, hours, seats| Offer { id: format!("{}-{to}{day}-{speed}", self.name), price, hours, seats };
        Ok(vec![offer("slow", slow - off, 9, 40), offer("fast", fast - off, 3, 2)])
    }
}

pub trait Ordered {
    fn ticket(&self) -> (&str, u32);
}

macro_rules! order {
    ($name:ident, $source:literal) => {
        #[derive(Debug, Deserialize, Serialize, JsonSchema)]
        pub struct $name {
            #[schemars(extend("x-grounded" = concat!($source, "[].id")))]
            pub ticket: String,
            #[schemars(extend("x-grounded" = concat!($source, "[].seats")))]
            pub seats: u32,
            #[schemars(regex(pattern = "^[A-Z][a-z]+( [A-Z][a-z]+)*$"))]
            pub passenger: String,
        }

        impl Ordered for $name {
            fn ticket(&self) -> (&str, u32) {
                (&self.ticket, self.seats)
            }
        }
    };
}

order!(TrainOrder, "search_trains");
order!(FlightOrder, "search_flights");

/// Books what one of the searches found; must not be repeated.
struct Booker<A> {
    world: World,
    name: &'static str,
    order: std::marker::PhantomData<fn(A)>,
}

impl<A> Tool for Booker<A>
where
    A: Ordered + cicerone_core::tool::ToolArgs,
{
    type Args = A;
    type Output = Booking;

    fn name(&self) -> &str {
        self.name
    }
    fn description(&self) -> &str {
        "Book an offer."
    }
    async fn call(&self, cx: &ToolContext, order: A) -> Result<Booking, ToolError> {
        let what = format!("{} {}", self.name, order.ticket().0);
        self.world.call(self.name, &what, true).await?;
        let seats = order.ticket().1;
        Ok(Booking { reference: format!("{} {seats}", self.world.write(cx, &what, false)) })
    }
    async fn lookup(&self, cx: &ToolContext, order: &A) -> Result<Lookup<Booking>, ToolError> {
        let seats = order.ticket().1;
        let done = |reference: String| Lookup::Done(Booking { reference: format!("{reference} {seats}") });
        Ok(self.world.written(cx).map_or(Lookup::NotDone, done))
    }
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Around {
    pub place: String,
    #[schemars(extend("x-unit" = "star"))]
    pub stars: Option<u32>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Sight {
    pub id: String,
    #[schemars(extend("x-highest" = "best_rated"))]
    pub stars: u32,
}

struct Sights(World);

impl Tool for Sights {
    type Args = Around;
    type Output = Vec<Sight>;

    fn name(&self) -> &str {
        "sights"
    }
    fn description(&self) -> &str {
        "Find sights."
    }
    fn effect(&self) -> Effect {
        Effect::Read
    }
    async fn call(&self, _: &ToolContext, Around { place, stars }: Around) -> Result<Vec<Sight>, ToolError> {
        self.0.call("sights", &format!("sights {place}"), false).await?;
        let all = ["Forum", "Temple", "Theatre"].into_iter().zip([3, 5, 4]);
        let all = all.map(|(id, stars)| Sight { id: format!("{place} {id}"), stars });
        Ok(all.filter(|sight| stars.is_none_or(|least| sight.stars >= least)).collect())
    }
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Tour {
    #[schemars(extend("x-grounded" = "sights[].id"))]
    pub stops: Vec<String>,
}

/// Draws a tour of sights.
struct Draw(World);

impl Tool for Draw {
    type Args = Tour;
    type Output = String;

    fn name(&self) -> &str {
        "draw_tour"
    }
    fn description(&self) -> &str {
        "Draw a tour."
    }
    fn effect(&self) -> Effect {
        Effect::Idempotent
    }
    async fn call(&self, cx: &ToolContext, tour: Tour) -> Result<String, ToolError> {
        let what = format!("draw_tour {}", tour.stops.join(", "));
        self.0.call("draw_tour", &what, true).await?;
        Ok(self.0.write(cx, &what, true))
    }
    fn approval(&self, _: &Tour) -> Approval {
        Approval::NotNeeded
    }
}

/// What a ticket says to a traveller: a read of what a write returned.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Status {
    #[schemars(extend("x-grounded" = "book_train.reference"))]
    pub booking: String,
}

struct Delay(World);

impl Tool for Delay {
    type Args = Status;
    type Output = String;

    fn name(&self) -> &str {
        "delay"
    }
    fn description(&self) -> &str {
        "Ask whether a train that was booked is late."
    }
    fn effect(&self) -> Effect {
        Effect::Read
    }
    async fn call(&self, _: &ToolContext, status: Status) -> Result<String, ToolError> {
        self.0.call("delay", &format!("delay {}", status.booking), false).await?;
        Ok("none".to_owned())
    }
}

/// An agent with all of them.
pub fn agent(model: impl Model, world: &World) -> AgentBuilder {
    let search = |name, prices| Searching { world: world.clone(), name, prices };
    let book_train: Booker<TrainOrder> =
        Booker { world: world.clone(), name: "book_train", order: std::marker::PhantomData };
    let book_flight: Booker<FlightOrder> =
        Booker { world: world.clone(), name: "book_flight", order: std::marker::PhantomData };
    Agent::builder(model)
        .tool(search("search_trains", [90.2, 120.0]))
        .tool(search("search_flights", [80.4, 200.0]))
        .tool(book_train)
        .tool(book_flight)
        .tool(Sights(world.clone()))
        .tool(Draw(world.clone()))
        .tool(Delay(world.clone()))
}

/// A request to these tools, and what was read in it.
pub fn asked(request: &str) -> Trip {
    let agent = agent(ScriptedModel::new(), &World::default()).reader(Reads::all()).build().unwrap();
    let reads = Reads::all();
    let mentions = reads.read(request);
    let kinds = reads.kinds().iter().copied().collect();
    Trip { specs: agent.kit().tools.specs().to_vec(), request: request.to_owned(), mentions, reads: kinds }
}

/// Finds these words, and looks for nothing else than what it is said to.
pub struct Reads(pub Vec<(&'static str, Mention)>, pub Vec<MentionKind>);

impl Reads {
    /// Numbers of EUR and of stars, days, "or" and "do not", "cheap" and "quick".
    pub fn all() -> Self {
        let mention = |kind, value: serde_json::Value| Mention::new(0..0, kind, value);
        let words = vec![
            ("300 EUR", mention(MentionKind::Number, 300.into()).with_unit("EUR")),
            ("170.6 EUR", mention(MentionKind::Number, 170.6.into()).with_unit("EUR")),
            ("100 EUR", mention(MentionKind::Number, 100.into()).with_unit("EUR")),
            ("4 stars", mention(MentionKind::Number, 4.into()).with_unit("star")),
            ("2 friends", mention(MentionKind::Number, 2.into()).with_unit("person")),
            ("3 December", mention(MentionKind::Date, "2026-12-03".into())),
            ("7 December", mention(MentionKind::Date, "2026-12-07".into())),
            (" or ", mention(MentionKind::Alternative, true.into())),
            ("cheap", mention(MentionKind::Ordering, "cheapest".into())),
            ("quick", mention(MentionKind::Ordering, "fastest".into())),
            ("no stars", mention(MentionKind::Excludes, "sights.stars".into())),
            ("do not", mention(MentionKind::NoWrites, true.into())),
        ];
        use MentionKind::{Alternative, Date, NoWrites, Number, Ordering, Time};
        Self(words, vec![Alternative, Date, NoWrites, Number, Ordering, Time])
    }
}

impl Reader for Reads {
    fn read(&self, text: &str) -> Vec<Mention> {
        let found = self.0.iter().filter_map(|(words, mention)| {
            let start = text.find(words)?;
            Some(Mention { span: start..start + words.len(), ..mention.clone() })
        });
        found.collect()
    }

    fn kinds(&self) -> &[MentionKind] {
        &self.1
    }
}
