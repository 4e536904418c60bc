//! The parameters of a tool's function: the arguments, and what stands above them.

use proc_macro2::Ident;
use syn::{Attribute, Error, FnArg, LitStr, Meta, Pat, PatType, Token, Type, parse_quote, punctuated::Punctuated};

use crate::{
    definition::Mistakes,
    text::{self, did_you_mean},
    types::{has_impl, is_context, last_is, owned, show},
};

/// An argument: a field of the struct that calls are read into.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// The attributes of the field.
    pub(crate) attributes: Vec<Attribute>,
    /// Who reads it from JSON.
    pub(crate) reader: Reader,
}

/// Who reads an argument from JSON.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Reader {
    /// Its type alone.
    Type,
    /// Its type, with what `#[serde(…)]` and `#[schemars(…)]` say about this one.
    TypeAndAttributes,
    /// Functions that `#[serde(with = …)]` or the like names; the type need not know how.
    Others,
}

/// What stood above a parameter and is not for the compiler.
pub(crate) struct ParameterAttributes(Vec<Attribute>);

/// The attributes that an argument may have, besides those that set lints.
const KNOWN: [&str; 5] = ["doc", "grounded", "composed", "serde", "schemars"];
const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];

impl ParameterAttributes {
    /// Takes from a parameter what the compiler would not accept there.
    pub(crate) fn take(parameter: &mut FnArg) -> Self {
        let attributes = match parameter {
            FnArg::Receiver(receiver) => &mut receiver.attrs,
            FnArg::Typed(parameter) => &mut parameter.attrs,
        };
        let is_lint = |attribute: &Attribute| LINTS.iter().any(|lint| attribute.path().is_ident(lint));
        let (lints, taken) = std::mem::take(attributes).into_iter().partition(is_lint);
        *attributes = lints;
        Self(taken)
    }

    /// Only documentation stands above the context.
    pub(crate) fn none_on_context(&self) -> Result<(), Error> {
        match self.0.iter().find(|attribute| !attribute.path().is_ident("doc")) {
            Some(other) => {
                Err(Error::new_spanned(other, "the context is no argument: models don't fill it in; remove this"))
            }
            None => Ok(()),
        }
    }
}

impl Argument {
    pub(crate) fn read(
        parameter: &PatType,
        attributes: ParameterAttributes,
        mistakes: &mut Mistakes,
    ) -> Result<Self, Error> {
        let ParameterAttributes(attributes) = attributes;
        let fields = mistakes.keep(field_attributes(&attributes)).unwrap_or_default();
        let name = name(&parameter.pat)?;
        let ty = (*parameter.ty).clone();
        if has_impl(&ty) {
            let what = "an argument has one type, which says what models fill in: write an owned type such as `String`";
            return Err(Error::new_spanned(ty, what));
        }
        if let Some(owned) = owned(&ty) {
            return Err(Error::new_spanned(ty, format!("arguments are owned: write `{name}: {}`", show(&owned))));
        }
        Ok(Self { name, ty, attributes: fields, reader: Reader::of(&attributes) })
    }
}

/// A parameter that is meant to be the context, but is not written as one or not the first.
pub(crate) fn misplaced_context(at: usize, parameter: &PatType) -> Option<Error> {
    let ty = &parameter.ty;
    let pointee = match &**ty {
        Type::Reference(reference) => &*reference.elem,
        other => other,
    };
    let message = if is_context(ty) {
        "the context is a tool's first parameter: move `cx: &ToolContext` to the front".to_owned()
    } else if last_is(pointee, "ToolContext") || last_is(pointee, "Context") {
        "a tool's first parameter may be `cx: &ToolContext`; arguments are owned".to_owned()
    } else if at == 0 && matches!((&**ty, pointee), (Type::Reference(_), Type::Path(_))) && !last_is(pointee, "str") {
        let name = name(&parameter.pat).map_or_else(|_| "argument".to_owned(), |name| name.to_string());
        let owned = owned(ty).unwrap_or_else(|| (**ty).clone());
        format!(
            "a tool's first parameter may be `cx: &ToolContext`; arguments are owned: write `{name}: {}`",
            show(&owned)
        )
    } else {
        return None;
    };
    Some(Error::new_spanned(ty, message))
}

