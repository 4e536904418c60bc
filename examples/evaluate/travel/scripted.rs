//! Runs of scripted agents on the real tools, for the grader's tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail")]

use cicerone::{
    message::{Part, ToolCall},
    model::Response,
    prelude::*,
    scripted::Reply,
};
use serde_json::{Value, json};

use crate::tools::{self, Desk};
use crate::world::{BookingKind, OWNER, World};

use super::{
    Expect,
    expect::{Status, Wish},
    prepare,
};

/// A tool and its arguments.
pub(super) type Call = (&'static str, Value);

/// A run, and the world after it.
pub(super) struct Ended {
    pub(super) world: World,
    pub(super) run: Result<Run, Error>,
    _folder: tempfile::TempDir,
}

/// A world of its own file, as the case has it before the run.
pub(super) fn world(expect: &Expect) -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path().join("travel.db"), jiff::civil::date(2026, 11, 23)).unwrap();
    prepare(&world, expect).unwrap();
    (world, folder)
}

/// Runs an agent that makes the calls of each turn and then says the answer.
pub(super) async fn run(expect: &Expect, turns: &[Vec<Call>], answer: &str) -> Ended {
    let (world, folder) = world(expect);
    let desk = World::open(folder.path().join("travel.db"), world.today()).unwrap();
    let mut model = ScriptedModel::new();
    for turn in turns {
        let part = |(number, (tool, args)): (usize, &Call)| {
            Part::ToolCall(ToolCall { id: number.to_string(), tool: (*tool).to_owned(), args: args.clone() })
        };
        model = model.then(Reply::response(Response::new(turn.iter().enumerate().map(part).collect())));
    }
    let agent = Agent::builder(model.reply(answer))
        .tools(tools::all())
        .state(Desk { world: desk, traveller: OWNER.to_owned() })
        .planner(ReAct::default())
        .approver(|_| async { Verdict::Approve })
        .build()
        .unwrap();
    let run = agent.run("the request of the case").await;
    Ended { world, run, _folder: folder }
}

/// The search that a wish describes.
pub(super) fn search(wish: &Wish) -> Call {
    let (tool, mut args) = match wish.kind {
        BookingKind::Hotel => (
            "search_hotels",
            json!({"city": wish.city, "check_in": wish.check_in, "check_out": wish.check_out,
                   "guests": wish.travellers.max(wish.quantity()), "max_price_per_night": wish.max_price_per_night,
                   "min_rating": wish.min_rating, "min_stars": wish.min_stars}),
        ),
        kind => (
            if kind == BookingKind::Flight { "search_flights" } else { "search_trains" },
            json!({"origin": wish.origin, "destination": wish.destination, "date": wish.date,
                   "travellers": wish.travellers, "max_price": wish.max_price, "depart_after": wish.depart_after,
                   "depart_before": wish.depart_before}),
        ),
    };
    args.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    (tool, args)
}

/// The booking of an offer as a wish has it.
pub(super) fn book(wish: &Wish, id: &str) -> Call {
    let (tool, argument, quantity) = match id.split('-').next() {
        Some("F") => ("book_flight", "flight", "travellers"),
        Some("T") => ("book_train", "train", "travellers"),
        _ => ("book_hotel", "hotel", "rooms"),
    };
    (tool, json!({argument: id, "traveller": wish.traveller(), quantity: wish.quantity()}))
}

/// The turns and the answer of an agent that does just what the case expects.
pub(super) fn perfect(expect: &Expect) -> (Vec<Vec<Call>>, String) {
    if !expect.status.contains(&Status::Completed) {
        return (vec![vec![nowhere()]], "never said".to_owned());
    }
    let (world, _folder) = world(expect);
    let budget = expect.budget.as_ref();
    let due = budget.filter(|budget| budget.met).map_or(&[][..], |budget| &budget.of);
    let looked: Vec<&Wish> = expect.booked.iter().chain(&expect.searched).chain(due).collect();
    let mut reads: Vec<Call> = looked.into_iter().flat_map(|wish| wish.or.iter().chain([wish])).map(search).collect();
    if !expect.before.is_empty() {
        reads.push(("list_bookings", json!({})));
    }
    let mut writes: Vec<Call> = Vec::new();
    for wish in expect.booked.iter().chain(due) {
        writes.push(book(wish, &wish.right(&world).unwrap()[0].id));
    }
    for (number, wish) in expect.before.iter().enumerate() {
        if expect.cancelled.contains(wish.label.as_ref().unwrap()) {
            let reference = super::earlier(&world, number).unwrap().reference;
            writes.push(("cancel_booking", json!({"bookings": [reference]})));
        }
    }
    let named = expect.answer_names.as_ref().map(|wish| wish.right(&world).unwrap()[0].price);
    let turns = [reads, writes].into_iter().filter(|turn| !turn.is_empty()).collect();
    (turns, named.map_or_else(|| "Done.".to_owned(), |price| format!("It is {price} EUR.")))
}

/// A search that can only end in a question.
pub(super) fn nowhere() -> Call {
    ("search_flights", json!({"origin": "Nowhere", "destination": "Rome", "date": "2026-12-03"}))
}
