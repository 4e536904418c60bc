//! The airline's calculator: a line of arithmetic in, a number rounded to cents out.

mod expression;
mod integer;
mod number;
mod parse;

use crate::{amount::float_text, refusal::Refusal};

/// The value of an expression, rounded to two decimals.
pub(crate) fn calculate(text: &str) -> Result<String, Refusal> {
    if text.contains(|character: char| !"0123456789+-*/(). ".contains(character)) {
        return Err(Refusal::new("invalid characters in expression"));
    }
    let value = parse::parse(text)?.value()?;
    Ok(float_text(to_cents(value.into_float()?)))
}

/// The nearest multiple of 0.01 to the exact value of a double, an exact tie to the even digit, as a double again.
fn to_cents(float: f64) -> f64 {
    // Writing out is exact, whatever the size; what can't be read back is infinite or no number, and stays as it is.
    format!("{float:.2}").parse().unwrap_or(float)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
