//! Where two JSON values differ first, shown so that a person sees it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How much of a value is shown before and after the place where it differs, in characters.
const BEFORE: usize = 24;
const AFTER: usize = 80;

/// The first place at which two JSON values differ.
///
/// ```
/// use cicerone_core::difference::Difference;
/// use serde_json::json;
///
/// let difference = Difference::first(&json!({"to": ["Rome", "Pisa"]}), &json!({"to": ["Rome", "Bari"]})).unwrap();
/// assert_eq!(difference.to_string(), "/to/1\n  left:  \"Pisa\"\n  right: \"Bari\"");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Where, as a JSON pointer.
    pub path: String,
    /// What the one has there; `None` if it has nothing.
    pub left: Option<Value>,
    /// What the other has there.
    pub right: Option<Value>,
}

impl Difference {
    /// Looks for it; `None` if the values are equal.
    #[must_use]
    pub fn first(left: &Value, right: &Value) -> Option<Self> {
        first(Some(left), Some(right), &mut String::new())
    }

    /// Both values in lines of their own, under the names that the sides have.
    pub(crate) fn sides(&self, left: &str, right: &str) -> String {
        let width = left.chars().count().max(right.chars().count()) + 1;
        let [one, other] = shown(self.left.as_ref(), self.right.as_ref());
        format!("  {:width$} {one}\n  {:width$} {other}", format!("{left}:"), format!("{right}:"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the whole" } else { &self.path };
        write!(f, "{path}\n{}", self.sides("left", "right"))
    }
}

fn first(left: Option<&Value>, right: Option<&Value>, path: &mut String) -> Option<Difference> {
    let length = path.len();
    let mut inside = |name: &str, left: Option<&Value>, right: Option<&Value>| {
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let found = first(left, right, path);
        path.truncate(length);
        found
    };
    match (left, right) {
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let beside = right.keys().filter(|name| !left.contains_key(*name));
            left.keys().chain(beside).find_map(|name| inside(name, left.get(name), right.get(name)))
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            let longer = left.len().max(right.len());
            (0..longer).find_map(|at| inside(&at.to_string(), left.get(at), right.get(at)))
        }
        (left, right) if left == right => None,
        (left, right) => Some(Difference { path: path.clone(), left: left.cloned(), right: right.cloned() }),
    }
}

/// Both values, of long ones the part around the place where they part.
fn shown(left: Option<&Value>, right: Option<&Value>) -> [String; 2] {
    let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let (left, right) = (text(left), text(right));
    let same = left.chars().zip(right.chars()).take_while(|(one, other)| one == other).count();
    let from = same.saturating_sub(BEFORE);
    [left, right].map(|text| {
        let length = text.chars().count();
        // What fits is shown whole.
        let (from, end) = if length <= BEFORE + AFTER { (0, length) } else { (from, same + AFTER) };
        let part: String = text.chars().skip(from).take(end - from).collect();
        let (before, after) = (if from > 0 { "…" } else { "" }, if end < length { "…" } else { "" });
        format!("{before}{part}{after}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_place_is_found_wherever_it_is() {
        for (left, right, path) in [
            (json!(1), json!(1), None),
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), None),
            (json!(1), json!("1"), Some("")),
            (json!({"a": {"b/c": [1, 2]}}), json!({"a": {"b/c": [1, 3]}}), Some("/a/b~1c/1")),
            (json!({"a": 1}), json!({"a": 1, "b": null}), Some("/b")),
            (json!([1]), json!([1, 2]), Some("/1")),
        ] {
            let found = Difference::first(&left, &right).map(|difference| difference.path);
            assert_eq!(found.as_deref(), path, "{left} and {right}");
        }
    }

    #[test]
    fn of_long_texts_the_part_that_differs_is_shown() {
        let long = |word: &str| json!(format!("{}{word}{}", "ä".repeat(500), "z".repeat(500)));
        let text = Difference::first(&long("left"), &long("right")).unwrap().to_string();
        assert!(text.contains("äleftz") && text.contains("ärightz"), "{text}");
        assert!(text.chars().count() < 260, "{text}");
        assert_eq!(text.lines().count(), 3);
    }
}
