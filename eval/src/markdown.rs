//! Results for documentation.

use crate::{
    figures::{HEADS, rows},
    results::Results,
    table::harmless,
};

impl Results {
    /// A table in Markdown: each kind, and sums in bold.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut text = row(&HEADS.map(str::to_owned));
        text.push_str(&row(&std::array::from_fn::<_, { HEADS.len() }, _>(|at| {
            if at == 0 { "---".to_owned() } else { "---:".to_owned() }
        })));
        for line in rows(self) {
            let cells = line.cells().map(|cell| harmless(&cell).replace('|', "\\|"));
            text.push_str(&row(&if line.sum { cells.map(|cell| format!("**{cell}**")) } else { cells }));
        }
        text
    }
}
