//! Rules in llguidance's dialect of Lark.
//!
//! Its `%regex {"substring_words": …}` is a piece of a text that begins and ends at word boundaries, `%json` whatever
//! a schema describes.

use serde_json::{Value, json};

use super::Expr;

pub(super) fn write(rules: &[(String, Expr)]) -> String {
    rules.iter().map(|(name, expr)| format!("{name}: {}\n", whole(expr))).collect()
}

/// An expression that stands alone.
fn whole(expr: &Expr) -> String {
    match expr {
        Expr::All(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" "),
        Expr::Any(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" | "),
        _ => inner(expr),
    }
}

/// An expression beside others.
fn inner(expr: &Expr) -> String {
    match expr {
        Expr::Text(text) => json!(text).to_string(),
        Expr::Rule(name) => name.clone(),
        Expr::All(parts) | Expr::Any(parts) if parts.len() == 1 => parts.iter().map(inner).collect(),
        Expr::All(_) | Expr::Any(_) => format!("({})", whole(expr)),
        Expr::Class(class) => format!("/{class}/"),
        // One token of the lexer: hundreds of them, each a character, would be slow.
        Expr::Times(of, least, most) => match (&**of, least, most) {
            (Expr::Class(class), ..) => format!("/{class}{{{least},{most}}}/"),
            (of, 0, 1) => format!("{}?", grouped(of)),
            (of, ..) => format!("{}{{{least},{most}}}", grouped(of)),
        },
        Expr::PieceOf { text, chars } => {
            let by = if *chars { "substring_chars" } else { "substring_words" };
            // Nothing is a piece of any text, too, but says nothing.
            format!("%regex {} & /(.|\\n)+/", json!({ by: text }))
        }
        Expr::Json(schema) => format!("%json {}", compact(schema.clone())),
    }
}

fn grouped(expr: &Expr) -> String {
    match expr {
        Expr::All(_) | Expr::Any(_) => format!("({})", whole(expr)),
        _ => inner(expr),
    }
}

/// The schema with white space switched off, on which a small model would spend many of its tokens.
fn compact(mut schema: Value) -> Value {
    if let Value::Object(object) = &mut schema {
        object.insert("x-guidance".into(), json!({ "whitespace_flexible": false }));
    }
    schema
}
