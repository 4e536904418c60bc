//! `calculate`, `think` and `transfer_to_human_agents`: what needs no data.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{arithmetic, desk::Operation, tables::Draft, world::Done};

pub(super) struct Calculate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Expression {
    /// Numbers, `+`, `-`, `*`, `/`, parentheses and spaces, such as "2 + 2".
    expression: String,
}

impl Operation for Calculate {
    const NAME: &'static str = "calculate";
    const DESCRIPTION: &'static str = "Work out an arithmetic expression.";
    const EFFECT: Effect = Effect::Read;
    type Args = Expression;

    fn perform(args: Expression, _: &mut Draft<'_>) -> Done {
        arithmetic::calculate(&args.expression)
    }
}

pub(super) struct Think;

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "a thought is for the journal")]
pub(super) struct Thought {
    thought: String,
}

impl Operation for Think {
    const NAME: &'static str = "think";
    const DESCRIPTION: &'static str =
        "Think about something. It finds out nothing and changes nothing; use it where there is much to weigh up.";
    const EFFECT: Effect = Effect::Read;
    type Args = Thought;

    fn perform(_: Thought, _: &mut Draft<'_>) -> Done {
        Ok(String::new())
    }
}

pub(super) struct TransferToHumanAgents;

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "a summary is for the person who takes over, who reads the journal")]
pub(super) struct Summary {
    /// What the user's matter is.
    summary: String,
}

impl Operation for TransferToHumanAgents {
    const NAME: &'static str = super::LAST;
    const DESCRIPTION: &'static str = "Hand the user over to a person, with a summary of the matter. Only if the user \
        asks for a person, or the matter can't be settled with the other tools.";
    const EFFECT: Effect = Effect::Read;
    type Args = Summary;

    fn perform(_: Summary, _: &mut Draft<'_>) -> Done {
        Ok("Transfer successful".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::testing::Airline;
    use serde_json::json;

    #[test]
    fn words_change_nothing() {
        let mut airline = Airline::new();
        assert_eq!(airline.does::<Think>(json!({"thought": "Hm."})), Ok(String::new()));
        let handed_over = airline.does::<TransferToHumanAgents>(json!({"summary": "Angry."}));
        assert_eq!(handed_over, Ok("Transfer successful".to_owned()));
        assert_eq!(airline.does::<Calculate>(json!({"expression": "152 + 103"})), Ok("255.0".to_owned()));
        assert_eq!(airline.refuses::<Calculate>(json!({"expression": "1/0"})), "Error: division by zero");
    }
}
