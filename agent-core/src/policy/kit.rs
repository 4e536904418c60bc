//! What a policy works with: the parts of an agent that don't change during a run.

use std::{fmt, sync::Arc};

use indexmap::IndexMap;

use crate::{
    error::{Error, ErrorKind, did_you_mean},
    model::{ModelInfo, Sampling},
    plan::{Plan, Step, check, notation, notation::Vocabulary},
    reading::{Kinds, Mention, MentionKind, Reader},
    tool::{AnyTool, ArgumentKind, ToolError, ToolSpec},
};

/// The parts of an agent that a policy reads.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Kit {
    /// What the agent is told to be.
    pub instructions: String,
    /// Its tools.
    pub tools: Toolbox,
    /// Requests and their plans, checked.
    pub examples: Vec<Example>,
    /// What the model is.
    pub model: ModelInfo,
    /// How its tokens are chosen.
    pub sampling: Sampling,
    /// The kinds of things that readers look for in requests.
    pub reads: Kinds,
    /// What plans have to keep to besides.
    pub rules: Rules,
}

/// Tools by name, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct Toolbox {
    tools: IndexMap<String, AnyTool>,
    specs: Vec<Arc<ToolSpec>>,
}

impl Toolbox {
    /// Collects tools.
    ///
    /// # Errors
    /// If two have the same name, or an argument is grounded in what no tool returns.
    pub fn new(tools: Vec<AnyTool>) -> Result<Self, Error> {
        let specs: Vec<Arc<ToolSpec>> = tools.iter().map(|tool| Arc::clone(tool.spec())).collect();
        let mut named = IndexMap::with_capacity(tools.len());
        for tool in tools {
            let name = tool.spec().name.clone();
            if named.insert(name.clone(), tool).is_some() {
                let error = Error::new(ErrorKind::Configuration, format!("two tools are called `{name}`"));
                return Err(error.with_hint("give one of them another name"));
            }
        }
        let toolbox = Self { tools: named, specs };
        toolbox.check_groundings()?;
        Ok(toolbox)
    }

    /// The tool of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&AnyTool> {
        self.tools.get(name)
    }

    /// What is known of each tool, in order.
    #[must_use]
    pub fn specs(&self) -> &[Arc<ToolSpec>] {
        &self.specs
    }

    fn check_groundings(&self) -> Result<(), Error> {
        for spec in &self.specs {
            for argument in &spec.arguments {
                let ArgumentKind::Grounded { tool, path } = &argument.kind else { continue };
                let place = format!("`{}` of `{}` is grounded in `{tool}`", argument.name, spec.name);
                let Some(source) = self.get(tool) else {
                    let hint = did_you_mean(tool, self.tools.keys().map(String::as_str));
                    let error = Error::new(ErrorKind::Configuration, format!("{place}, which the agent does not have"));
                    return Err(error.with_hint(hint.unwrap_or_else(|| format!("add the tool `{tool}`"))));
                };
                if path.schema(&source.spec().output_schema).is_none() {
                    let error = format!("{place} at `{path}`, but its output has no such field");
                    let error = Error::new(ErrorKind::Configuration, error);
                    let fields = path.fields_at_its_end(&source.spec().output_schema);
                    let hint = format!("there are `{}`", fields.join("`, `"));
                    return Err(if fields.is_empty() { error } else { error.with_hint(hint) });
                }
            }
        }
        Ok(())
    }
}

/// What a plan has to keep to that schemas can't say: rules of an agent's author, checked in order.
#[derive(Clone, Default)]
pub struct Rules(Vec<Arc<Rule>>);

type Rule = dyn Fn(&Plan, &str) -> Result<(), ToolError> + Send + Sync;

impl Rules {
    pub(crate) fn add(&mut self, rule: impl Fn(&Plan, &str) -> Result<(), ToolError> + Send + Sync + 'static) {
        self.0.push(Arc::new(rule));
    }

    /// Checks a plan for a request against each.
    ///
    /// # Errors
    /// The first objection.
    pub fn check(&self, plan: &Plan, request: &str) -> Result<(), ToolError> {
        self.0.iter().try_for_each(|rule| rule(plan, request))
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rules({})", self.0.len())
    }
}

/// A request and the plan for it, which a model is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The request.
    pub request: String,
    /// Its plan.
    pub plan: Plan,
    pub(crate) mentions: Vec<Mention>,
}

impl Example {
    /// Reads and checks an example whose plan is written in the notation.
    ///
    /// # Errors
    /// If the plan is not one that the tools allow for the request.
    pub(crate) fn read(request: &str, plan: &str, tools: &Toolbox, readers: &[Arc<dyn Reader>]) -> Result<Self, Error> {
        let mentions = mentions(request, readers);
        let vocabulary = Vocabulary { tools: tools.specs(), request, mentions: &mentions, reads: Kinds::of(readers) };
        let wrong = |why: String| {
            Error::new(ErrorKind::Configuration, format!("the plan of the example \"{request}\" is wrong: {why}"))
        };
        let plan = notation::read(plan, &vocabulary).map_err(wrong)?;
        check::check(&plan, &vocabulary).map_err(|all| wrong(all.join("; ")))?;
        Ok(Self { request: request.to_owned(), plan, mentions })
    }

    /// Whether its plan is made of what any request may use. One with alternatives or limits is not: a small model that
    /// has seen them uses them where they don't belong.
    pub(crate) fn is_common(&self) -> bool {
        !self.chooses_among_calls() && self.plan.limits.is_empty()
    }

    /// Whether a request can use what is special about this example.
    pub(crate) fn helps(&self, request: &Vocabulary<'_>) -> bool {
        let limited = |word: &str| request.limits().get(word).is_some_and(|unit| !request.numbers(*unit).is_empty());
        (request.alternatives() || !self.chooses_among_calls())
            && self.plan.limits.iter().all(|limit| limited(&limit.word))
    }

    fn chooses_among_calls(&self) -> bool {
        let references = self.plan.steps.iter().filter_map(Step::choice).chain(&self.plan.shown);
        !self.plan.either.is_empty() || references.into_iter().any(|reference| reference.steps.len() > 1)
    }
}

/// What the readers find in a text, in order. Of two values that overlap the first reader's stands.
pub(crate) fn mentions(text: &str, readers: &[Arc<dyn Reader>]) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::new();
    for mention in readers.iter().flat_map(|reader| reader.read(text)) {
        let overlaps = |known: &Mention| known.span.start < mention.span.end && mention.span.start < known.span.end;
        // What is said of the whole request may lie over the values in it.
        let is_value = |kind| matches!(kind, MentionKind::Date | MentionKind::Time | MentionKind::Number);
        let competes = |known: &Mention| is_value(known.kind) && is_value(mention.kind) && overlaps(known);
        if text.get(mention.span.clone()).is_some() && !all.iter().any(competes) {
            all.push(mention);
        }
    }
    all.sort_by_key(|mention| mention.span.start);
    all
}
