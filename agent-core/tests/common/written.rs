//! Plans in the notation, as a model under the grammar would write them for [`Trip::to_lisbon`](super::trip::Trip).

use cicerone_core::plan::{Arg, Either, Plan, Reference, Step};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

/// A piece of the request.
fn piece() -> impl Strategy<Value = String> {
    let words = ["Berlin", "to", "Lisbon", "for", "2", "on", "3", "December"];
    (0..words.len(), 1..4_usize).prop_map(move |(from, count)| words[from..(from + count).min(words.len())].join(" "))
}

fn quote() -> impl Strategy<Value = String> {
    prop_oneof![4 => piece().prop_map(|piece| format!("\"{piece}\"")), 1 => Just("null".to_owned())]
}

fn named(name: &'static str, values: &'static [&'static str]) -> impl Strategy<Value = String> {
    option::weighted(0.3, select(values))
        .prop_map(move |value| value.map_or_else(String::new, |value| format!(",{name}={value}")))
}

fn search() -> impl Strategy<Value = String> {
    let date = select(&["d1", "d2", "null"][..]);
    let named = (
        named("seats", &["2"]),
        named("budget", &["2", "90.5"]),
        named("direct", &["true", "false"]),
        named("class", &["\"economy\"", "\"business\""]),
        named("after", &["t1"]),
    );
    (quote(), quote(), date, named).prop_map(|(origin, destination, date, (seats, budget, direct, class, after))| {
        format!("search({origin},{destination},{date}{seats}{budget}{direct}{class}{after})")
    })
}

fn choice() -> impl Strategy<Value = String> {
    (select(&["cheapest", "best_rated", "any"][..]), vec(search(), 1..4))
        .prop_map(|(word, sources)| format!("{word}({})", sources.join(",")))
}

fn book() -> impl Strategy<Value = String> {
    let flight = prop_oneof![6 => choice(), 1 => Just("null".to_owned())];
    (flight, quote(), option::weighted(0.3, ".{1,20}")).prop_map(|(flight, passenger, note)| {
        let note = note.map_or_else(String::new, |note| format!(",note={}", json!(note)));
        format!("book({flight},{passenger}{note})")
    })
}

fn insure() -> impl Strategy<Value = String> {
    (book(), option::weighted(0.3, vec("[a-z,)\"]{0,5}", 0..3))).prop_map(|(booking, extras)| {
        let extras = extras.map_or_else(String::new, |extras| format!(",extras={}", json!(extras)));
        format!("insure({booking}{extras})")
    })
}

fn weather() -> impl Strategy<Value = String> {
    option::of(piece())
        .prop_map(|place| place.map_or_else(|| "weather()".to_owned(), |place| format!("weather(place=\"{place}\")")))
}

fn plan_of(lines: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec((piece(), vec(lines, 1..4)), 1..4).prop_map(|items| {
        let items: Vec<String> =
            items.into_iter().map(|(item, lines)| format!("# {item}\n{}\n", lines.join("\n"))).collect();
        format!("{}end", items.concat())
    })
}

/// A plan of calls and of choices that are shown.
pub fn notation_plan() -> impl Strategy<Value = String> {
    plan_of(prop_oneof![search(), choice(), book(), insure(), weather()])
}

/// A plan for [`means::asked`](super::means::asked) about Oslo, Rome and Ada on two days for at most 300 EUR: alternatives
/// of all kinds, lists and limits.
pub fn choosing_plan() -> impl Strategy<Value = String> {
    (plan_of(choosing(true)), option::of(Just("budget(300)\n"))).prop_map(|(plan, limit)| {
        let lines = plan.strip_suffix("end").unwrap();
        format!("{lines}{}end", limit.unwrap_or_default())
    })
}

/// Such a plan that the JSON form has room for.
pub fn choosing_json_plan() -> impl Strategy<Value = String> {
    (plan_of(choosing(false)), option::of(Just("budget(300)\n")))
        .prop_map(|(plan, limit)| format!("{}{}end", plan.strip_suffix("end").unwrap(), limit.unwrap_or_default()))
        .prop_filter("at most 24 steps", |text| text.matches(['(', '|']).count() <= 24)
        .prop_filter("at most 6 choices", |text| text.matches("either").count() <= 6)
}

fn choosing(shown: bool) -> impl Strategy<Value = String> {
    let word = || select(&["cheapest", "fastest"][..]);
    let place = || select(&["\"Oslo\"", "\"Rome\"", "\"Oslo\"|\"Rome\""][..]);
    let search = move |tool: &'static str| {
        (place(), named("date", &["d1", "d2", "d1|d2"]))
            .prop_map(move |(from, date)| format!("search_{tool}s({from},\"Rome\"{date})"))
    };
    let book = move |tool: &'static str| {
        (word(), search(tool)).prop_map(move |(word, search)| format!("book_{tool}({word}({search}),\"Ada\")"))
    };
    // Alternatives are told from each other and from all other calls by whom they are for.
    let either = (word(), book("train"), book("flight"), select(&["Ada", "Bob", "Cleo", "Dan"][..]), any::<bool>())
        .prop_map(|(word, train, flight, passenger, turned)| {
            let [first, second] = if turned { [flight, train] } else { [train, flight] };
            format!("either_{word}({first},{second})").replace("Ada", passenger)
        });
    let sights = || named("stars", &["4"]).prop_map(|stars| format!("sights(\"Rome\"{stars})"));
    let tour = (select(&["all", "best_rated", "any"][..]), sights())
        .prop_map(|(word, sights)| format!("draw_tour({word}({sights}))"));
    let across = (word(), search("train"), search("flight"))
        .prop_map(|(word, train, flight)| format!("{word}({train},{flight})"));
    let line = prop_oneof![book("train").boxed(), either.boxed(), tour.boxed()];
    if shown { prop_oneof![3 => line, 1 => across].boxed() } else { line.boxed() }
}

