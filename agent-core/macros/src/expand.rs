//! The function and its twin, written out.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Attribute, Error, Item, ItemFn, Path, Type, ext::IdentExt as _, parse_quote};

use crate::{
    argument::{Argument, ParameterAttributes, Reader},
    definition::{Definition, Mistakes},
    options::Options,
    returned::Returned,
    types,
};

/// Expands `#[tool(options)] item`.
pub(crate) fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            // The item stays, so that whoever is still typing it keeps completion.
            let error = not_a_function(&item, error).into_compile_error();
            return quote!(#item #error);
        }
    };
    let mut mistakes = Mistakes::default();
    let options = Options::read(options, &mut mistakes);
    let attributes = function.sig.inputs.iter_mut().map(ParameterAttributes::take).collect();
    let definition = Definition::read(&function, attributes, &options, &mut mistakes);
    let core = options.core.unwrap_or_else(core);
    let twin = match (mistakes.into_error(), definition) {
        (None, Some(definition)) => twin(&function, &definition, &core),
        (error, _) => {
            let error = error.map(Error::into_compile_error);
            let stand_in = stand_in(&function, &core);
            quote!(#error #stand_in)
        }
    };
    quote!(#function #twin)
}

fn not_a_function(item: &TokenStream, error: Error) -> Error {
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Verbatim(_)) | Err(_) => error,
        Ok(_) => Error::new(
            Span::call_site(),
            "`#[tool]` stands above an `async fn`; for a type, implement `Tool`, and for a closure, use `FunctionTool::new`",
        ),
    }
}

/// The type of the function's name, and what makes it a tool.
fn twin(function: &ItemFn, definition: &Definition, core: &Path) -> TokenStream {
    let Definition { name, description, effect, approval, lookup, compensate, context, arguments, returned } =
        definition;
    let declaration = declaration(function);
    let ident = &function.sig.ident;
    let conditions = conditions(function);
    let args_name = format_ident!("__{}_args", ident.unraw(), span = Span::mixed_site());
    let args = args(&args_name, arguments, core);
    let Output { ty: output, check, clause: where_output } = output(returned, core);
    let call = call(ident, *context, arguments, returned, core);
    let approval = approval.as_ref().map(|approval| {
        quote! {
            fn approval(&self, _: &Self::Args) -> #core::tool::Approval {
                #core::tool::Approval::#approval
            }
        }
    });
    let lookup = lookup.as_ref().map(|lookup| {
        quote! {
            async fn lookup(
                &self,
                cx: &#core::tool::ToolContext,
                _: &Self::Args,
            ) -> ::core::result::Result<#core::tool::Lookup<Self::Output>, #core::tool::ToolError> {
                #lookup(cx).await
            }
        }
    });
    let compensate = compensate.as_ref().map(|compensate| {
        quote! {
            async fn compensate(
                &self,
                cx: &#core::tool::ToolContext,
                _: &Self::Args,
                output: &Self::Output,
            ) -> ::core::result::Result<(), #core::tool::ToolError> {
                #compensate(cx, output).await
            }
        }
    });
    quote! {
        #declaration

        #(#conditions)*
        const _: () = {
            #args
            #check

            #[automatically_derived]
            #[allow(deprecated)]
            impl #core::tool::Tool for #ident
            #where_output
            {
                type Args = #args_name;
                type Output = #output;

                fn name(&self) -> &str {
                    #name
                }

                fn description(&self) -> &str {
                    #description
                }

                fn effect(&self) -> #core::tool::Effect {
                    #core::tool::Effect::#effect
                }

                #call

                #approval

                #lookup

                #compensate
            }
        };
    }
}

