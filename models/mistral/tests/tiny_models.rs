//! Models of the hub's form, quantisation while they are loaded, and LoRA adapters, with models made on the spot.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

mod tiny;

use cicerone_core::{
    message::Message,
    model::{DeltaSink, Expect, Finish, Grammar, Model as _, ModelErrorKind, Request, Response, Sampling},
};
use cicerone_mistral::{Bits, Loader, MistralModel};
use serde_json::json;
use tiny::Tiny;

async fn ask(model: &MistralModel, expect: Expect, tokens: u32) -> Response {
    let request = Request::new(vec![Message::user("Say something about crabs.")])
        .expecting(expect)
        .sampling(Sampling::default().max_tokens(tokens));
    model.respond(&request, &mut DeltaSink::none()).await.unwrap()
}

/// What the model says if it may only say letters: as telling as logits, and always text.
async fn letters(model: &MistralModel) -> String {
    let grammar = Grammar::new("start: /[a-z]{32}/");
    let text = ask(model, Expect::Grammar(grammar), 64).await.content();
    assert!(text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_lowercase()), "{text}");
    text
}

async fn failure(loader: Loader) -> String {
    let error = loader.await.unwrap_err();
    assert_eq!(error.kind(), ModelErrorKind::Load, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_folder_is_loaded_with_each_quantisation() {
    let tiny = Tiny::new();
    for bits in [None, Some(Bits::Eight), Some(Bits::Four)] {
        let model = MistralModel::hub(tiny.hub()).quantised(bits).await.unwrap();
        assert_eq!(model.info().context_window, Some(512), "{bits:?}");
        let free = ask(&model, Expect::Text, 4).await;
        assert!(free.usage.output_tokens <= 4, "{bits:?}: {free:?}");
        let chosen = ask(&model, Expect::Json(json!({ "enum": ["yes", "no"] }).into()), 16).await;
        assert!(["\"yes\"", "\"no\""].contains(&&*chosen.content()), "{bits:?}: {chosen:?}");
        assert_eq!(chosen.finish, Finish::Stop, "{bits:?}");
        letters(&model).await;
    }
}

#[tokio::test]
async fn adapters_in_folders_change_what_a_model_says_and_no_other_load() {
    let tiny = Tiny::new();
    let plain = || MistralModel::hub(tiny.hub()).quantised(None);
    let (first, second) = (tiny.adapter("first", &["q_proj", "v_proj"]), tiny.adapter("second", &["down_proj"]));
    let before = letters(&plain().await.unwrap()).await;
    let one = letters(&plain().lora(&first).await.unwrap()).await;
    let both = letters(&plain().lora(&first).lora(&second).await.unwrap()).await;
    assert_ne!(one, before);
    assert_ne!(both, one);
    assert_eq!(letters(&plain().await.unwrap()).await, before, "the adapters stayed");
}

#[tokio::test]
async fn quantisation_stays_with_its_load() {
    let tiny = Tiny::new();
    let before = letters(&MistralModel::hub(tiny.hub()).quantised(None).await.unwrap()).await;
    let adapter = tiny.adapter("adapter", &["q_proj", "o_proj", "gate_proj"]);
    for bits in [Bits::Four, Bits::Eight] {
        let quantised = MistralModel::hub(tiny.hub()).quantised(Some(bits));
        letters(&quantised.lora(&adapter).await.unwrap()).await;
    }
    assert_eq!(letters(&MistralModel::hub(tiny.hub()).quantised(None).await.unwrap()).await, before);
}

#[tokio::test]
async fn a_gguf_llama_says_what_its_original_says_with_an_adapter_and_without() {
    let tiny = Tiny::new();
    let adapter = tiny.adapter("adapter", &["v_proj", "o_proj", "up_proj"]);
    let plain = letters(&MistralModel::gguf(tiny.gguf("llama")).await.unwrap()).await;
    let adapted = letters(&MistralModel::gguf(tiny.gguf("llama")).lora(&adapter).await.unwrap()).await;
    assert_ne!(adapted, plain);
    let hub = || MistralModel::hub(tiny.hub()).quantised(None);
    assert_eq!(letters(&hub().await.unwrap()).await, plain);
    assert_eq!(letters(&hub().lora(&adapter).await.unwrap()).await, adapted);
}

#[tokio::test]
async fn an_adapter_that_cannot_be_added_is_an_error() {
    let tiny = Tiny::new();
    let adapter = tiny.adapter("adapter", &["q_proj"]);
    let missing = tiny.path("missing").to_str().unwrap().to_owned();
    for loader in [MistralModel::hub(tiny.hub()), MistralModel::gguf(tiny.gguf("llama"))] {
        let error = failure(loader.lora(&missing)).await;
        assert!(
            error.contains(&format!("the LoRA adapter {missing} can't be loaded: there is no such folder")),
            "{error}"
        );
    }
    let error = failure(MistralModel::gguf(tiny.gguf("qwen2")).lora(&adapter)).await;
    assert!(error.contains("the architecture qwen2") && error.contains("only llama and phi3 take adapters"), "{error}");
    let error = failure(MistralModel::gguf(tiny.gguf("llama")).lora(&adapter)).await;
    assert!(
        error.contains("can't be added to a GGUF Llama, in which the rows of q_proj are in another order"),
        "{error}"
    );
    let error = failure(MistralModel::gguf(tiny.gguf("llama")).lora("someone/adapter")).await;
    assert!(error.contains("needs an ordering"), "{error}");
    let error = failure(MistralModel::gguf(tiny.gguf("llama")).lora(&adapter).lora(&adapter)).await;
    assert!(error.contains("2 LoRA adapters were given; a GGUF model takes one"), "{error}");

    std::fs::write(tiny.path("adapter/adapter_config.json"), r#"{ "r": 4 }"#).unwrap();
    let error = failure(MistralModel::hub(tiny.hub()).lora(&adapter)).await;
    assert!(error.contains("adapter_config.json: missing field `lora_alpha`"), "{error}");
    std::fs::remove_file(tiny.path("adapter/adapter_config.json")).unwrap();
    let error = failure(MistralModel::hub(tiny.hub()).lora(&adapter)).await;
    assert!(error.contains("lacks") && error.contains("adapter_config.json"), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_no_model_is_an_error() {
    let tiny = Tiny::new();
    let missing = tiny.path("missing").to_str().unwrap().to_owned();
    assert!(failure(MistralModel::hub(&missing)).await.ends_with("there is no such folder"));
    for file in ["model.safetensors", "tokenizer.json", "config.json"] {
        let folder = tiny.hub();
        std::fs::write(tiny.path("hub").join(file), "{").unwrap();
        let error = failure(MistralModel::hub(&folder)).await;
        assert!(error.starts_with(&format!("the model {folder} can't be loaded: ")), "{file}: {error}");
        std::fs::remove_file(tiny.path("hub").join(file)).unwrap();
        let error = failure(MistralModel::hub(&folder)).await;
        assert!(error.starts_with(&format!("the model {folder} can't be loaded: ")), "{file}: {error}");
    }
}

#[tokio::test]
async fn a_repository_that_cannot_be_reached_is_an_error_that_says_what_to_give() {
    let error = failure(MistralModel::hub("cicerone-tests/there-is-no-such-model")).await;
    assert!(error.ends_with("give a folder that holds cicerone-tests/there-is-no-such-model"), "{error}");
    let error = failure(MistralModel::hub(Tiny::new().hub()).lora("cicerone-tests/no-such-adapter")).await;
    assert!(error.ends_with("give a folder that holds cicerone-tests/no-such-adapter"), "{error}");
}