/// A plan that the JSON form has room for.
pub fn json_plan() -> impl Strategy<Value = String> {
    plan_of(prop_oneof![2 => search(), 1 => insure(), 2 => weather()])
        .prop_filter("at most 24 steps", |text| text.matches('(').count() <= 24)
}

/// Whether two plans call and show the same, in whatever order, whichever item it serves.
pub fn same(left: &Plan, right: &Plan) -> bool {
    let all = |plan: &Plan| {
        let mut steps: Vec<String> = plan.steps.iter().map(|step| spelt(step, plan).to_string()).collect();
        steps.sort();
        let mut shown: Vec<String> = plan.shown.iter().map(|shown| chosen(shown, plan).to_string()).collect();
        shown.sort();
        let mut either: Vec<String> = plan.either.iter().map(|either| compared(either, plan).to_string()).collect();
        either.sort();
        (plan.asked.clone(), steps, shown, either, plan.limits.clone())
    };
    all(left) == all(right)
}

/// A step with the steps that it refers to inside it.
fn spelt(step: &Step, plan: &Plan) -> Value {
    let args: Vec<Value> = step
        .args
        .iter()
        .filter_map(|(name, arg)| match arg {
            Arg::Literal(value) => Some(json!([name, value])),
            Arg::From(reference) => Some(json!([name, chosen(reference, plan)])),
            Arg::Unsaid => None,
        })
        .collect();
    json!([step.tool, args])
}

fn compared(either: &Either, plan: &Plan) -> Value {
    let steps: Vec<Value> = either.steps.iter().map(|id| spelt(plan.step(*id).unwrap(), plan)).collect();
    json!([format!("{:?}", either.pick), steps])
}

fn chosen(reference: &Reference, plan: &Plan) -> Value {
    let sources: Vec<Value> = reference.steps.iter().map(|id| spelt(plan.step(*id).unwrap(), plan)).collect();
    json!([format!("{:?} {}", reference.pick, reference.many), reference.items, reference.field, sources])
}
