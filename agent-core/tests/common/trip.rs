//! A small toolset with every kind of argument, and a request to plan for.

use std::sync::Arc;

use cicerone_core::{
    plan::notation::Vocabulary,
    reading::{Kinds, Mention, MentionKind},
    tool::{AnyTool, Effect, FunctionTool, ToolError, ToolSpec},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Economy,
    Business,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Search {
    /// Where from.
    pub origin: String,
    /// Where to.
    pub destination: String,
    /// The day of departure.
    pub date: jiff::civil::Date,
    pub seats: Option<u32>,
    pub budget: Option<f64>,
    pub direct: Option<bool>,
    pub class: Option<Class>,
    pub after: Option<jiff::civil::Time>,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Flight {
    pub id: String,
    #[schemars(extend("x-lowest" = "cheapest"))]
    pub price: u32,
    #[schemars(extend("x-highest" = "best_rated"))]
    pub rating: f64,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Book {
    /// Which flight.
    #[schemars(extend("x-grounded" = "search[].id"))]
    pub flight: String,
    /// Who flies.
    pub passenger: String,
    #[schemars(extend("x-composed" = true))]
    pub note: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Booking {
    pub reference: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Insure {
    #[schemars(extend("x-grounded" = "book.reference"))]
    pub booking: String,
    pub extras: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Weather {
    pub place: Option<String>,
}

/// The tools, a request and what was read in it.
#[derive(Clone, Debug)]
pub struct Trip {
    pub specs: Vec<Arc<ToolSpec>>,
    pub request: String,
    pub mentions: Vec<Mention>,
    pub reads: Kinds,
}

impl Trip {
    /// Without readers.
    pub fn new(request: &str) -> Self {
        let specs = tools().iter().map(|tool| Arc::clone(tool.spec())).collect();
        Self { specs, request: request.to_owned(), mentions: Vec::new(), reads: Kinds::default() }
    }

    /// With readers that found these words.
    pub fn mentioning(request: &str, found: &[(&str, MentionKind, Value)]) -> Self {
        let mentions = found.iter().map(|(words, kind, value)| {
            let start = request.find(words).unwrap();
            Mention::new(start..start + words.len(), *kind, value.clone())
        });
        let mut trip = Self::new(request);
        trip.mentions = mentions.collect();
        trip.reads = [MentionKind::Date, MentionKind::Time, MentionKind::Number].into_iter().collect();
        trip
    }

    /// With a reader that looks for alternatives and finds them in these words, or nowhere.
    pub fn or(mut self, words: Option<&str>) -> Self {
        let all = [MentionKind::Date, MentionKind::Time, MentionKind::Number].into_iter();
        self.reads = all.filter(|kind| self.reads.contains(*kind)).chain([MentionKind::Alternative]).collect();
        if let Some(words) = words {
            let start = self.request.find(words).unwrap();
            self.mentions.push(Mention::new(start..start + words.len(), MentionKind::Alternative, true));
        }
        self
    }

    /// A request with two dates, a time and two numbers.
    pub fn to_lisbon() -> Self {
        use MentionKind::{Date, Number, Time};
        Self::mentioning(
            "Berlin to Lisbon for 2 on 3 December after 17:00 and back on the 7th for Ada Lovelace, under 90.50 EUR",
            &[
                ("2", Number, json!(2)),
                ("3 December", Date, json!("2026-12-03")),
                ("17:00", Time, json!("17:00:00")),
                ("the 7th", Date, json!("2026-12-07")),
                ("90.50", Number, json!(90.5)),
            ],
        )
    }

    pub fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary { tools: &self.specs, request: &self.request, mentions: &self.mentions, reads: self.reads }
    }
}

/// The tools; none of them does anything.
pub fn tools() -> Vec<AnyTool> {
    let search = FunctionTool::new("search", "Find flights for a day.", |_: Search| async {
        Ok::<Vec<Flight>, ToolError>(Vec::new())
    });
    let book = FunctionTool::new("book", "Book a flight.", |_: Book| async {
        Ok::<_, ToolError>(Booking { reference: "B".to_owned() })
    });
    let insure = FunctionTool::new("insure", "Insure a booking.", |_: Insure| async { Ok::<_, ToolError>(true) });
    let weather =
        FunctionTool::new("weather", "The weather.", |_: Weather| async { Ok::<_, ToolError>("dry".to_owned()) });
    vec![
        AnyTool::new(search.effect(Effect::Read)).unwrap(),
        AnyTool::new(book).unwrap(),
        AnyTool::new(insure.effect(Effect::Idempotent)).unwrap(),
        AnyTool::new(weather.effect(Effect::Read)).unwrap(),
    ]
}
