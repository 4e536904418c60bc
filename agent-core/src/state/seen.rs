//! What a run has seen: the values that a grounded argument can have.

use serde_json::Value;

use super::{Call, State};
use crate::tool::{ArgumentKind, Path, ToolSpec};

impl State {
    /// The values that outputs of `tool` hold at `path`, each once.
    pub(crate) fn seen(&self, tool: &str, path: &Path) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for output in self.calls.iter().filter(|call| call.planned.tool == tool).filter_map(Call::output) {
            for value in path.values(output) {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
        }
        values
    }

    /// Checks that each grounded argument has been seen.
    ///
    /// # Errors
    /// The first that was not, and which tool to call first.
    pub(crate) fn check_grounded(&self, args: &Value, spec: &ToolSpec) -> Result<(), String> {
        for argument in &spec.arguments {
            let ArgumentKind::Grounded { tool, path } = &argument.kind else { continue };
            let Some(value) = args.get(&argument.name).filter(|value| !value.is_null()) else { continue };
            let seen = self.seen(tool, path);
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            if !values.iter().all(|value| seen.contains(value)) {
                let name = &argument.name;
                return Err(format!("`{name}` is {value}, which no output of {tool} holds; call {tool} first"));
            }
        }
        Ok(())
    }
}
