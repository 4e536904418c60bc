//! What makes an action the same action.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{run::RunId, tool::IdempotencyKey};

/// The key of an action of a run: of the run, the tool and the arguments, whatever the order of their names.
///
/// `before` counts how often the run has done the same before. It is 0 for all that changes the world, since a run
/// does not do that twice; a read that is made again looks anew, and must not be mistaken for the one before it.
#[must_use]
pub fn key_of(run: &RunId, tool: &str, args: &Value, before: usize) -> IdempotencyKey {
    let mut hash = Sha256::new();
    hash.update(run.to_string());
    hash.update([0]);
    hash_action(tool, args, &mut hash);
    if before > 0 {
        hash.update([0]);
        hash.update(before.to_string());
    }
    let digest = hash.finalize();
    let halves = digest.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    IdempotencyKey::new(halves.filter_map(|half| char::from_digit(half.into(), 16)).collect::<String>())
}

/// What an action is, in whichever run it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Action([u8; 32]);

impl Action {
    pub(crate) fn of(tool: &str, args: &Value) -> Self {
        let mut hash = Sha256::new();
        hash_action(tool, args, &mut hash);
        Self(hash.finalize().into())
    }
}

fn hash_action(tool: &str, args: &Value, hash: &mut Sha256) {
    hash.update(tool);
    hash.update([0]);
    hash_canonical(args, hash);
}

/// Feeds a value to a hash so that equal values give equal hashes, whatever the order of their fields.
fn hash_canonical(value: &Value, hash: &mut Sha256) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            hash.update("{");
            for (name, value) in sorted {
                hash.update(Value::String(name.clone()).to_string());
                hash_canonical(value, hash);
            }
            hash.update("}");
        }
        Value::Array(items) => {
            hash.update("[");
            for item in items {
                hash_canonical(item, hash);
                hash.update(",");
            }
            hash.update("]");
        }
        scalar => hash.update(scalar.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_key_is_of_what_the_action_is() {
        let run = RunId::new();
        let key = |args| key_of(&run, "book", &args, 0);
        assert_eq!(key(json!({"a": 1, "b": [1, 2]})), key(json!({"b": [1, 2], "a": 1})));
        assert_ne!(key(json!({"a": 1})), key(json!({"a": 2})));
        assert_ne!(key_of(&RunId::new(), "book", &json!({}), 0), key_of(&run, "book", &json!({}), 0));
        assert_ne!(key_of(&run, "book", &json!({}), 1), key_of(&run, "book", &json!({}), 0));
    }

    #[test]
    fn an_action_is_the_same_in_every_run() {
        assert_eq!(Action::of("book", &json!({"a": 1, "b": 2})), Action::of("book", &json!({"b": 2, "a": 1})));
        assert_ne!(Action::of("book", &json!({})), Action::of("look", &json!({})));
    }
}
