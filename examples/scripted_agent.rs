//! The first agent again, with a model that plays a script: no weights, no waiting, the same planner.
//!
//! `cargo run --example scripted_agent`

use cicerone::{prelude::*, scripted::Reply};

/// Tell how warm it is in a city, in degrees Celsius.
#[tool(effect = "read")]
async fn temperature(
    /// the city's name
    city: String,
) -> Result<f64, ToolError> {
    match city.as_str() {
        "Lisbon" => Ok(18.0),
        "Oslo" => Ok(-2.5),
        _ => Err(ToolError::ask(format!("I don't know the weather in {city}; in Lisbon or in Oslo?"))),
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let model = ScriptedModel::new()
        .reply("# How warm is it in Lisbon\ntemperature(\"Lisbon\")\n# in Oslo\ntemperature(\"Oslo\")\nend")
        .then(Reply::text("Lisbon has 18 °C, Oslo -2.5 °C.").expecting("-2.5"));
    let agent = Agent::builder(model.clone()).tools(tools![temperature]).build()?;

    let run = agent.run("How warm is it in Lisbon and in Oslo?").await?;
    println!("{}\n", run.output()?);
    println!("{}", run.trace);

    // The script was played to its end, and each reply to the request that it expects.
    model.assert_complete();
    Ok(())
}
