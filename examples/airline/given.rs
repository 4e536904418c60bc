//! Arguments as a model gave them, whether they fit or not.

use std::{fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{amount::Amount, refusal::Fields, refusal::Refusal, tables::Record};

/// The arguments of a call. To models they are described as an `A`; the airline itself judges whether they are one.
pub(crate) struct Given<A> {
    fields: Record,
    read_as: PhantomData<fn() -> A>,
}

/// An item in a list of arguments. To models it is described as an `S`; it is kept as it was given, with its fields in
/// their order and all that nobody asked for.
pub(crate) struct Item<S> {
    pub(crate) fields: Record,
    described_as: PhantomData<fn() -> S>,
}

impl<A: DeserializeOwned> Given<A> {
    /// The arguments, if they are those with these names.
    pub(crate) fn read(self, tool: &str, names: &[String]) -> Result<A, Refusal> {
        let function = || {
            let words = tool.split('_').map(|word| word.split_at_checked(1).unwrap_or((word, "")));
            let class: String = words.flat_map(|(first, rest)| [first.to_ascii_uppercase(), rest.to_owned()]).collect();
            format!("{class}.invoke()")
        };
        if let Some(unknown) = self.fields.keys().find(|name| !names.contains(name)) {
            return Err(Refusal::new(format!("{} got an unexpected keyword argument '{unknown}'", function())));
        }
        let missing = names.iter().filter(|name| !self.fields.contains_key(name.as_str()));
        let missing: Vec<String> = missing.map(|name| format!("'{name}'")).collect();
        let listed = match missing.as_slice() {
            [] => {
                return serde_json::from_value(Value::Object(self.fields)).map_err(|why| Refusal::new(why.to_string()));
            }
            [one] => one.clone(),
            [one, other] => format!("{one} and {other}"),
            [others @ .., last] => format!("{}, and {last}", others.join(", ")),
        };
        let many = missing.len();
        let plural = if many == 1 { "" } else { "s" };
        Err(Refusal::new(format!("{} missing {many} required positional argument{plural}: {listed}", function())))
    }
}

impl<S> Item<S> {
    pub(crate) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.fields.text(name)
    }

    pub(crate) fn amount(&self, name: &str) -> Result<Amount, Refusal> {
        Amount::read(self.fields.field(name)?)
    }
}

/// The items as they are stored.
pub(crate) fn as_given<S>(items: Vec<Item<S>>) -> Value {
    items.into_iter().map(|item| Value::Object(item.fields)).collect()
}

impl<'de, A> Deserialize<'de> for Given<A> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self { fields: Record::deserialize(from)?, read_as: PhantomData })
    }
}

impl<'de, S> Deserialize<'de> for Item<S> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self { fields: Record::deserialize(from)?, described_as: PhantomData })
    }
}

impl<A: JsonSchema> JsonSchema for Given<A> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        A::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        A::json_schema(generator)
    }
}

impl<S: JsonSchema> JsonSchema for Item<S> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        S::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        S::json_schema(generator)
    }
}

impl<A> fmt::Debug for Given<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.fmt(f)
    }
}

impl<S> fmt::Debug for Item<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(args: Value, names: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let given: Given<Record> = serde_json::from_value(args).unwrap();
        given
            .read("book_it_all", &names)
            .map_or_else(|refusal| refusal.to_string(), |read| Value::Object(read).to_string())
    }

    #[test]
    fn what_is_missing_is_listed_in_the_order_of_the_schema() {
        let names = ["a", "b", "c"];
        let missing = "Error: BookItAll.invoke() missing";
        assert_eq!(said(json!({"a": 1, "c": 2}), &names), format!("{missing} 1 required positional argument: 'b'"));
        let two = format!("{missing} 2 required positional arguments: 'a' and 'c'");
        assert_eq!(said(json!({"b": 1}), &names), two);
        let three = format!("{missing} 3 required positional arguments: 'a', 'b', and 'c'");
        assert_eq!(said(json!({}), &names), three);
        let four = format!("{missing} 4 required positional arguments: 'a', 'b', 'c', and 'd'");
        assert_eq!(said(json!({}), &["a", "b", "c", "d"]), four);
    }

    #[test]
    fn what_is_unknown_wins_over_what_is_missing_and_the_first_given_is_named() {
        let unknown = "Error: BookItAll.invoke() got an unexpected keyword argument 'z'";
        assert_eq!(said(json!({"z": 1, "x": 2}), &["a"]), unknown);
        assert_eq!(said(json!({"b": 2, "a": 1}), &["a", "b"]), r#"{"b":2,"a":1}"#);
    }
}
