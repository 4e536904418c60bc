//! Texts: descriptions out of doc comments, enumerations, 'did you mean'.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the doc comments among these attributes.
///
/// The lines of a paragraph are joined; paragraphs, lists and code keep theirs.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let mut description = String::new();
    let mut in_code = false;
    let mut paragraph_ended = false;
    let mut after_code = false;
    for line in attributes.iter().filter_map(doc).flat_map(|text| doc_lines(&text)) {
        let fence = line.trim_start().starts_with("```");
        let text = if in_code { line.trim_end() } else { line.trim() };
        if text.is_empty() && !in_code {
            paragraph_ended = true;
            continue;
        }
        if !description.is_empty() {
            description.push_str(match () {
                () if paragraph_ended => "\n\n",
                () if in_code || after_code || fence || starts_block(text) => "\n",
                () => " ",
            });
        }
        description.push_str(text);
        paragraph_ended = false;
        after_code = in_code && fence;
        in_code ^= fence;
    }
    description
}

/// Whether the line is one of a list, a table or a heading, which does not go on with the line before.
fn starts_block(line: &str) -> bool {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "* ", "+ ", "|", "#", "> "].iter().any(|start| line.starts_with(start))
        || (numbered.len() < line.len() && (numbered.starts_with(". ") || numbered.starts_with(") ")))
}

fn doc(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The lines of one doc attribute: one of `///`, many of `/** … */`, whose lines may begin with `*`.
fn doc_lines(text: &str) -> Vec<String> {
    let starred = text.contains('\n')
        && text.lines().skip(1).filter(|line| !line.trim().is_empty()).all(|line| line.trim_start().starts_with('*'));
    let unstarred = |line: &str| {
        let line = if starred { line.trim_start().trim_start_matches('*') } else { line };
        line.strip_prefix(' ').unwrap_or(line).to_owned()
    };
    if text.is_empty() { vec![String::new()] } else { text.lines().map(unstarred).collect() }
}

/// `a, b or c`.
pub(crate) fn enumerate(words: impl Iterator<Item = String>, conjunction: &str) -> String {
    let words: Vec<String> = words.collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

/// `did you mean …? ` with the closest of `known`, or nothing.
pub(crate) fn did_you_mean<'k>(
    word: &str,
    known: impl Iterator<Item = &'k str>,
    show: impl Fn(&str) -> String,
) -> String {
    known
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, known)| *distance <= known.len().max(3) / 3)
        .min()
        .map_or_else(String::new, |(_, known)| format!("did you mean `{}`? ", show(known)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn of(lines: &[&str]) -> String {
        let attributes: Vec<Attribute> = lines.iter().map(|line| parse_quote!(#[doc = #line])).collect();
        description(&attributes)
    }

    #[test]
    fn lines_of_a_paragraph_are_joined() {
        assert_eq!(
            of(&[" Find flights", " for a day.", "", "", " Cheapest first.", ""]),
            "Find flights for a day.\n\nCheapest first."
        );
    }

    #[test]
    fn lists_and_code_keep_their_lines() {
        assert_eq!(of(&[" Sorts:", " - by price", "   and time", " 2. x"]), "Sorts:\n- by price and time\n2. x");
        assert_eq!(
            of(&[" Such as", " ```", " a(", "", "     1)", " ```", " or so."]),
            "Such as\n```\na(\n\n    1)\n```\nor so."
        );
    }

    #[test]
    fn blocks_lose_their_stars() {
        assert_eq!(of(&["\n * Find flights\n * for a day.\n "]), "Find flights for a day.");
        assert_eq!(of(&[" Find flights. "]), "Find flights.");
    }

    #[test]
    fn close_words_are_suggested() {
        let known = || ["read", "once"].into_iter();
        assert_eq!(did_you_mean("raed", known(), str::to_owned), "did you mean `read`? ");
        assert_eq!(did_you_mean("write", known(), str::to_owned), "");
    }
}
