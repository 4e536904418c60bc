//! Cases: requests, and what must come of them.

use std::{collections::HashMap, error::Error as StdError, fmt, fs, io, path::Path};

use serde::{Deserialize, de::DeserializeOwned};
use toml::Spanned;

/// One request and what must come of it, in the words of a [`Domain`](crate::Domain).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Case<E> {
    /// Its name, which no other case of a suite has.
    pub name: String,
    /// What it tries: results are summed up by kind.
    pub kind: String,
    /// Whether it is among the hard ones, which are summed up apart.
    pub hard: bool,
    /// What the user says.
    pub request: String,
    /// What must come of it.
    pub expect: E,
    /// How results call a case that is held out. Its name, its request and why it failed then stay out of them, so that
    /// nobody tunes an agent to it without meaning to.
    pub alias: Option<String>,
}

impl<E> Case<E> {
    /// A plain case.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: impl Into<String>, request: impl Into<String>, expect: E) -> Self {
        Self { name: name.into(), kind: kind.into(), hard: false, request: request.into(), expect, alias: None }
    }

    /// Counts it among the hard ones.
    #[must_use]
    pub fn hard(mut self) -> Self {
        self.hard = true;
        self
    }

    /// Holds it out: results call it `alias`.
    #[must_use]
    pub fn held_out_as(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// How results call it.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// Cases read from TOML, with no name twice.
///
/// ```
/// use cicerone_eval::Cases;
/// use serde::Deserialize;
///
/// #[derive(Debug, Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Expect { booked: u32 }
///
/// let cases = Cases::<Expect>::new().text("trips.toml", r#"
///     [[case]]
///     name = "one way"
///     kind = "flights"
///     request = "Berlin to Lisbon on 3 December"
///     [case.expect]
///     booked = 1
/// "#)?;
/// assert_eq!(cases.iter().next().map(|case| case.expect.booked), Some(1));
///
/// let wrong = Cases::<Expect>::new().text("trips.toml", "[[case]]\nnam = \"one way\"").unwrap_err();
/// assert!(wrong.to_string().starts_with("trips.toml:2: unknown field `nam`"), "{wrong}");
/// # Ok::<(), cicerone_eval::CaseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cases<E> {
    cases: Vec<Case<E>>,
    /// Where each name stands.
    places: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "E: DeserializeOwned")]
struct File<E> {
    #[serde(default = "Vec::new")]
    case: Vec<Entry<E>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "E: DeserializeOwned")]
struct Entry<E> {
    name: Spanned<String>,
    kind: Spanned<String>,
    #[serde(default)]
    hard: bool,
    request: Spanned<String>,
    expect: E,
}

impl<E: DeserializeOwned> Cases<E> {
    /// No cases.
    #[must_use]
    pub fn new() -> Self {
        Self { cases: Vec::new(), places: HashMap::new() }
    }

    /// Adds the cases of a file.
    ///
    /// # Errors
    /// With file and line: what can't be read, a field that no case has, a name that another case has, a name, kind or
    /// request without a word in it, a file without cases.
    pub fn file(self, path: impl AsRef<Path>) -> Result<Self, CaseError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|error| CaseError::unreadable(path, error))?;
        self.text(&path.display().to_string(), &text)
    }

    /// Adds the cases of a file as held out: results call them `held-out 1`, `held-out 2`, …
    ///
    /// # Errors
    /// As [`file`](Self::file).
    pub fn held_out_file(self, path: impl AsRef<Path>) -> Result<Self, CaseError> {
        let known = self.cases.len();
        let mut number = self.cases.iter().filter(|case| case.alias.is_some()).count();
        let mut all = self.file(path)?;
        for case in all.cases.iter_mut().skip(known) {
            number += 1;
            case.alias = Some(format!("held-out {number}"));
        }
        Ok(all)
    }

    /// Adds the cases of this text, which comes from `place`.
    ///
    /// # Errors
    /// As [`file`](Self::file).
    pub fn text(mut self, place: &str, text: &str) -> Result<Self, CaseError> {
        let at = |byte: usize| {
            let before = text.as_bytes().iter().take(byte);
            format!("{place}:{}", before.filter(|byte| **byte == b'\n').count() + 1)
        };
        let file: File<E> = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or_else(|| place.to_owned(), |span| at(span.start));
            CaseError { message: format!("{place}: {}", error.message()), source: None }
        })?;
        if file.case.is_empty() {
            return Err(CaseError::new(place, "there is no case in it; one begins with `[[case]]`"));
        }
        for entry in file.case {
            for (field, value) in [("name", &entry.name), ("kind", &entry.kind), ("request", &entry.request)] {
                if value.get_ref().trim().is_empty() {
                    let place = at(value.span().start);
                    return Err(CaseError::new(&place, format!("the `{field}` of this case is empty; say something")));
                }
            }
            let here = at(entry.name.span().start);
            let name = entry.name.into_inner();
            if let Some(first) = self.places.insert(name.clone(), here.clone()) {
                let message = format!("a case called {name:?} stands at {first} already; give this one another name");
                return Err(CaseError::new(&here, message));
            }
            let case = Case::new(name, entry.kind.into_inner(), entry.request.into_inner(), entry.expect);
            self.cases.push(if entry.hard { case.hard() } else { case });
        }
        Ok(self)
    }
}

