//! One template, compiled.

use std::{
    fmt,
    path::Path,
    sync::{Arc, OnceLock},
};

use minijinja::{Environment, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

use crate::PromptError;

/// A compiled minijinja template; cheap to clone. Besides minijinja's filters there is `json`, which writes a value as
/// JSON without escaping it for web pages.
///
/// ```
/// use cicerone_prompts::Template;
/// use std::collections::HashMap;
///
/// let greeting = Template::new("greeting", "Hello {{ name }}!")?;
/// assert_eq!(greeting.render(HashMap::from([("name", "Ada")]))?, "Hello Ada!");
///
/// let wrong = greeting.render(HashMap::from([("nmae", "Ada")])).unwrap_err();
/// assert!(wrong.to_string().contains("greeting:1"), "{wrong}");
/// # Ok::<(), cicerone_prompts::PromptError>(())
/// ```
#[derive(Clone)]
pub struct Template(Arc<Inner>);

struct Inner {
    name: String,
    source: String,
    // Compiled once, when it is made or, for a built-in one, at its first use.
    environment: OnceLock<Environment<'static>>,
}

impl Template {
    /// Compiles a template; `name` stands in its errors.
    ///
    /// # Errors
    /// If the text is no template: the message names the line.
    pub fn new(name: &str, source: impl Into<String>) -> Result<Self, PromptError> {
        let template = Self(Arc::new(Inner::new(name, source)));
        template.0.environment()?;
        Ok(template)
    }

    /// A template that is compiled at its first use, so that it can stand in a static.
    pub(crate) fn builtin(name: &str, source: &str) -> Self {
        Self(Arc::new(Inner::new(name, source)))
    }

    /// Compiles the template in a file.
    ///
    /// # Errors
    /// If the file can't be read, or holds no template.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PromptError> {
        let path = path.as_ref();
        let source = std::fs::read_to_string(path).map_err(|error| PromptError::file(path, error))?;
        Self::new(&path.display().to_string(), source)
    }

    /// The template's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Fills it in.
    ///
    /// # Errors
    /// If a variable is missing or an expression fails: the message names the line.
    pub fn render(&self, variables: impl Serialize) -> Result<String, PromptError> {
        Ok(self.0.environment()?.get_template(&self.0.name)?.render(Value::from(Serde(variables)))?)
    }
}

impl Inner {
    fn new(name: &str, source: impl Into<String>) -> Self {
        Self { name: name.to_owned(), source: source.into(), environment: OnceLock::new() }
    }

    fn environment(&self) -> Result<&Environment<'static>, PromptError> {
        if let Some(compiled) = self.environment.get() {
            return Ok(compiled);
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        // `tojson` escapes for web pages; prompts and reports are plain text.
        environment.add_filter("json", |value: Value| {
            serde_json::to_string(&value)
                .map_err(|error| minijinja::Error::new(minijinja::ErrorKind::BadSerialization, error.to_string()))
        });
        environment.add_template_owned(self.name.clone(), self.source.clone())?;
        Ok(self.environment.get_or_init(|| environment))
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.0.name).finish()
    }
}
