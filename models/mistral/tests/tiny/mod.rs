//! A Llama of two layers and random weights, written in each form that models come in.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// Quantising to 4 bits takes rows of multiples of 256.
const HIDDEN: usize = 256;
const LAYERS: usize = 2;
const HEADS: usize = 4;
const HEAD: usize = HIDDEN / HEADS;
/// The bytes, one merge, and two tokens for ends.
const VOCABULARY: usize = 256 + 3;
const END_OF_TURN: &str = "<|im_end|>";
const END_OF_TEXT: &str = "<|endoftext|>";
const TEMPLATE: &str = "{% for message in messages %}{{ message.role }}: {{ message.content }}<|im_end|>{% endfor %}a:";
/// The rank of adapters.
const RANK: usize = 4;

/// The files of one test.
pub(crate) struct Tiny {
    folder: TempDir,
    tensors: Vec<Tensor>,
}

/// A matrix of as many rows as outputs, or a vector.
struct Tensor {
    name: String,
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tiny {
    pub(crate) fn new() -> Self {
        let mut tensors = vec![
            matrix("model.embed_tokens.weight", VOCABULARY, HIDDEN),
            matrix("lm_head.weight", VOCABULARY, HIDDEN),
            ones("model.norm.weight"),
        ];
        for layer in 0..LAYERS {
            let prefix = format!("model.layers.{layer}");
            for linear in ["q_proj", "k_proj", "v_proj", "o_proj"] {
                tensors.push(matrix(&format!("{prefix}.self_attn.{linear}.weight"), HIDDEN, HIDDEN));
            }
            for linear in ["gate_proj", "up_proj", "down_proj"] {
                tensors.push(matrix(&format!("{prefix}.mlp.{linear}.weight"), HIDDEN, HIDDEN));
            }
            tensors.push(ones(&format!("{prefix}.input_layernorm.weight")));
            tensors.push(ones(&format!("{prefix}.post_attention_layernorm.weight")));
        }
        // No byte above ASCII is ever the likeliest: text never ends amid a character.
        tensors[1].data[128 * HIDDEN..256 * HIDDEN].fill(0.0);
        Self { folder: TempDir::new().unwrap(), tensors }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder of the hub's form.
    pub(crate) fn hub(&self) -> String {
        let folder = self.path("hub");
        std::fs::create_dir_all(&folder).unwrap();
        let config = json!({
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
            "hidden_size": HIDDEN, "intermediate_size": HIDDEN, "vocab_size": VOCABULARY,
            "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": HEADS,
            "rms_norm_eps": 1e-5, "rope_theta": 10_000.0, "max_position_embeddings": 512,
            "tie_word_embeddings": false, "torch_dtype": "float32", "eos_token_id": 257,
        });
        let added = |(id, text): (usize, &str)| {
            json!({
                "id": id, "content": text, "special": true, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false,
            })
        };
        let byte_level = json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false });
        let vocabulary: Map<String, Value> =
            vocabulary().into_iter().zip(0_usize..).map(|(token, id)| (token, id.into())).collect();
        let tokenizer = json!({
            "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
            "added_tokens": [added((257, END_OF_TURN)), added((258, END_OF_TEXT))],
            "pre_tokenizer": byte_level, "post_processor": null, "decoder": byte_level,
            "model": {
                "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
                "vocab": vocabulary, "merges": ["a b"],
            },
        });
        let tokenizer_config =
            json!({ "chat_template": TEMPLATE, "eos_token": END_OF_TURN, "bos_token": null, "unk_token": null });
        write_json(&folder.join("config.json"), &config);
        write_json(&folder.join("tokenizer.json"), &tokenizer);
        write_json(&folder.join("tokenizer_config.json"), &tokenizer_config);
        write_json(&folder.join("generation_config.json"), &json!({ "eos_token_id": [257, 258] }));
        write_safetensors(&folder.join("model.safetensors"), &self.tensors);
        folder.to_str().unwrap().to_owned()
    }

