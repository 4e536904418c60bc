//! A tool as its function defines it, or the mistakes in the function.

use proc_macro2::{Ident, Span};
use syn::{Error, FnArg, ItemFn, LitStr, Path, ext::IdentExt as _};

use crate::{
    argument::{self, Argument, ParameterAttributes},
    options::Options,
    returned::Returned,
    text, types,
};

/// What `#[tool]` needs to know of a function.
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) effect: Ident,
    pub(crate) approval: Option<Ident>,
    pub(crate) lookup: Option<Path>,
    pub(crate) compensate: Option<Path>,
    /// The span of the context's type, if the function takes the context.
    pub(crate) context: Option<Span>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) returned: Returned,
}

/// The mistakes found so far: all are reported, not just the first.
#[derive(Default)]
pub(crate) struct Mistakes(Option<Error>);

impl Mistakes {
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn keep<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn into_error(self) -> Option<Error> {
        self.0
    }
}

impl Definition {
    /// Reads a function, whose parameters have lost their attributes to `attributes`.
    pub(crate) fn read(
        function: &ItemFn,
        attributes: Vec<ParameterAttributes>,
        options: &Options,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        check_signature(function, mistakes);
        let name = mistakes.keep(name(function, options));
        let description = mistakes.keep(description(function, options));
        let returned = mistakes.keep(Returned::read(&function.sig));
        let mut context = None;
        let mut arguments = Vec::new();
        for (at, (parameter, attributes)) in function.sig.inputs.iter().zip(attributes).enumerate() {
            // A receiver was reported with the signature.
            let FnArg::Typed(parameter) = parameter else { continue };
            if at == 0 && types::is_context(&parameter.ty) {
                context = Some(types::last_token_span(&parameter.ty));
                mistakes.keep(attributes.none_on_context());
            } else if let Some(error) = argument::misplaced_context(at, parameter) {
                mistakes.add(error);
            } else {
                let argument = Argument::read(parameter, attributes, mistakes);
                arguments.extend(mistakes.keep(argument));
            }
        }
        Some(Self {
            name: name?,
            description: description?,
            effect: options.effect.clone().unwrap_or_else(|| Ident::new("Once", Span::mixed_site())),
            approval: options.approval.clone(),
            lookup: options.lookup.clone(),
            compensate: options.compensate.clone(),
            context,
            arguments,
            returned: returned?,
        })
    }
}

fn check_signature(function: &ItemFn, mistakes: &mut Mistakes) {
    let signature = &function.sig;
    let name = &signature.ident;
    if signature.asyncness.is_none() {
        mistakes.add(Error::new(signature.fn_token.span, format!("a tool is an `async fn`: write `async fn {name}`")));
    }
    if let Some(unsafety) = &signature.unsafety {
        mistakes.add(Error::new(unsafety.span, "a tool can be called by any model, so it can't be `unsafe`"));
    }
    if !signature.generics.params.is_empty() {
        mistakes.add(Error::new_spanned(
            &signature.generics.params,
            "models don't fill in types or lifetimes: write the tool for one type of each argument, an owned one",
        ));
    }
    if let Some(clause) = &signature.generics.where_clause {
        mistakes.add(Error::new_spanned(clause, "a tool has no type parameters and so no `where`: remove it"));
    }
    if let Some(receiver) = signature.receiver() {
        mistakes.add(Error::new_spanned(
            receiver,
            "a tool under `#[tool]` is a function of its own: take shared state from `cx.state::<S>()` of \
             `cx: &ToolContext`, or implement `Tool` for the type",
        ));
    }
}

fn name(function: &ItemFn, options: &Options) -> Result<String, Error> {
    let of_function = &function.sig.ident;
    let given = options.name.as_ref();
    let name = given.map_or_else(|| of_function.unraw().to_string(), LitStr::value);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) || name.starts_with(|c: char| c.is_ascii_digit())
    {
        let span = given.map_or(of_function.span(), LitStr::span);
        let way_out = if given.is_some() { "" } else { "; rename the function, or write `#[tool(name = \"…\")]`" };
        return Err(Error::new(
            span,
            format!(
                "not every model can write the name `{name}`: use up to 64 of the letters a to z, digits and `_`{way_out}"
            ),
        ));
    }
    Ok(name)
}

fn description(function: &ItemFn, options: &Options) -> Result<String, Error> {
    let description = match &options.description {
        Some(given) => given.value().trim().to_owned(),
        None => text::description(&function.attrs),
    };
    if description.is_empty() {
        return Err(Error::new(
            function.sig.ident.span(),
            "models choose tools by their description: add a doc comment above the function, such as \
             `/// Find flights for a day, cheapest first.`",
        ));
    }
    Ok(description)
}
