//! A line of arithmetic, read.

use super::{integer::Integer, number::Number};
use crate::refusal::Refusal;

/// What stands in a line. Long sums and products are flat, so that only parentheses and powers nest.
#[derive(Debug)]
pub(super) enum Expression {
    Whole(Integer),
    Float(f64),
    /// `()`.
    Nothing,
    Signed {
        negative: bool,
        of: Box<Expression>,
    },
    /// Operations on a value, from left to right.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
    /// A value that is used like a function.
    Call(Box<Expression>, Box<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
    Floor,
    Power,
}

impl Expression {
    /// What it comes to.
    pub(super) fn value(self) -> Result<Number, Refusal> {
        match self {
            Self::Whole(whole) => Ok(Number::Whole(whole)),
            Self::Float(float) => Ok(Number::Float(float)),
            Self::Nothing => Ok(Number::Tuple),
            Self::Signed { negative, of } => of.value()?.signed(negative),
            Self::Chain(first, others) => others.into_iter().try_fold(first.value()?, |so_far, (operator, other)| {
                let other = other.value()?;
                match operator {
                    Operator::Plus => so_far.plus(other),
                    Operator::Minus => so_far.minus(other),
                    Operator::Times => so_far.times(other),
                    Operator::Over => so_far.over(&other),
                    Operator::Floor => so_far.floor(other),
                    Operator::Power => so_far.to_the(&other),
                }
            }),
            Self::Call(called, handed_over) => {
                let called = called.value()?;
                handed_over.value()?;
                Err(Refusal::new(format!("'{}' object is not callable", called.kind())))
            }
        }
    }
}
