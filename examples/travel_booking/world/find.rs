//! Finding a city by what a person types: a name in some language, a code, a typo.

use std::cmp::Ordering;
use std::sync::LazyLock;

use super::cities::{City, cities};
use super::error::{WorldError, WorldErrorKind};

/// Names shorter than this must be right, as typed and as known: in four letters one typo already names another place.
const SHORTEST_TOLERANT_NAME: usize = 5;

/// How alike two names must be to be suggested: 1 is equal, 0 has nothing in common.
const SUGGESTED_FROM: f64 = 0.75;

/// Other names of countries that people put behind a city's.
const COUNTRY_NAMES: &[(&str, &str)] = &[
    ("usa", "United States"),
    ("us", "United States"),
    ("united states of america", "United States"),
    ("uk", "United Kingdom"),
    ("great britain", "United Kingdom"),
    ("england", "United Kingdom"),
    ("scotland", "United Kingdom"),
    ("uae", "United Arab Emirates"),
    ("korea", "South Korea"),
    ("czech republic", "Czechia"),
    ("turkiye", "Turkey"),
    ("the netherlands", "Netherlands"),
    ("deutschland", "Germany"),
    ("osterreich", "Austria"),
    ("espana", "Spain"),
    ("italia", "Italy"),
];

/// Finds the city that a text names: by name, by a name in another language or by an airport's code.
///
/// Case, accents and punctuation don't matter, a country may follow ("Lisbon, Portugal"), and one typo is forgiven in
/// names of five letters and more if only one city is meant. The first letter must be right, though: mistyping rarely
/// hits it, and other places often differ in it alone (Siena is not Viena).
///
/// # Errors
/// [`WorldErrorKind::UnknownCity`], with up to three names that look alike.
pub fn find_city(text: &str) -> Result<&'static City, WorldError> {
    let typed = fold(text);
    if let Some(city) = exact(&typed).or_else(|| with_one_typo(&typed)) {
        return Ok(city);
    }
    let close = suggestions(&typed);
    let hint = match close.as_slice() {
        [] => format!(
            "The inventory serves {} cities of Europe, Asia and the Americas; name a large city nearby.",
            cities().len()
        ),
        [one] => format!("Did you mean {one}?"),
        [most @ .., last] => format!("Did you mean {} or {last}?", most.join(", ")),
    };
    let shown: String = text.trim().chars().take(60).collect();
    Err(WorldError::new(WorldErrorKind::UnknownCity, format!("No city \u{201c}{shown}\u{201d} is known. {hint}")))
}

/// A spelling that leads to a city, folded.
struct Spelling {
    folded: String,
    letters: usize,
    city: &'static City,
}

fn spellings() -> &'static [Spelling] {
    static SPELLINGS: LazyLock<Vec<Spelling>> = LazyLock::new(|| {
        let names = |city: &'static City| [&city.name, &city.code].into_iter().chain(&city.aliases);
        cities()
            .iter()
            .flat_map(|city| names(city).map(move |name| (fold(name), city)))
            .map(|(folded, city)| Spelling { letters: folded.chars().count(), folded, city })
            .collect()
    });
    &SPELLINGS
}

fn exact(typed: &str) -> Option<&'static City> {
    let matches = |spelling: &&Spelling| match typed.strip_prefix(spelling.folded.as_str()) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(' ').is_some_and(|place| lies_in(spelling.city, place)),
        None => false,
    };
    spellings().iter().find(matches).map(|spelling| spelling.city)
}

/// Whether the words behind a city's name say where it lies, or repeat its code.
fn lies_in(city: &City, place: &str) -> bool {
    let country = |name: &str| place == fold(name);
    country(&city.country)
        || country(&city.code)
        || COUNTRY_NAMES.iter().any(|(other, name)| *other == place && *name == city.country)
}

fn with_one_typo(typed: &str) -> Option<&'static City> {
    let first = typed.chars().next().filter(|_| typed.chars().count() >= SHORTEST_TOLERANT_NAME)?;
    let mut near = spellings()
        .iter()
        .filter(|spelling| spelling.letters >= SHORTEST_TOLERANT_NAME && spelling.folded.starts_with(first))
        .filter(|spelling| strsim::osa_distance(typed, &spelling.folded) == 1)
        .map(|spelling| spelling.city);
    let city = near.next()?;
    near.all(|other| other.code == city.code).then_some(city)
}