    /// A GGUF file, which says that it is of this architecture.
    pub(crate) fn gguf(&self, architecture: &str) -> String {
        let number = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
        let text = |value: &str| [&(value.len() as u64).to_le_bytes(), value.as_bytes()].concat();
        let texts = |values: &[String]| {
            let count = (values.len() as u64).to_le_bytes();
            [&number(8)[..], &count, &values.iter().map(|value| text(value)).collect::<Vec<_>>().concat()].concat()
        };
        // Usual ones, and two for control.
        let kinds = (0..VOCABULARY).flat_map(|token| number(if token < 257 { 1 } else { 3 }));
        let kinds = [&number(5)[..], &(VOCABULARY as u64).to_le_bytes(), &kinds.collect::<Vec<_>>()].concat();
        let of = |key: &str| format!("{architecture}.{key}");
        let entry = |key: &str, kind: usize, value: &[u8]| [&text(key), &number(kind)[..], value].concat();
        let entries = [
            entry("general.architecture", 8, &text(architecture)),
            entry(&of("context_length"), 4, &number(512)),
            entry(&of("embedding_length"), 4, &number(HIDDEN)),
            entry(&of("feed_forward_length"), 4, &number(HIDDEN)),
            entry(&of("block_count"), 4, &number(LAYERS)),
            entry(&of("attention.head_count"), 4, &number(HEADS)),
            entry(&of("attention.head_count_kv"), 4, &number(HEADS)),
            entry(&of("rope.dimension_count"), 4, &number(HEAD)),
            entry(&of("attention.layer_norm_rms_epsilon"), 6, &1e-5_f32.to_le_bytes()),
            entry("tokenizer.ggml.model", 8, &text("gpt2")),
            entry("tokenizer.ggml.tokens", 9, &texts(&vocabulary())),
            entry("tokenizer.ggml.token_type", 9, &kinds),
            entry("tokenizer.ggml.merges", 9, &texts(&["a b".to_owned()])),
            entry("tokenizer.ggml.eos_token_id", 4, &number(257)),
            entry("tokenizer.chat_template", 8, &text(TEMPLATE)),
        ];
        let (mut infos, mut data) = (Vec::new(), Vec::new());
        for tensor in &self.tensors {
            infos.extend(text(&gguf_name(&tensor.name)));
            infos.extend(number(tensor.shape.len()));
            tensor.shape.iter().rev().for_each(|size| infos.extend((*size as u64).to_le_bytes()));
            infos.extend(number(0));
            infos.extend((data.len() as u64).to_le_bytes());
            let turned = tensor.name.contains("q_proj") || tensor.name.contains("k_proj");
            data.extend(bytes(&if turned { interleaved(&tensor.data) } else { tensor.data.clone() }));
            data.resize(data.len().next_multiple_of(32), 0);
        }
        let mut file = [&b"GGUF"[..], &number(3)].concat();
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend((entries.len() as u64).to_le_bytes());
        file.extend(entries.concat());
        file.extend(infos);
        file.resize(file.len().next_multiple_of(32), 0);
        file.extend(data);
        let path = self.path(&format!("{architecture}.gguf"));
        std::fs::write(&path, file).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A folder with an adapter of these linear layers.
    pub(crate) fn adapter(&self, name: &str, targets: &[&str]) -> String {
        let folder = self.path(name);
        std::fs::create_dir_all(&folder).unwrap();
        let config = json!({
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "tiny", "bias": "none",
            "r": RANK, "lora_alpha": 16, "lora_dropout": 0.0, "target_modules": targets,
        });
        let of_targets = |tensor: &&Tensor| targets.iter().any(|target| tensor.name.contains(target));
        let tensors = self.tensors.iter().filter(of_targets).flat_map(|tensor| {
            let prefix = format!("base_model.model.{}", tensor.name.trim_end_matches(".weight"));
            let a = matrix(&format!("{prefix}.lora_A.weight"), RANK, HIDDEN);
            let b = matrix(&format!("{prefix}.lora_B.weight"), HIDDEN, RANK);
            [a, b]
        });
        write_json(&folder.join("adapter_config.json"), &config);
        write_safetensors(&folder.join("adapter_model.safetensors"), &tensors.collect::<Vec<_>>());
        folder.to_str().unwrap().to_owned()
    }
}

/// The tokens in the order of their numbers. Bytes that don't print stand as letters from 256 on, as GPT-2 has it.
fn vocabulary() -> Vec<String> {
    let prints = |byte: &u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let mut others = 256..;
    let bytes = (0..256).map(|byte| if prints(&byte) { byte } else { others.next().unwrap() });
    let mut tokens: Vec<String> = bytes.map(|letter| char::from_u32(letter).unwrap().to_string()).collect();
    tokens.extend(["ab", END_OF_TURN, END_OF_TEXT].map(str::to_owned));
    tokens
}

/// Random weights, always the same ones for a name.
fn matrix(name: &str, rows: usize, columns: usize) -> Tensor {
    let mut state = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    Tensor {
        name: name.to_owned(),
        shape: vec![rows, columns],
        data: (0..rows * columns).map(|_| random() * 0.3).collect(),
    }
}

fn ones(name: &str) -> Tensor {
    Tensor { name: name.to_owned(), shape: vec![HIDDEN], data: vec![1.0; HIDDEN] }
}

/// The rows of each head in the order in which llama.cpp's converter puts them: the halves that rotate together, in turn.
fn interleaved(rows: &[f32]) -> Vec<f32> {
    let row = |at: usize| &rows[at * HIDDEN..(at + 1) * HIDDEN];
    (0..HIDDEN).flat_map(|at| row(at / HEAD * HEAD + at % 2 * (HEAD / 2) + at % HEAD / 2)).copied().collect()
}

fn gguf_name(name: &str) -> String {
    [
        ("model.layers.", "blk."),
        ("model.embed_tokens", "token_embd"),
        ("model.norm", "output_norm"),
        ("lm_head", "output"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
        ("input_layernorm", "attn_norm"),
        ("post_attention_layernorm", "ffn_norm"),
    ]
    .iter()
    .fold(name.to_owned(), |name, (from, to)| name.replace(from, to))
}

fn bytes(data: &[f32]) -> Vec<u8> {
    data.iter().flat_map(|weight| weight.to_le_bytes()).collect()
}

fn write_json(path: &Path, value: &Value) {
    std::fs::write(path, value.to_string()).unwrap();
}

/// The length of the header, the header, the data.
fn write_safetensors(path: &Path, tensors: &[Tensor]) {
    let (mut header, mut data) = (Map::new(), Vec::new());
    for tensor in tensors {
        let begin = data.len();
        data.extend(bytes(&tensor.data));
        let entry = json!({ "dtype": "F32", "shape": tensor.shape, "data_offsets": [begin, data.len()] });
        header.insert(tensor.name.clone(), entry);
    }
    let mut header = Value::Object(header).to_string();
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat();
    std::fs::write(path, file).unwrap();
}
