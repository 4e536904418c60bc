//! Rules in GBNF, the grammar format of llama.cpp's server.
//!
//! GBNF has no pieces of a text, so each word of the text becomes a rule: the word, and then perhaps the next one. It
//! has no schemas either: an argument described by one may be any JSON, and the check of the plan does the rest.

use std::fmt::Write as _;

use super::Expr;

/// Any JSON value without white space, of bounded depth by the length limit of the answer alone.
const JSON: &str = r#"json-value ::= json-string | json-number | "true" | "false" | "null" | json-array | json-object
json-string ::= "\"" ([^"\\\n] | "\\" ["\\/bfnrt]){0,400} "\""
json-number ::= "-"? [0-9]{1,15} ("." [0-9]{1,15})?
json-array ::= "[" (json-value ("," json-value){0,23})? "]"
json-object ::= "{" (json-string ":" json-value ("," json-string ":" json-value){0,23})? "}"
"#;

pub(super) fn write(rules: &[(String, Expr)]) -> String {
    let mut writer = Writer::default();
    for (name, expr) in rules {
        let name = self::name(name);
        let right = writer.whole(expr);
        let _ = writeln!(writer.text, "{name} ::= {right}");
    }
    writer.text.push_str(&writer.words);
    if writer.json {
        writer.text.push_str(JSON);
    }
    writer.text
}

/// Names have letters, digits and dashes; the first rule is called `root`. Tools' names have no dashes, so no two
/// names become one.
fn name(name: &str) -> String {
    if name == "start" { "root".to_owned() } else { name.replace('_', "-") }
}

#[derive(Default)]
struct Writer {
    text: String,
    words: String,
    pieces: usize,
    json: bool,
}

impl Writer {
    fn whole(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::All(parts) => self.each(parts).join(" "),
            Expr::Any(parts) => self.each(parts).join(" | "),
            _ => self.inner(expr),
        }
    }

    fn each(&mut self, parts: &[Expr]) -> Vec<String> {
        parts.iter().map(|part| self.inner(part)).collect()
    }

    fn inner(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Text(text) => literal(text),
            Expr::Rule(name) => self::name(name),
            Expr::All(_) | Expr::Any(_) => format!("({})", self.whole(expr)),
            Expr::Class(class) => (*class).to_owned(),
            Expr::Times(of, 0, 1) => format!("{}?", self.inner(of)),
            Expr::Times(of, least, most) => format!("{}{{{least},{most}}}", self.inner(of)),
            Expr::PieceOf { text, chars } => self.piece(text, *chars),
            Expr::Json(_) => {
                self.json = true;
                "json-value".to_owned()
            }
        }
    }

    /// One rule for each word; the piece may begin with any of them.
    fn piece(&mut self, text: &str, chars: bool) -> String {
        self.pieces += 1;
        let of = format!("piece-{}", self.pieces);
        let words = words(text, chars);
        for (at, (word, gap)) in words.iter().enumerate() {
            let next = at + 1;
            let more = match words.get(next) {
                Some(_) if gap.is_empty() => format!(" ({of}-{next})?"),
                Some(_) => format!(" ({} {of}-{next})?", literal(gap)),
                None => String::new(),
            };
            let _ = writeln!(self.words, "{of}-{at} ::= {}{more}", literal(word));
        }
        match words.len() {
            0 => literal(text),
            count => format!("({})", (0..count).map(|at| format!("{of}-{at}")).collect::<Vec<_>>().join(" | ")),
        }
    }
}

/// The words of a text, each with what stands between it and the next.
fn words(text: &str, chars: bool) -> Vec<(String, String)> {
    let mut words: Vec<(String, String)> = Vec::new();
    for c in text.chars() {
        match words.last_mut() {
            _ if chars && !c.is_whitespace() => words.push((c.to_string(), String::new())),
            Some((word, gap)) if c.is_alphanumeric() && gap.is_empty() && !chars => word.push(c),
            _ if c.is_alphanumeric() => words.push((c.to_string(), String::new())),
            Some((_, gap)) => gap.push(c),
            // Before the first word there is nothing to quote.
            None => {}
        }
    }
    words
}

fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_begins_and_ends_with_a_word() {
        let rules = [("start".to_owned(), Expr::PieceOf { text: "to Rome, \"now\"".into(), chars: false })];
        let expected = "root ::= (piece-1-0 | piece-1-1 | piece-1-2)\n\
                        piece-1-0 ::= \"to\" (\" \" piece-1-1)?\n\
                        piece-1-1 ::= \"Rome\" (\", \\\"\" piece-1-2)?\n\
                        piece-1-2 ::= \"now\"\n";
        assert_eq!(write(&rules), expected);
    }

    #[test]
    fn where_words_have_no_spaces_a_piece_begins_with_any_character() {
        let rules = [("start".to_owned(), Expr::PieceOf { text: "去 罗马".into(), chars: true })];
        let expected = "root ::= (piece-1-0 | piece-1-1 | piece-1-2)\n\
                        piece-1-0 ::= \"去\" (\" \" piece-1-1)?\n\
                        piece-1-1 ::= \"罗\" (piece-1-2)?\n\
                        piece-1-2 ::= \"马\"\n";
        assert_eq!(write(&rules), expected);
    }

    #[test]
    fn names_and_control_characters_are_written_as_the_format_wants() {
        let rules = [("call_go".to_owned(), Expr::All(vec![Expr::text("a\u{7}"), Expr::rule("b_c").times(2, 3)]))];
        assert_eq!(write(&rules), "call-go ::= \"a\\U00000007\" b-c{2,3}\n");
    }
}
