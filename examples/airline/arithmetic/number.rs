//! The values of the calculator, and what can be done to them.

use super::integer::Integer;
use crate::refusal::Refusal;

/// A value. The last two are what some expressions come to, and nothing can be done with them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Whole(Integer),
    Float(f64),
    Complex,
    Tuple,
}

impl Number {
    /// What kind of value it is, as messages call it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Whole(_) => "int",
            Self::Float(_) => "float",
            Self::Complex => "complex",
            Self::Tuple => "tuple",
        }
    }

    pub(super) fn into_float(self) -> Result<f64, Refusal> {
        match self {
            Self::Whole(whole) => whole.to_float().ok_or_else(too_large),
            Self::Float(float) => Ok(float),
            Self::Complex | Self::Tuple => {
                let kind = self.kind();
                Err(Refusal::new(format!("float() argument must be a string or a real number, not '{kind}'")))
            }
        }
    }

    pub(super) fn signed(self, negative: bool) -> Result<Self, Refusal> {
        Ok(match self {
            Self::Whole(whole) if negative => Self::Whole(whole.negated()),
            Self::Float(float) if negative => Self::Float(-float),
            Self::Tuple => return Err(Refusal::new("bad operand type for a sign: 'tuple'")),
            other => other,
        })
    }

    pub(super) fn plus(self, other: Self) -> Result<Self, Refusal> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Ok(Self::Whole(a.plus(&b))),
            (a, b) => Ok(Self::Float(a.into_float()? + b.into_float()?)),
        }
    }

    pub(super) fn minus(self, other: Self) -> Result<Self, Refusal> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Ok(Self::Whole(a.plus(&b.negated()))),
            (a, b) => Ok(Self::Float(a.into_float()? - b.into_float()?)),
        }
    }

    pub(super) fn times(self, other: Self) -> Result<Self, Refusal> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Ok(Self::Whole(a.times(&b))),
            (a, b) => Ok(Self::Float(a.into_float()? * b.into_float()?)),
        }
    }

    pub(super) fn over(&self, other: &Self) -> Result<Self, Refusal> {
        if let (Self::Whole(a), Self::Whole(b)) = (self, other) {
            if b.is_zero() {
                return Err(Refusal::new("division by zero"));
            }
            let too_large = || Refusal::new("integer division result too large for a float");
            return a.ratio(b).map(Self::Float).ok_or_else(too_large);
        }
        let (a, b) = (self.clone().into_float()?, other.clone().into_float()?);
        if b == 0.0 { Err(Refusal::new("float division by zero")) } else { Ok(Self::Float(a / b)) }
    }

    pub(super) fn floor(self, other: Self) -> Result<Self, Refusal> {
        if let (Self::Whole(a), Self::Whole(b)) = (&self, &other) {
            let by_zero = || Refusal::new("integer division or modulo by zero");
            return a.over(b).map(Self::Whole).ok_or_else(by_zero);
        }
        let (a, b) = (self.into_float()?, other.into_float()?);
        if b == 0.0 {
            return Err(Refusal::new("float floor division by zero"));
        }
        Ok(Self::Float(floor(a, b)))
    }

    pub(super) fn to_the(&self, exponent: &Self) -> Result<Self, Refusal> {
        if let (Self::Whole(base), Self::Whole(exponent)) = (self, exponent)
            && !exponent.is_negative()
        {
            return base.to_the(exponent).map(Self::Whole).ok_or_else(too_large);
        }
        let (base, exponent) = (self.clone().into_float()?, exponent.clone().into_float()?);
        if base == 0.0 && exponent < 0.0 {
            return Err(Refusal::new("0.0 cannot be raised to a negative power"));
        }
        if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent.floor() != exponent {
            return Ok(Self::Complex);
        }
        let power = base.powf(exponent);
        if power.is_infinite() && base.is_finite() && exponent.is_finite() {
            return Err(Refusal::new("(34, 'Numerical result out of range')"));
        }
        Ok(Self::Float(power))
    }
}

fn too_large() -> Refusal {
    Refusal::new("int too large to convert to float")
}

/// The floor of the exact quotient, where it is a double, and else next to it; the sign of a zero is the quotient's.
fn floor(a: f64, b: f64) -> f64 {
    let rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 && (b < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(a / b);
    }
    // The division above may have been rounded to either side of a whole number.
    let whole = quotient.floor();
    if quotient - whole > 0.5 { whole + 1.0 } else { whole }
}
