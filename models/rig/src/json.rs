//! Reading JSON that a model wrote, and mending it if it is nearly right.

use jsonschema::Validator;
use llm_json::RepairOptions;
use serde_json::Value;

/// The deepest nesting that is mended. The mender recurses; plain parsing has a limit of its own.
const DEPTH: usize = 100;
/// The most findings told to a model at once.
const FINDINGS: usize = 3;

/// A value that was read, and whether the text had to be mended for it.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) value: Value,
    pub(crate) mended: bool,
}

/// The JSON in `text` that `validator` accepts, or what is wrong, for the model to read.
pub(crate) fn read(text: &str, validator: &Validator) -> Result<Read, String> {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => return findings(&value, validator).map(|()| Read { value, mended: false }),
        Err(error) => mended(text).ok_or_else(|| format!("it is not JSON: {error}"))?,
    };
    findings(&value, validator).map(|()| Read { value, mended: true })
}

/// The value that a text with small faults stands for: fenced, with words around it, with the wrong quotes, unclosed.
pub(crate) fn mended(text: &str) -> Option<Value> {
    // The mender makes something of any text, an empty object of none: it gets only what begins like JSON.
    let begin = text.find(['{', '['])?;
    let rest = text.get(begin..)?;
    let end = rest.rfind(['}', ']']).map_or(rest.len(), |last| last + 1);
    let candidate = rest.get(..end)?;
    if let Ok(value) = serde_json::from_str(candidate) {
        return Some(value);
    }
    if nesting(candidate) > DEPTH {
        return None;
    }
    llm_json::loads(candidate, &RepairOptions::default()).ok().filter(|value| value.is_object() || value.is_array())
}

fn nesting(text: &str) -> usize {
    let mut deepest = 0;
    let mut open = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

fn findings(value: &Value, validator: &Validator) -> Result<(), String> {
    let found: Vec<String> = validator
        .iter_errors(value)
        .take(FINDINGS)
        .map(|error| match error.instance_path().to_string() {
            place if place.is_empty() => error.to_string(),
            place => format!("at `{place}`: {error}"),
        })
        .collect();
    if found.is_empty() { Ok(()) } else { Err(format!("it does not fit the schema: {}", found.join("; "))) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn validator() -> Validator {
        let schema = json!({ "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } });
        jsonschema::validator_for(&schema).unwrap()
    }

    #[test]
    fn what_is_right_is_not_mended() {
        let read = read(" {\"n\": 1}\n", &validator()).unwrap();
        assert!(!read.mended);
        assert_eq!(read.value, json!({ "n": 1 }));
    }

    #[test]
    fn what_is_nearly_right_is_mended() {
        for text in ["```json\n{\"n\": 1}\n```", "Here it is: {\"n\": 1}. Done", "{n: 1,}", "{'n': 1}", "{\"n\": 1"] {
            let read = read(text, &validator()).unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
            assert!(read.mended, "{text}");
            assert_eq!(read.value, json!({ "n": 1 }), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(read("I can't.", &validator()).unwrap_err().contains("not JSON"));
        assert!(read("", &validator()).unwrap_err().contains("not JSON"));
        let wrong = read("{\"n\": \"one\"}", &validator()).unwrap_err();
        assert!(wrong.contains("/n") && wrong.contains("integer"), "{wrong}");
    }

    #[test]
    fn deep_nesting_is_refused_and_does_no_harm() {
        assert!(read(&"[".repeat(200_000), &validator()).is_err());
        assert!(read(&"{\"a\":".repeat(100_000), &validator()).is_err());
    }
}