/// The struct that calls are read into.
///
/// What the derives write would repeat, for each argument whose type can't be read, the same error many times. So they
/// are given a struct that is generic over such types, and each type is checked once, where it stands.
fn args(name: &Ident, arguments: &[Argument], core: &Path) -> TokenStream {
    let fields_name = format_ident!("{name}_fields", span = Span::mixed_site());
    let mut parameters = Vec::new();
    let mut types = Vec::new();
    let mut checks = Vec::new();
    let fields: Vec<TokenStream> = arguments
        .iter()
        .map(|Argument { name, ty, attributes, reader }| {
            let ty = types::replace_inner(ty, &mut |inner| {
                if *reader != Reader::Others {
                    checks.push(check(inner, core, "argument"));
                }
                if *reader != Reader::Type {
                    return inner.clone();
                }
                let parameter = format_ident!("__T{}", parameters.len(), span = Span::mixed_site());
                parameters.push(parameter.clone());
                types.push(inner.clone());
                parse_quote!(#parameter)
            });
            quote!(#(#attributes)* #name: #ty)
        })
        .collect();
    let private = quote!(#core::__private);
    let path_of = |module: &str| format!("{private}::{module}").replace(' ', "");
    let (serde, schemars) = (path_of("serde"), path_of("schemars"));
    let bounds = parameters.iter().map(|parameter| format!("{parameter}: {}", path_of("ArgumentType")));
    let bounds = bounds.collect::<Vec<_>>().join(", ");
    let schema_name = name.to_string();
    quote! {
        #[derive(#private::serde::Deserialize, #private::schemars::JsonSchema)]
        #[serde(crate = #serde, bound = #bounds)]
        #[schemars(crate = #schemars, bound = #bounds)]
        #[allow(non_camel_case_types)]
        pub struct #fields_name<#(#parameters),*> {
            #(#fields,)*
        }

        #[allow(non_camel_case_types)]
        pub struct #name(#fields_name<#(#types),*>);

        impl<'de> #private::serde::Deserialize<'de> for #name {
            fn deserialize<D: #private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                #[allow(unused_imports)]
                use #private::Unreadable as _;
                ::core::result::Result::map(#private::Fields::<#fields_name<#(#types),*>>::read(deserializer), Self)
            }
        }

        impl #private::schemars::JsonSchema for #name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(#schema_name)
            }

            fn json_schema(generator: &mut #private::schemars::SchemaGenerator) -> #private::schemars::Schema {
                #[allow(unused_imports)]
                use #private::Unreadable as _;
                #private::Fields::<#fields_name<#(#types),*>>::schema(generator)
            }
        }

        #(#checks)*
    }
}

/// In place of the twin of a function with a mistake, so that its uses are no mistakes too.
fn stand_in(function: &ItemFn, core: &Path) -> TokenStream {
    if function.sig.receiver().is_some() {
        // Where a receiver may stand, a type may not.
        return TokenStream::new();
    }
    let declaration = declaration(function);
    let ident = &function.sig.ident;
    let conditions = conditions(function);
    quote! {
        #declaration

        #(#conditions)*
        const _: () = {
            impl #core::tool::Tool for #ident {
                type Args = ();
                type Output = ();

                fn name(&self) -> &str {
                    ""
                }

                fn description(&self) -> &str {
                    ""
                }

                async fn call(&self, _: &#core::tool::ToolContext, _: ()) -> ::core::result::Result<(), #core::tool::ToolError> {
                    ::core::result::Result::Ok(())
                }
            }
        };
    }
}

fn declaration(function: &ItemFn) -> TokenStream {
    let visibility = &function.vis;
    let ident = &function.sig.ident;
    let conditions = conditions(function);
    let doc = format!("The tool `{}`, as an agent is given it.", ident.unraw());
    quote_spanned! {ident.span().resolved_at(Span::mixed_site())=>
        #(#conditions)*
        #[doc = #doc]
        #[allow(non_camel_case_types, clippy::exhaustive_structs)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default)]
        #visibility struct #ident {}
    }
}

/// The `#[cfg]`s below `#[tool]`: the twin exists when the function does.
fn conditions(function: &ItemFn) -> Vec<&Attribute> {
    function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}

/// What the twin says of its output.
struct Output {
    ty: TokenStream,
    check: TokenStream,
    clause: TokenStream,
}

