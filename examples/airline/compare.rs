//! How two things differ, in a line.

use serde_json::Value;

/// How many characters are shown before and after the first difference.
const SHOWN: usize = 40;

/// The first difference of two texts.
pub(crate) fn text_differs(recorded: &str, here: &str) -> Option<String> {
    if recorded == here {
        return None;
    }
    let same = recorded.chars().zip(here.chars()).take_while(|(a, b)| a == b).count();
    let excerpt = |text: &str| text.chars().skip(same.saturating_sub(SHOWN)).take(2 * SHOWN).collect::<String>();
    Some(format!("from character {}, recorded {:?}, here {:?}", same + 1, excerpt(recorded), excerpt(here)))
}

/// The first difference of two JSON values: the order of keys does not count, that of items does, and 5 is not 5.0.
pub(crate) fn state_differs(recorded: &Value, here: &Value) -> Option<String> {
    differs(recorded, here, "")
}

fn differs(recorded: &Value, here: &Value, at: &str) -> Option<String> {
    match (recorded, here) {
        (Value::Object(a), Value::Object(b)) => {
            let both = a.iter().find_map(|(key, a)| match b.get(key) {
                Some(b) => differs(a, b, &format!("{at}/{key}")),
                None => Some(format!("{at}/{key} is recorded, and not here")),
            });
            let added = || b.keys().find(|key| !a.contains_key(key.as_str()));
            both.or_else(|| added().map(|key| format!("{at}/{key} is here, and not recorded")))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut items = a.iter().zip(b).enumerate();
            items.find_map(|(index, (a, b))| differs(a, b, &format!("{at}/{index}")))
        }
        (a, b) if a == b => None,
        (a, b) => Some(format!("{at} is recorded as {a}, and here {b}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_shown_with_what_stands_around_it() {
        assert_eq!(text_differs("é", "é"), None);
        assert_eq!(text_differs("ab", "ac").unwrap(), r#"from character 2, recorded "ab", here "ac""#);
        let (long, longer) = ("x".repeat(100), "x".repeat(101));
        assert!(text_differs(&long, &longer).unwrap().starts_with("from character 101, recorded \"xxx"));
    }

    #[test]
    fn values_are_compared_as_json() {
        let same = (json!({"a": [1, {"b": 2}], "c": null}), json!({"c": null, "a": [1, {"b": 2}]}));
        assert_eq!(state_differs(&same.0, &same.1), None);
        for (recorded, here, how) in [
            (json!({"a": [5]}), json!({"a": [5.0]}), "/a/0 is recorded as 5, and here 5.0"),
            (json!([1, 2]), json!([2, 1]), "/0 is recorded as 1, and here 2"),
            (json!([1]), json!([1, 2]), " is recorded as [1], and here [1,2]"),
            (json!({"a": {"b": 1}}), json!({"a": {}}), "/a/b is recorded, and not here"),
            (json!({}), json!({"a": 1}), "/a is here, and not recorded"),
        ] {
            assert_eq!(state_differs(&recorded, &here).unwrap(), how);
        }
    }
}
