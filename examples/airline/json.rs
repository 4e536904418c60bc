//! JSON as the airline writes it: one line, a space behind each comma and colon, ASCII only.

use serde_json::{Map, Value};

use crate::amount::float_text;

/// A value, written.
pub(crate) fn written(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// A record, written.
pub(crate) fn written_record(record: &Map<String, Value>) -> String {
    let mut text = String::new();
    write_object(record, &mut text);
    text
}

/// A text in quotes, as messages about unknown names have it.
pub(crate) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if other == quote => quoted.extend(['\\', other]),
            other if other.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(other))),
            other => quoted.push(other),
        }
    }
    quoted.push(quote);
    quoted
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => text.push_str(&float_text(float)),
            None => text.push_str(&number.to_string()),
        },
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => write_object(fields, text),
    }
}

fn write_object(fields: &Map<String, Value>, text: &mut String) {
    text.push('{');
    for (at, (name, value)) in fields.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { ", " });
        write_string(name, text);
        text.push_str(": ");
        write(value, text);
    }
    text.push('}');
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spaces_order_and_kinds_of_numbers_are_as_specified() {
        let value = json!({"b": [1, 2.0, -0.0, 1e16], "a": {}, "c": [], "d": [null, true, false], "e": {"x": "y"}});
        let text = r#"{"b": [1, 2.0, -0.0, 1e+16], "a": {}, "c": [], "d": [null, true, false], "e": {"x": "y"}}"#;
        assert_eq!(written(&value), text);
    }

    #[test]
    fn what_is_not_plain_ascii_is_escaped() {
        let value = json!("\"\\/\n\r\t\u{8}\u{c}\u{7f}\u{0}é€😀 ~");
        assert_eq!(written(&value), r#""\"\\/\n\r\t\b\f\u007f\u0000\u00e9\u20ac\ud83d\ude00 ~""#);
    }

    #[test]
    fn names_are_quoted_as_in_messages() {
        for (text, expected) in [("first", "'first'"), ("it's", "\"it's\""), ("'\"", "'\\'\"'"), ("a\n", "'a\\n'")] {
            assert_eq!(quoted(text), expected);
        }
    }
}