/// The output's type is checked once, where it stands, as the arguments' types are. The implementation takes it for
/// granted: `for<'a>` lets it say so of a type without parameters.
fn output(returned: &Returned, core: &Path) -> Output {
    let Some(output) = &returned.output else {
        let ty = as_result(&returned.whole, core, &Ident::new("Output", Span::mixed_site()));
        return Output { ty, check: TokenStream::new(), clause: TokenStream::new() };
    };
    let mut checks = Vec::new();
    types::replace_inner(output, &mut |inner| {
        checks.push(check(inner, core, "output"));
        inner.clone()
    });
    Output {
        ty: output.to_token_stream(),
        check: quote!(#(#checks)*),
        clause: quote!(where for<'a> #output: #core::__private::OutputType<'a>,),
    }
}

/// Refuses the type, where it stands, if it does not fit in an argument or an output.
fn check(ty: &Type, core: &Path, what: &str) -> TokenStream {
    let (start, end) = ends(ty);
    let what = Ident::new(what, start);
    let open = quote_spanned!(start=> #core::__private::#what::<);
    let close = quote_spanned!(end=> >());
    quote!(const _: () = #open #ty #close;)
}

/// `<whole as ToolResult>::item`, in the place of `whole`.
fn as_result(whole: &Type, core: &Path, item: &Ident) -> TokenStream {
    let (start, end) = ends(whole);
    let open = quote_spanned!(start=> <);
    let item = Ident::new(&item.to_string(), end);
    let close = quote_spanned!(end=> as #core::__private::ToolResult>::#item);
    quote!(#open #whole #close)
}

/// The spans of the first and the last token, with the hygiene of the type: what is written there is reported as if it
/// were the type.
fn ends(ty: &Type) -> (Span, Span) {
    let spans: Vec<Span> = ty.to_token_stream().into_iter().map(|token| token.span()).collect();
    let of = |span: Option<&Span>| span.copied().unwrap_or_else(Span::call_site);
    (of(spans.first()), of(spans.last()))
}

/// The method `call`, written where a mistake in it is reported: at the function's name, where a future is not `Send`,
/// or at the return type, where that turns out to be no `Result`.
fn call(ident: &Ident, context: Option<Span>, arguments: &[Argument], returned: &Returned, core: &Path) -> TokenStream {
    let here = ident.span().resolved_at(Span::mixed_site());
    let cx = Ident::new(if context.is_some() { "cx" } else { "_cx" }, Span::mixed_site());
    let args = Ident::new(if arguments.is_empty() { "_args" } else { "args" }, Span::mixed_site());
    let context = context.map(|span| {
        let cx = Ident::new("cx", span.resolved_at(Span::mixed_site()));
        quote_spanned!(span=> #cx,)
    });
    let values = arguments.iter().map(|Argument { name, .. }| {
        let mut name = name.clone();
        name.set_span(name.span().located_at(here));
        quote_spanned!(here=> #args.0.#name)
    });
    let future = quote_spanned!(here=> #ident(#context #(#values),*));
    let (start, end, convert) = match returned.output {
        Some(_) => (here, here, quote_spanned!(here=> #core::__private::tool_future)),
        None => {
            let (start, end) = ends(&returned.whole);
            (start, end, as_result(&returned.whole, core, &Ident::new("tool_future", end)))
        }
    };
    let mut future = Group::new(Delimiter::Parenthesis, future);
    future.set_span(end);
    let send = quote_spanned!(end=> ::core::marker::Send);
    quote_spanned! {start=>
        fn call(
            &self,
            #cx: &#core::tool::ToolContext,
            #args: Self::Args,
        ) -> impl ::core::future::Future<Output = ::core::result::Result<Self::Output, #core::tool::ToolError>> + #send {
            #convert #future
        }
    }
}

/// The path of the core in the crate that is compiled: through the facade or directly.
fn core() -> Path {
    for (package, itself) in [("cicerone-core", "cicerone_core"), ("cicerone", "cicerone")] {
        let name = match crate_name(package) {
            // Tests, examples and doctests of the package see it by its name.
            Ok(FoundCrate::Itself) => itself.to_owned(),
            Ok(FoundCrate::Name(name)) => name,
            Err(_) => continue,
        };
        let name = Ident::new(&name, Span::mixed_site());
        return parse_quote!(::#name);
    }
    // Not built by Cargo, perhaps: then the compiler says whether there is such a crate.
    parse_quote!(::cicerone)
}