fn name(pattern: &Pat) -> Result<Ident, Error> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Ok(name.ident.clone()),
        Pat::Wild(_) => Err(Error::new_spanned(pattern, "models fill in arguments by name: give this one a name")),
        _ => Err(Error::new_spanned(
            pattern,
            "models fill in arguments by name: write one name here, and take the value apart in the body",
        )),
    }
}

/// The attributes of the field that stands for a parameter with these attributes.
fn field_attributes(attributes: &[Attribute]) -> Result<Vec<Attribute>, Error> {
    let mut fields = Vec::new();
    let mut source = None;
    let description = text::description(attributes);
    if !description.is_empty() {
        fields.push(parse_quote!(#[doc = #description]));
    }
    for attribute in attributes {
        let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
        match name.as_str() {
            "doc" => {}
            "serde" | "schemars" => fields.push(attribute.clone()),
            "grounded" | "composed" if source.is_some() => {
                return Err(Error::new_spanned(
                    attribute,
                    "a value comes from one place: keep one of these attributes",
                ));
            }
            "grounded" => {
                let path = grounding(attribute)?;
                fields.push(parse_quote!(#[schemars(extend("x-grounded" = #path))]));
                source = Some(attribute);
            }
            "composed" => {
                attribute.meta.require_path_only().map_err(|_| Error::new_spanned(attribute, "write `#[composed]`"))?;
                fields.push(parse_quote!(#[schemars(extend("x-composed" = true))]));
                source = Some(attribute);
            }
            "cfg" | "cfg_attr" => {
                return Err(Error::new_spanned(
                    attribute,
                    "a tool has the same arguments in every build: put `#[cfg(…)]` on two functions instead",
                ));
            }
            _ => {
                let hint = did_you_mean(&name, KNOWN.into_iter(), |known| format!("#[{known}]"));
                return Err(Error::new_spanned(
                    attribute,
                    format!(
                        "unknown attribute of an argument: {hint}`#[grounded(\"tool.path\")]`, `#[composed]`, `#[serde(…)]`, \
                         `#[schemars(…)]` and doc comments may stand here"
                    ),
                ));
            }
        }
    }
    Ok(fields)
}

/// The path in `#[grounded("tool.path")]`.
fn grounding(attribute: &Attribute) -> Result<LitStr, Error> {
    let example = "`#[grounded(\"search_flights[].flight_id\")]`";
    let path: LitStr = attribute.parse_args().map_err(|_| {
        Error::new_spanned(
            attribute,
            format!("write the tool and the place in its output where the value was seen: {example}"),
        )
    })?;
    let text = path.value();
    let (tool, rest) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    let rest = rest.trim_start_matches("[]");
    let fields_are_names = rest.is_empty()
        || rest
            .strip_prefix('.')
            .is_some_and(|fields| fields.split('.').all(|field| is_name(field.trim_end_matches("[]"))));
    if !is_name(tool) || tool.len() == text.len() || !fields_are_names {
        return Err(Error::new(
            path.span(),
            format!(
                "write a tool and the place in its output, with `.field` for a field and `[]` for the items of a list: {example}"
            ),
        ));
    }
    Ok(path)
}

impl Reader {
    fn of(attributes: &[Attribute]) -> Self {
        let ways = ["with", "schema_with", "deserialize_with", "skip", "skip_deserializing"];
        let is_of_derives =
            |attribute: &&Attribute| ["serde", "schemars"].iter().any(|name| attribute.path().is_ident(name));
        let mut of_derives = attributes.iter().filter(is_of_derives).peekable();
        if of_derives.peek().is_none() {
            return Self::Type;
        }
        let names_a_way = of_derives
            .filter_map(|attribute| attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok())
            .flatten()
            .any(|meta| ways.iter().any(|way| meta.path().is_ident(way)));
        if names_a_way { Self::Others } else { Self::TypeAndAttributes }
    }
}
