//! What a function returns, as far as it can be read off.

use syn::{Error, ReturnType, Signature, Type};

use crate::types::{PLAIN, has_impl, last_is, last_segment, owned, show, type_arguments};

/// A return type that is, or may be an alias of, `Result<Output, ToolError>`.
pub(crate) struct Returned {
    pub(crate) whole: Type,
    /// The output, if the type says it.
    pub(crate) output: Option<Type>,
}

/// The types besides the plain ones that are surely no alias of `Result<_, ToolError>`.
const NOT_RESULTS: [&str; 10] =
    ["Vec", "Option", "Box", "Arc", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "Value", "u128"];

impl Returned {
    pub(crate) fn read(signature: &Signature) -> Result<Self, Error> {
        let ReturnType::Type(_, whole) = &signature.output else {
            let end = signature.paren_token.span.close();
            return Err(Error::new(
                end,
                "a tool can fail: write `-> Result<(), ToolError>` and end the body with `Ok(())`",
            ));
        };
        if has_impl(whole) {
            return Err(Error::new_spanned(
                whole,
                "a tool's output has a schema, so its type has a name: write it out",
            ));
        }
        let fallible = |output: &Type| {
            let output = owned(output).unwrap_or_else(|| output.clone());
            format!(
                "a tool can fail: write `Result<{}, ToolError>`, and `Ok(…)` around what the body returns",
                show(&output)
            )
        };
        let Some(last) = last_segment(whole) else {
            return Err(Error::new_spanned(whole, fallible(whole)));
        };
        let arguments = type_arguments(last);
        match arguments.as_slice() {
            [output, failure] if last.ident == "Result" => {
                if let Some(owned) = owned(output) {
                    let what = format!("a tool's output is owned: write `Result<{}, ToolError>`", show(&owned));
                    return Err(Error::new_spanned(output, what));
                }
                if !last_is(failure, "ToolError") {
                    return Err(Error::new_spanned(failure, another_error(output)));
                }
                Ok(Self { whole: (**whole).clone(), output: Some((*output).clone()) })
            }
            _ if NOT_RESULTS.iter().chain(&PLAIN).any(|name| last.ident == name) => {
                Err(Error::new_spanned(whole, fallible(whole)))
            }
            _ => Ok(Self { whole: (**whole).clone(), output: None }),
        }
    }
}

fn another_error(output: &Type) -> String {
    format!(
        "a tool fails with `ToolError`: write `Result<{}, ToolError>`; `?` turns every `std::error::Error` into a fatal one, \
         and `ToolError::retry(\"…\")` tells the model what to change",
        show(output)
    )
}
