//! What stands between the parentheses of `#[tool(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Error, Expr, ExprLit, Lit, LitStr, Meta, Path, Token, parse::Parser as _, punctuated::Punctuated};

use crate::{
    definition::Mistakes,
    text::{did_you_mean, enumerate},
};

/// The options that were given.
#[derive(Default)]
pub(crate) struct Options {
    /// A variant of `Effect`.
    pub(crate) effect: Option<Ident>,
    /// A variant of `Approval`.
    pub(crate) approval: Option<Ident>,
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    /// The function that finds out whether a call was carried out.
    pub(crate) lookup: Option<Path>,
    /// The function that undoes a call.
    pub(crate) compensate: Option<Path>,
    pub(crate) core: Option<Path>,
}

/// Each option, with an example of its use.
const OPTIONS: [(&str, &str); 7] = [
    ("effect", "effect = \"read\""),
    ("approval", "approval = \"ask\""),
    ("name", "name = \"search_flights\""),
    ("description", "description = \"Find flights for a day, cheapest first.\""),
    ("lookup", "lookup = \"find_booking\""),
    ("compensate", "compensate = \"cancel_flight\""),
    ("crate", "crate = \"cicerone\""),
];
const EFFECTS: [(&str, &str); 3] = [("read", "Read"), ("idempotent", "Idempotent"), ("once", "Once")];
const APPROVALS: [(&str, &str); 2] = [("never", "NotNeeded"), ("ask", "Ask")];

impl Options {
    pub(crate) fn read(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut options = Self::default();
        let mut seen = Vec::new();
        let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens);
        let metas =
            metas.map_err(|error| Error::new(error.span(), "write options like this: `#[tool(effect = \"read\")]`"));
        for meta in mistakes.keep(metas).unwrap_or_default() {
            let name = meta.path().get_ident().map(Ident::to_string).unwrap_or_default();
            if seen.contains(&name) {
                mistakes.add(Error::new_spanned(meta.path(), format!("the option `{name}` stands here twice")));
            }
            mistakes.keep(options.set(&name, &meta));
            seen.push(name);
        }
        options
    }

    fn set(&mut self, name: &str, meta: &Meta) -> Result<(), Error> {
        let Some((_, example)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
            return Err(Error::new_spanned(meta.path(), unknown_option(name)));
        };
        let value = match meta {
            Meta::NameValue(pair) => string(&pair.value),
            Meta::Path(_) | Meta::List(_) => None,
        };
        let value = value.ok_or_else(|| Error::new_spanned(meta, format!("write `{example}`")))?;
        match name {
            "effect" => self.effect = Some(one_of("effect", &value, &EFFECTS)?),
            "approval" => self.approval = Some(one_of("approval", &value, &APPROVALS)?),
            "name" => self.name = Some(value),
            "description" if value.value().trim().is_empty() => {
                return Err(Error::new(
                    value.span(),
                    "models choose tools by their description: say what the tool does",
                ));
            }
            "description" => self.description = Some(value),
            "lookup" => self.lookup = Some(value.parse()?),
            "compensate" => self.compensate = Some(value.parse()?),
            _ => self.core = Some(value.parse()?),
        }
        Ok(())
    }
}

fn string(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

fn one_of(option: &str, value: &LitStr, known: &[(&str, &str)]) -> Result<Ident, Error> {
    let text = value.value();
    if let Some((_, variant)) = known.iter().find(|(known, _)| *known == text) {
        return Ok(Ident::new(variant, Span::mixed_site()));
    }
    let words = || known.iter().map(|(known, _)| *known);
    let hint = did_you_mean(&text.to_lowercase(), words(), |word| format!("\"{word}\""));
    let allowed = enumerate(words().map(|word| format!("`\"{word}\"`")), "or");
    Err(Error::new(value.span(), format!("unknown {option} \"{text}\": {hint}`{option}` is {allowed}")))
}

fn unknown_option(name: &str) -> String {
    let value_of = [("effect", EFFECTS.as_slice()), ("approval", APPROVALS.as_slice())]
        .into_iter()
        .find(|(_, values)| values.iter().any(|(value, _)| *value == name));
    let hint = match value_of {
        Some((option, _)) => format!("did you mean `{option} = \"{name}\"`? "),
        None => did_you_mean(name, OPTIONS.iter().map(|(option, _)| *option), str::to_owned),
    };
    let allowed = enumerate(OPTIONS.iter().map(|(option, _)| format!("`{option}`")), "and");
    format!("unknown option `{name}`: {hint}`#[tool]` takes {allowed}")
}
