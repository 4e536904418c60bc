//! Whether a reader's words describe a book.

/// Words that say nothing about a book: what readers of three languages put around a title, an author or a subject.
/// The `s` is what a genitive leaves behind its apostrophe.
const EMPTY_WORDS: &str = "\
    a about an and any around at book books by called copy for from in loan loans me my novel novels of on or \
    our s some something the title to with written \
    am aus buch bucher das dem den der die ein eine im mit roman uber und vom von \
    de del el en la las libro libros los sobre un una y";

/// What one form of a word may have more than another: plurals and cases.
const ENDINGS: [&str; 6] = ["s", "es", "e", "n", "en", "er"];

/// The words of a text that say something, without accents and capitals.
pub(super) fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().flat_map(char::to_lowercase).map(without_accent).collect();
    let all = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    all.filter(|word| EMPTY_WORDS.split(' ').all(|empty| empty != *word)).map(str::to_owned).collect()
}

/// Whether each of these words, in whatever form, is among those of the text.
pub(super) fn all_in(wanted: &[String], text: &str) -> bool {
    let known = words(text);
    wanted.iter().all(|word| known.iter().any(|other| same(word, other)))
}

fn same(one: &str, other: &str) -> bool {
    let longer_by_an_ending =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|ending| ENDINGS.contains(&ending));
    one == other || longer_by_an_ending(one, other) || longer_by_an_ending(other, one)
}

fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_in_any_form_and_nothing_else_does() {
        for (wanted, text, matches) in [
            ("volcanoes", "The volcano", true),
            ("Buch über Vulkane", "Vulkan", true),
            ("EL LIMONERO", "el limonero de mi abuela", true),
            ("Königin", "Die Konigin schwärmt", true),
            ("ferryman's rival", "The Ferryman's Rival", true),
            ("bees", "beer", false),
            ("rail", "railways", false),
            ("hive of glass", "The Quiet Hive", false),
        ] {
            assert_eq!(all_in(&words(wanted), text), matches, "{wanted} in {text}");
        }
        assert!(words("a book about the").is_empty());
    }
}