impl<E> Cases<E> {
    /// The cases, in the order of their files.
    pub fn iter(&self) -> std::slice::Iter<'_, Case<E>> {
        self.cases.iter()
    }
}

impl<E: DeserializeOwned> Default for Cases<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> IntoIterator for Cases<E> {
    type Item = Case<E>;
    type IntoIter = std::vec::IntoIter<Case<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.cases.into_iter()
    }
}

impl<'c, E> IntoIterator for &'c Cases<E> {
    type Item = &'c Case<E>;
    type IntoIter = std::slice::Iter<'c, Case<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Why cases can't be read: a sentence with the file and the line.
#[derive(Debug)]
pub struct CaseError {
    message: String,
    source: Option<io::Error>,
}

impl CaseError {
    fn new(place: &str, message: impl fmt::Display) -> Self {
        Self { message: format!("{place}: {message}"), source: None }
    }

    fn unreadable(path: &Path, error: io::Error) -> Self {
        let message = format!("{}: the cases can't be read: {error}; give a TOML file", path.display());
        Self { message, source: Some(error) }
    }
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for CaseError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Expect {
        #[serde(default)]
        booked: Vec<String>,
    }

    const ONE: &str = "[[case]]\nname = \"a\"\nkind = \"k\"\nhard = true\nrequest = \"Go.\"\n[case.expect]\n";

    fn wrong(text: &str) -> String {
        Cases::<Expect>::new().text("c.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_case_is_read() {
        let cases = Cases::<Expect>::new().text("c.toml", &format!("{ONE}booked = [\"x\"]")).unwrap();
        let expected = Case::new("a", "k", "Go.", Expect { booked: vec!["x".into()] }).hard();
        assert_eq!(cases.cases, [expected]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let twice = format!("# twice\n{ONE}\n{ONE}");
        let cases = [
            (wrong(&twice), "c.toml:10: a case called \"a\" stands at c.toml:3 already"),
            (wrong(&ONE.replace("Go.", " ")), "c.toml:5: the `request` of this case is empty"),
            (wrong(&ONE.replace("\"k\"", "\"\"")), "c.toml:3: the `kind` of this case is empty"),
            (wrong(&format!("{ONE}boked = []")), "c.toml:7: unknown field `boked`"),
            (wrong(&format!("repeat = 2\n{ONE}")), "c.toml:1: unknown field `repeat`"),
            (wrong(&ONE.replace("\"Go.\"", "\"Go.")), "c.toml:5: "),
            (wrong("# nothing"), "c.toml: there is no case in it"),
        ];
        for (said, expected) in cases {
            assert!(said.starts_with(expected), "{said}\nshould begin: {expected}");
        }
    }

    #[test]
    fn names_are_unique_across_files_and_held_out_ones_are_numbered() {
        let folder = tempfile::tempdir().unwrap();
        let (open, held_out) = (folder.path().join("open.toml"), folder.path().join("held_out.toml"));
        fs::write(&open, ONE).unwrap();
        fs::write(&held_out, format!("{}{}", ONE.replace("\"a\"", "\"b\""), ONE.replace("\"a\"", "\"c\""))).unwrap();
        let cases = Cases::<Expect>::new().file(&open).unwrap().held_out_file(&held_out).unwrap();
        let shown: Vec<_> = cases.iter().map(Case::shown_name).collect();
        assert_eq!(shown, ["a", "held-out 1", "held-out 2"]);

        let said = cases.file(&open).unwrap_err().to_string();
        assert!(said.contains("open.toml:2: a case called \"a\" stands at"), "{said}");
        let missing = Cases::<Expect>::new().file(folder.path().join("none.toml")).unwrap_err();
        assert!(missing.to_string().contains("none.toml: the cases can't be read"), "{missing}");
        assert!(missing.source().is_some());
    }
}