fn suggestions(typed: &str) -> Vec<&'static str> {
    let mut close: Vec<(f64, &'static str)> = spellings()
        .iter()
        .map(|spelling| (strsim::jaro_winkler(typed, &spelling.folded), spelling.city.name.as_str()))
        .filter(|(likeness, _)| *likeness >= SUGGESTED_FROM)
        .collect();
    close.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal).then(a.1.cmp(b.1)));
    let mut names: Vec<&'static str> = Vec::new();
    for (_, name) in close {
        if names.len() < 3 && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Brings a name to the form in which names are compared: small letters without accents, words one space apart.
///
/// It knows the Latin letters of the languages in `cities.csv`; letters of other scripts stay as they are.
pub(super) fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ā' | 'ą' | 'ă' => plain.push('a'),
            'ç' | 'ć' | 'č' => plain.push('c'),
            'ď' | 'đ' => plain.push('d'),
            'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => plain.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ī' | 'ı' => plain.push('i'),
            'ğ' => plain.push('g'),
            'ł' | 'ľ' => plain.push('l'),
            'ñ' | 'ń' | 'ň' => plain.push('n'),
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' | 'ō' | 'ő' => plain.push('o'),
            'ř' => plain.push('r'),
            'ś' | 'š' | 'ș' | 'ş' => plain.push('s'),
            'ť' | 'ț' => plain.push('t'),
            'ú' | 'ù' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => plain.push('u'),
            'ý' => plain.push('y'),
            'ź' | 'ż' | 'ž' => plain.push('z'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            // An accent that was typed as a character of its own, an apostrophe, a full stop.
            '\u{300}'..='\u{36f}' | '\'' | '\u{2019}' | '.' => {}
            letter if letter.is_alphanumeric() => plain.push(letter),
            _ => plain.push(' '),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let joined = words.join(" ");
    // 北京市 is 北京: the last sign only says that it is a city.
    joined.strip_suffix('市').map_or_else(|| joined.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn code(text: &str) -> &'static str {
        find_city(text).unwrap_or_else(|error| panic!("{text}: {error}")).code.as_str()
    }

    #[test]
    fn names_of_many_languages_lead_to_the_city() {
        for (text, expected) in [
            ("Lissabon", "LIS"),
            ("里斯本", "LIS"),
            ("lisboa", "LIS"),
            ("柏林", "BER"),
            ("Mailand", "MXP"),
            ("Wien", "VIE"),
            ("Vienna", "VIE"),
            ("Praga", "PRG"),
            ("Nueva York", "JFK"),
            ("NYC", "JFK"),
            ("nyc", "JFK"),
            ("Genf", "GVA"),
            ("Genève", "GVA"),
            ("北京市", "PEK"),
            ("胡志明市", "SGN"),
            ("Rom", "FCO"),
            ("Mexiko-Stadt", "MEX"),
            ("STRASSBURG", "SXB"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn case_accents_and_the_country_do_not_matter() {
        for text in ["SAO PAULO", "São Paulo", "Sa\u{303}o Paulo", " sao  paulo ", "São Paulo, Brazil"] {
            assert_eq!(code(text), "GRU", "{text}");
        }
        assert_eq!(code("Berlin (BER)"), "BER");
        assert_eq!(code("London, UK"), "LHR");
        assert_eq!(code("San Francisco, CA"), "SFO");
        assert_eq!(code("New York, USA"), "JFK");
        assert_eq!(find_city("Paris, Texas").unwrap_err().kind(), WorldErrorKind::UnknownCity);
    }

    #[test]
    fn one_typo_is_forgiven_where_only_one_city_is_meant() {
        assert_eq!(code("Lisbn"), "LIS");
        assert_eq!(code("Brelin"), "BER");
        assert_eq!(code("Barcelonna"), "BCN");
        for other_place in
            ["Siena", "Braga", "Bari", "Nancy", "Graph", "Romo", "Bergen", "Kyoto", "Nantes", "Agra", "Valence", ""]
        {
            assert!(find_city(other_place).is_err(), "{other_place} became {}", code(other_place));
        }
    }

    #[test]
    fn an_unknown_city_brings_up_to_three_close_ones() {
        let error = find_city("Barzelonia").unwrap_err();
        assert_eq!(error.kind(), WorldErrorKind::UnknownCity);
        assert!(error.to_string().contains("Did you mean Barcelona"), "{error}");
        assert!(error.to_string().matches(", ").count() <= 2, "{error}");
        let error = find_city("Xqwzt").unwrap_err();
        assert!(error.to_string().contains("name a large city nearby"), "{error}");
    }

    #[test]
    fn no_spelling_leads_to_two_cities() {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for spelling in spellings() {
            let before = seen.insert(&spelling.folded, &spelling.city.code);
            assert!(before.is_none_or(|code| code == spelling.city.code), "{}", spelling.folded);
            assert_eq!(exact(&spelling.folded).map(|city| &city.code), Some(&spelling.city.code));
            assert!(!spelling.folded.is_empty());
        }
    }
}
