//! A first agent: one tool, and a model on this machine that plans with it and answers from what it returned.
//!
//! `cargo run --example first_agent -- "How warm is it in Lisbon and in Oslo?"`

use cicerone::{mistral::catalogue::progress, prelude::*};

/// Tell how warm it is in a city, in degrees Celsius.
#[tool(effect = "read")]
async fn temperature(
    /// the city's name
    city: String,
) -> Result<f64, ToolError> {
    // A real tool would ask a weather service; this one reads a short table.
    let table = [("Lisbon", 18.0), ("Oslo", -2.5), ("Athens", 21.0), ("Lima", 19.5)];
    let known = table.iter().find(|(name, _)| name.eq_ignore_ascii_case(&city));
    known.map(|(_, degrees)| *degrees).ok_or_else(|| {
        let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
        ToolError::ask(format!("I don't know the weather in {city}; in which of {}?", names.join(", ")))
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let question = std::env::args().nth(1).unwrap_or_else(|| "How warm is it in Lisbon and in Oslo?".to_owned());
    let model = MistralModel::gguf("qwen2.5-coder-1.5b").progress(progress::stderr()).await?;
    let agent = Agent::builder(model)
        .tools(tools![temperature])
        .example("How warm is it in Athens?", "# How warm is it in Athens\ntemperature(\"Athens\")\nend")
        .build()?;

    let run = agent.run(question).await?;
    match &run.outcome {
        Outcome::Completed(answer) => println!("{answer}\n"),
        Outcome::NeedsInput(questions) => println!("{}\n", questions.join("\n")),
        _ => println!("The run waits for a person.\n"),
    }
    println!("{}", run.trace);
    Ok(())
}
