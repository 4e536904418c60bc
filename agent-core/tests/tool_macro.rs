//! `#[tool]` and `tools!`: what they make of functions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeMap;

use cicerone_core::{
    tool,
    tool::{AnyTool, Approval, ArgumentKind, Effect, IntoTools, Lookup, State, Tool, ToolContext, ToolError, ToolSpec},
    tools,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Flight {
    flight_id: String,
    price: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Class {
    Economy,
    Business,
}

/// Find flights for a day,
/// cheapest first.
///
/// Not for trains.
#[tool(effect = "read")]
async fn search_flights(
    cx: &ToolContext,
    /// IATA code or city,
    /// such as "LIS".
    origin: String,
    destination: String,
    /// When — in the traveller's "own" time zone 🕐.
    date: jiff::civil::Date,
    max_price: Option<u32>,
    class: Option<Class>,
) -> Result<Vec<Flight>, ToolError> {
    if origin == destination {
        return Err(ToolError::retry("`origin` and `destination` are the same"));
    }
    let _ = (cx.key(), class);
    let flights = [("early", 80), ("late", 120)];
    let affordable = flights.into_iter().filter(|(_, price)| max_price.is_none_or(|most| *price <= most));
    Ok(affordable.map(|(at, price)| Flight { flight_id: format!("{at} on {date}"), price }).collect())
}

/// Book a flight.
#[tool(effect = "idempotent", approval = "ask")]
async fn book_flight(
    #[grounded("search_flights[].flight_id")] flight_id: String,
    /// A greeting for the crew.
    #[composed]
    note: Option<String>,
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    mut seats: u8,
) -> Result<String, ToolError> {
    seats = seats.max(1);
    Ok(format!("{seats} × {flight_id}, {}", note.unwrap_or_default()))
}

fn context() -> ToolContext {
    ToolContext::detached(Default::default())
}

fn spec_of(tool: impl Tool) -> ToolSpec {
    ToolSpec::clone(AnyTool::new(tool).unwrap().spec())
}

/// Calls a tool as an agent does: with JSON, checked against the schema.
async fn call<T: Tool + Copy>(tool: T, args: Value) -> Result<Value, ToolError> {
    AnyTool::new(tool).unwrap().validate(&args).map_err(ToolError::retry)?;
    let args = serde_json::from_value(args)?;
    Ok(serde_json::to_value(tool.call(&context(), args).await?)?)
}

#[tokio::test]
async fn the_function_can_still_be_called() {
    let date = jiff::civil::date(2026, 12, 3);
    let flights = search_flights(&context(), "BER".into(), "LIS".into(), date, Some(100), None).await.unwrap();
    assert_eq!(flights, [Flight { flight_id: "early on 2026-12-03".into(), price: 80 }]);
    assert_eq!(book_flight("LH 1".into(), None, 2).await.unwrap(), "2 × LH 1, ");
}

#[tokio::test]
async fn its_twin_can_be_called_with_json() {
    let args = json!({"origin": "BER", "destination": "LIS", "date": "2026-12-03", "max_price": 100});
    assert_eq!(
        call(search_flights {}, args).await.unwrap(),
        json!([{"flight_id": "early on 2026-12-03", "price": 80}])
    );

    let args = json!({"origin": "LIS", "destination": "LIS", "date": "2026-12-03"});
    assert!(call(search_flights {}, args).await.unwrap_err().is_retry());

    let wrong = call(search_flights {}, json!({"origin": "BER", "date": "soon"})).await.unwrap_err().to_string();
    assert!(wrong.contains("destination") && wrong.contains("/date"), "{wrong}");

    assert_eq!(call(book_flight {}, json!({"flight_id": "LH 1", "note": "Hello"})).await.unwrap(), "1 × LH 1, Hello");
}

#[test]
fn the_signature_is_the_schema() {
    insta::assert_json_snapshot!(spec_of(search_flights {}).args_schema, @r#"
    {
      "type": "object",
      "properties": {
        "origin": {
          "type": "string",
          "description": "IATA code or city, such as \"LIS\"."
        },
        "destination": {
          "type": "string"
        },
        "date": {
          "type": "string",
          "format": "date",
          "description": "When — in the traveller's \"own\" time zone 🕐."
        },
        "max_price": {
          "type": [
            "integer",
            "null"
          ],
          "format": "uint32",
          "minimum": 0
        },
        "class": {
          "type": [
            "string",
            "null"
          ],
          "enum": [
            "economy",
            "business",
            null
          ]
        }
      },
      "required": [
        "origin",
        "destination",
        "date"
      ],
      "additionalProperties": false
    }
    "#);
    insta::assert_json_snapshot!(spec_of(book_flight {}).args_schema, @r#"
    {
      "type": "object",
      "properties": {
        "flight_id": {
          "type": "string",
          "x-grounded": "search_flights[].flight_id"
        },
        "note": {
          "type": [
            "string",
            "null"
          ],
          "description": "A greeting for the crew.",
          "x-composed": true
        },
        "seats": {
          "type": "integer",
          "format": "uint8",
          "minimum": 1,
          "maximum": 9,
          "default": 0
        }
      },
      "required": [
        "flight_id"
      ],
      "additionalProperties": false
    }
    "#);
    insta::assert_json_snapshot!(spec_of(search_flights {}).output_schema, @r#"
    {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "flight_id": {
            "type": "string"
          },
          "price": {
            "type": "integer",
            "format": "uint32",
            "minimum": 0
          }
        },
        "required": [
          "flight_id",
          "price"
        ]
      }
    }
    "#);
}

#[test]
fn the_doc_comment_is_the_description() {
    assert_eq!(search_flights {}.name(), "search_flights");
    assert_eq!(search_flights {}.description(), "Find flights for a day, cheapest first.\n\nNot for trains.");
}

#[test]
fn arguments_say_where_their_values_come_from() {
    let spec = spec_of(book_flight {});
    let kinds: Vec<_> = spec.arguments.iter().map(|argument| (argument.required, argument.kind.clone())).collect();
    let seen = ArgumentKind::Grounded { tool: "search_flights".into(), path: "[].flight_id".parse().unwrap() };
    assert_eq!(kinds, [(true, seen), (false, ArgumentKind::Composed), (false, ArgumentKind::Integer)]);
}

#[test]
fn options_say_what_may_happen_twice_and_who_has_to_agree() {
    assert_eq!(search_flights {}.effect(), Effect::Read);
    assert_eq!(book_flight {}.effect(), Effect::Idempotent);
    assert_eq!(bare::ping {}.effect(), Effect::Once);

    fn approval<T: Tool>(tool: T, args: Value) -> Approval {
        tool.approval(&serde_json::from_value(args).unwrap())
    }
    let search = json!({"origin": "BER", "destination": "LIS", "date": "2026-12-03"});
    assert_eq!(approval(search_flights {}, search), Approval::NotNeeded);
    assert_eq!(approval(book_flight {}, json!({"flight_id": "LH 1"})), Approval::Ask);
    assert_eq!(approval(bare::ping {}, json!({})), Approval::Ask);
    assert_eq!(approval(bare::whose_run {}, json!({})), Approval::NotNeeded);
}

mod bare {
    use super::*;

    /// Say that you are there.
    #[tool]
    pub(crate) async fn ping() -> Result<(), ToolError> {
        Ok(())
    }

    #[tool(approval = "never", description = "Tell the run's name.")]
    pub(crate) async fn whose_run(cx: &ToolContext) -> Result<String, ToolError> {
        Ok(cx.run().to_string())
    }

    pub(crate) mod deeper {
        use super::super::*;

        /// Say it again.
        #[tool(name = "say_again", crate = "cicerone_core")]
        pub(crate) async fn again(_: &ToolContext, words: Vec<Option<String>>) -> Result<usize, ToolError> {
            Ok(words.into_iter().flatten().count())
        }
    }
}

#[tokio::test]
async fn a_tool_needs_no_arguments() {
    assert_eq!(call(bare::ping {}, json!({})).await.unwrap(), Value::Null);
    assert!(call(bare::whose_run {}, json!({})).await.unwrap().as_str().is_some_and(|run| run.len() == 36));
    assert!(spec_of(bare::ping {}).arguments.is_empty());
    assert!(call(bare::ping {}, json!({"loudly": true})).await.unwrap_err().is_retry());
}

#[tokio::test]
async fn one_import_brings_the_function_and_its_twin() {
    use bare::deeper::again;

    assert_eq!(again(&context(), vec![None, Some("ja".into())]).await.unwrap(), 1);
    assert_eq!(again {}.name(), "say_again");
}

type Fallible<T> = Result<T, ToolError>;

/// Sum prices up by city.
#[tool(effect = "read")]
async fn sum_up(
    prices: BTreeMap<String, Vec<Option<f64>>>,
    r#type: Option<Box<Class>>,
    sum_up: (u8, [bool; 2]),
) -> Fallible<BTreeMap<String, f64>> {
    let _ = (r#type, sum_up);
    Ok(prices.into_iter().map(|(city, prices)| (city, prices.into_iter().flatten().sum())).collect())
}

/// Tell whether it is a match.
#[tool]
async fn r#match(r#in: String) -> Result<bool, ToolError> {
    Ok(r#in == "it")
}

#[tokio::test]
async fn types_nest_and_names_may_be_keywords() {
    let args = json!({"prices": {"Graz": [1.0, null, 2.5]}, "type": "business", "sum_up": [1, [true, false]]});
    assert_eq!(call(sum_up {}, args).await.unwrap(), json!({"Graz": 3.5}));

    assert_eq!(r#match {}.name(), "match");
    assert_eq!(call(r#match {}, json!({"in": "it"})).await.unwrap(), true);
}

#[test]
fn a_list_of_tools_is_made_of_names_and_paths() {
    struct Kitchen;
    impl Tool for Kitchen {
        type Args = ();
        type Output = ();
        fn name(&self) -> &str {
            "kitchen"
        }
        fn description(&self) -> &str {
            "Cook."
        }
        async fn call(&self, _: &ToolContext, (): ()) -> Result<(), ToolError> {
            Ok(())
        }
    }

    let tools = tools![search_flights, bare::ping, crate::bare::deeper::again, r#match, Kitchen,];
    let names: Vec<_> = tools.into_tools().unwrap().iter().map(|tool| tool.spec().name.clone()).collect();
    assert_eq!(names, ["search_flights", "ping", "say_again", "match", "kitchen"]);
    assert!(tools![].into_tools().unwrap().is_empty());
}

#[tokio::test]
async fn a_tool_may_stand_in_a_function() {
    struct Inventory(u32);

    /// Count what is left.
    #[tool(effect = "read")]
    #[cfg(test)]
    #[allow(clippy::unused_async)]
    async fn left(#[allow(unused_variables)] cx: &ToolContext) -> Result<u32, ToolError> {
        Ok(cx.state::<Inventory>()?.0)
    }

    assert!(left(&context()).await.unwrap_err().to_string().contains("Inventory"));
    let tools = tools![left].into_tools().unwrap();
    assert_eq!(tools[0].spec().description, "Count what is left.");
}

/// Reserve a table.
#[tool(effect = "idempotent", lookup = "find_table", compensate = "free_table")]
async fn reserve_table(cx: &ToolContext, guests: u32) -> Result<u32, ToolError> {
    Ok(cx.state::<u32>()? + guests)
}

async fn find_table(cx: &ToolContext) -> Result<Lookup<u32>, ToolError> {
    cx.state::<u32>().map(|table| Lookup::Done(*table))
}

async fn free_table(_: &ToolContext, table: &u32) -> Result<(), ToolError> {
    if *table == 7 { Ok(()) } else { Err(ToolError::fatal(format!("table {table} is not free"))) }
}

#[tokio::test]
async fn a_function_can_be_looked_up_and_undone_by_others() {
    let mut state = State::default();
    state.insert(5u32);
    let (tool, cx) = (reserve_table {}, ToolContext::detached(state));
    let args = || serde_json::from_value(serde_json::json!({ "guests": 2 })).unwrap();
    assert_eq!(tool.call(&cx, args()).await.unwrap(), 7);
    assert_eq!(tool.lookup(&cx, &args()).await.unwrap(), Lookup::Done(5));
    assert!(tool.compensate(&cx, &args(), &7).await.is_ok());
    assert_eq!(tool.compensate(&cx, &args(), &8).await.unwrap_err().to_string(), "table 8 is not free");
}
