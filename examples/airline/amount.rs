//! Numbers as the airline counts: whole ones stay whole, and a float makes a float of what it meets.

use std::{cmp::Ordering, fmt};

use serde_json::{Number, Value};

use crate::refusal::Refusal;

/// An amount of money, or a count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    Whole(i128),
    Float(f64),
}

impl Amount {
    pub(crate) const ZERO: Self = Self::Whole(0);

    /// Reads a JSON number.
    pub(crate) fn read(value: &Value) -> Result<Self, Refusal> {
        value.as_number().and_then(Self::of).ok_or_else(|| Refusal::new(format!("{value} is not a number")))
    }

    /// The amount that a JSON number is.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        number.as_i128().map(Self::Whole).or_else(|| number.as_f64().map(Self::Float))
    }

    pub(crate) fn count(many: usize) -> Self {
        Self::Whole(i128::try_from(many).unwrap_or(i128::MAX))
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        self.with(other, i128::saturating_add, |a, b| a + b)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        self.with(other, i128::saturating_sub, |a, b| a - b)
    }

    pub(crate) fn times(self, other: Self) -> Self {
        self.with(other, i128::saturating_mul, |a, b| a * b)
    }

    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Whole(whole) => Self::Whole(whole.saturating_neg()),
            Self::Float(float) => Self::Float(-float),
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// The amount as it is written into a record.
    pub(crate) fn to_value(self) -> Result<Value, Refusal> {
        let number = match self {
            Self::Whole(whole) => Number::from_i128(whole),
            Self::Float(float) => Number::from_f64(float),
        };
        number.map(Value::Number).ok_or_else(|| Refusal::new(format!("{self} can't be stored")))
    }

    fn with(self, other: Self, whole: fn(i128, i128) -> i128, float: fn(f64, f64) -> f64) -> Self {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Self::Whole(whole(a, b)),
            (a, b) => Self::Float(float(a.to_float(), b.to_float())),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "what meets a float becomes one")]
    fn to_float(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }
}

// By value: 5 is 5.0, and no digit of either is lost on the way.
impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (*self, *other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Whole(whole), Self::Float(float)) => compare(whole, float),
            (Self::Float(float), Self::Whole(whole)) => compare(whole, float).map(Ordering::reverse),
        }
    }
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the part before the point is exact")]
fn compare(whole: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Floats beyond its bounds become the bounds, which no amount reaches.
    let before_the_point = float as i128;
    let rest = float - before_the_point as f64;
    Some(whole.cmp(&before_the_point).then(0.0_f64.partial_cmp(&rest)?))
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => write!(f, "{whole}"),
            Self::Float(float) => f.write_str(&float_text(*float)),
        }
    }
}

/// A float in the shortest digits that read back as the same one, always with a point or an exponent.
pub(crate) fn float_text(float: f64) -> String {
    if !float.is_finite() {
        return if float.is_nan() { "nan".to_owned() } else { format!("{float}") };
    }
    let shortest = shortest(float.abs());
    let (digits, exponent) = shortest.split_once('e').unwrap_or((shortest.as_str(), "0"));
    let digits = digits.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if float.is_sign_negative() { "-" } else { "" };
    let zeros = |many: i32| "0".repeat(usize::try_from(many).unwrap_or_default());
    let cut = |at: i32| digits.split_at_checked(usize::try_from(at).unwrap_or_default());
    match exponent {
        -4..0 => format!("{sign}0.{}{digits}", zeros(-exponent - 1)),
        0..16 => match cut(exponent + 1) {
            Some((whole, rest)) if !rest.is_empty() => format!("{sign}{whole}.{rest}"),
            _ => {
                let known = i32::try_from(digits.len()).unwrap_or(i32::MAX);
                format!("{sign}{digits}{}.0", zeros(exponent + 1 - known))
            }
        },
        _ => {
            let (first, rest) = cut(1).unwrap_or((&digits, ""));
            let point = if rest.is_empty() { "" } else { "." };
            let direction = if exponent < 0 { '-' } else { '+' };
            format!("{sign}{first}{point}{rest}e{direction}{:02}", exponent.abs())
        }
    }
}

/// The fewest digits that read back as the same float, and of several that do the nearest, of two as near the even one.
fn shortest(float: f64) -> String {
    let fewest = format!("{float:e}");
    let digits = fewest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    let nearest = format!("{float:.*e}", digits.saturating_sub(1));
    if nearest.parse() == Ok(float) { nearest } else { fewest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_are_written_shortest_with_a_point_or_an_exponent() {
        for (float, text) in [
            (255.0, "255.0"),
            (0.5, "0.5"),
            (-0.0, "-0.0"),
            (0.0, "0.0"),
            (12.75, "12.75"),
            (100.0, "100.0"),
            (0.0001, "0.0001"),
            (0.000_123, "0.000123"),
            (0.000_01, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1_234_567_890_123_456.0, "1234567890123456.0"),
            (1e16, "1e+16"),
            (1.234_567_890_123_456_7e19, "1.2345678901234567e+19"),
            (-1.5e300, "-1.5e+300"),
            (5e-324, "5e-324"),
            // As near to the next digit up as to this one.
            (1_604_791_036_296_272.5 / 2.0, "802395518148136.2"),
            (1_604_791_036_296_273.5 / 2.0, "802395518148136.8"),
            (2.0_f64.powi(-44), "5.684341886080802e-14"),
            (9_007_199_254_740_992.0, "9007199254740992.0"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(float_text(float), text);
        }
    }

    #[test]
    fn whole_numbers_stay_whole_until_they_meet_a_float() {
        let read = |value| Amount::read(&value).unwrap();
        assert_eq!(read(json!(250)).plus(read(json!(5))).to_string(), "255");
        assert_eq!(read(json!(250)).plus(read(json!(5.0))).to_string(), "255.0");
        assert_eq!(read(json!(250.5)).times(Amount::count(2)).to_string(), "501.0");
        assert_eq!(read(json!(250)).minus(read(json!(300))).to_value().unwrap(), json!(-50));
        assert_eq!(read(json!(0)).negated().to_value().unwrap(), json!(0));
        assert_eq!(read(json!(0.0)).negated().to_string(), "-0.0");
        assert_eq!(Amount::read(&json!("5")).unwrap_err().to_string(), "Error: \"5\" is not a number");
    }

    #[test]
    fn amounts_are_compared_by_value() {
        let read = |value| Amount::read(&value).unwrap();
        assert_eq!(read(json!(5)), read(json!(5.0)));
        assert!(read(json!(5)) < read(json!(5.5)) && read(json!(-5.5)) < read(json!(-5)));
        assert!(read(json!(9_007_199_254_740_993_i64)) > read(json!(9_007_199_254_740_992.0)));
        assert!(read(json!(1e300)) > read(json!(u64::MAX)) && read(json!(-0.0)).is_zero());
    }
}
