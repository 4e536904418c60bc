//! Types as they are written: which is the context, which borrow, how to write them owned.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypePath, TypeReference, parse_quote};

/// Whether this is `&ToolContext`.
pub(crate) fn is_context(ty: &Type) -> bool {
    matches!(ty, Type::Reference(TypeReference { mutability: None, elem, .. }) if last_is(elem, "ToolContext"))
}

/// Where the type's last token is: at a name, for the context.
pub(crate) fn last_token_span(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span())
}

/// Whether the type's path ends in this name.
pub(crate) fn last_is(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|last| last.ident == name)
}

/// The last segment of a type's path.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(TypePath { qself: None, path }) => path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// The types between the angle brackets of a path's segment.
pub(crate) fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// The type that owns what `ty` borrows; `None` if it borrows nothing, or only for `'static` inside a path.
pub(crate) fn owned(ty: &Type) -> Option<Type> {
    match ty {
        Type::Reference(reference) => Some(match &*reference.elem {
            Type::Slice(slice) => {
                let item = owned(&slice.elem).unwrap_or_else(|| (*slice.elem).clone());
                parse_quote!(Vec<#item>)
            }
            elem if last_is(elem, "str") => parse_quote!(String),
            elem => owned(elem).unwrap_or_else(|| elem.clone()),
        }),
        Type::Path(path) => owned_path(path),
        Type::Group(group) => owned(&group.elem),
        Type::Paren(paren) => owned(&paren.elem),
        Type::Array(array) => owned(&array.elem).map(|elem| {
            let length = &array.len;
            parse_quote!([#elem; #length])
        }),
        Type::Tuple(tuple) => {
            let elems: Vec<Option<Type>> = tuple.elems.iter().map(owned).collect();
            elems.iter().any(Option::is_some).then(|| {
                let elems =
                    elems.into_iter().zip(&tuple.elems).map(|(owned, elem)| owned.unwrap_or_else(|| elem.clone()));
                parse_quote!((#(#elems),*))
            })
        }
        _ => None,
    }
}

fn owned_path(ty: &TypePath) -> Option<Type> {
    let mut ty = ty.clone();
    let mut borrows = false;
    for segment in &mut ty.path.segments {
        let is_cow = segment.ident == "Cow";
        let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { continue };
        let of_cow = arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) if last_is(ty, "str") => Some(parse_quote!(String)),
            GenericArgument::Type(ty) => Some(ty.clone()),
            _ => None,
        });
        let lifetimes = |argument: &GenericArgument| matches!(argument, GenericArgument::Lifetime(lifetime) if lifetime.ident != "static");
        if arguments.args.iter().any(lifetimes) {
            if is_cow {
                return of_cow;
            }
            borrows = true;
            arguments.args = arguments.args.iter().filter(|argument| !lifetimes(argument)).cloned().collect();
        }
        for argument in &mut arguments.args {
            if let GenericArgument::Type(inner) = argument
                && let Some(owned) = owned(inner)
            {
                *inner = owned;
                borrows = true;
            }
        }
    }
    borrows.then_some(Type::Path(ty))
}

/// Whether `impl Trait` occurs in the type.
pub(crate) fn has_impl(ty: &Type) -> bool {
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(word) => word == "impl",
            TokenTree::Group(group) => any(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    any(ty.to_token_stream())
}

/// The type as people write it, for messages.
pub(crate) fn show(ty: &Type) -> String {
    let mut text = quote!(#ty).to_string();
    for (spaced, close) in
        [(" < ", "<"), ("< ", "<"), (" >", ">"), (" :: ", "::"), (":: ", "::"), (" ,", ","), ("& ", "&"), (" ;", ";")]
    {
        text = text.replace(spaced, close);
    }
    text
}

/// `ty` with each type inside that has to be checked replaced by what `replace` makes of it.
///
/// These are the types that neither Rust nor the standard containers explain, such as the `Flight` of `Vec<Flight>`, so
/// that an error names `Flight`, which lacks the derive.
pub(crate) fn replace_inner(ty: &Type, replace: &mut dyn FnMut(&Type) -> Type) -> Type {
    const CONTAINERS: [&str; 7] = ["Vec", "Option", "Box", "VecDeque", "HashMap", "BTreeMap", "IndexMap"];
    match ty {
        Type::Group(group) => replace_inner(&group.elem, replace),
        Type::Paren(paren) => replace_inner(&paren.elem, replace),
        _ if PLAIN.iter().any(|plain| last_is(ty, plain)) => ty.clone(),
        _ => match last_segment(ty) {
            Some(last) if CONTAINERS.iter().any(|container| last.ident == container) => {
                replace_last_argument(ty, replace)
            }
            _ => replace(ty),
        },
    }
}

/// The values of a map, or what a container contains.
fn replace_last_argument(ty: &Type, replace: &mut dyn FnMut(&Type) -> Type) -> Type {
    let mut ty = ty.clone();
    if let Type::Path(TypePath { path, .. }) = &mut ty
        && let Some(last) = path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.last_mut()
    {
        *inner = replace_inner(inner, replace);
    }
    ty
}

/// The types that every tool can take and return.
pub(crate) const PLAIN: [&str; 16] = [
    "String", "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
    "usize",
];
