//! Whole numbers of any size.

use std::{cmp::Ordering, iter};

/// The most bits of a power: a text of ten characters could ask for millions. No double holds nearly as many, so what is
/// lost are values that come back from so far.
const MOST_BITS: u64 = 1 << 16;

/// A whole number: a sign and its 32-bit digits, the lowest first, none of them a leading zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Integer {
    negative: bool,
    digits: Vec<u32>,
}

impl Integer {
    /// Reads decimal digits; anything else counts as zero.
    pub(crate) fn parse(text: &str) -> Self {
        let mut digits = Vec::new();
        for digit in text.bytes() {
            let mut carry = u64::from(digit.wrapping_sub(b'0') % 10);
            for word in &mut digits {
                let next = u64::from(*word) * 10 + carry;
                (*word, carry) = halves(next);
            }
            push(&mut digits, carry);
        }
        Self { negative: false, digits }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(crate) fn negated(self) -> Self {
        Self::new(!self.negative, self.digits)
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        if self.negative == other.negative {
            return Self::new(self.negative, sum(&self.digits, &other.digits));
        }
        match compare(&self.digits, &other.digits) {
            Ordering::Less => Self::new(other.negative, difference(&other.digits, &self.digits)),
            _ => Self::new(self.negative, difference(&self.digits, &other.digits)),
        }
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        Self::new(self.negative != other.negative, product(&self.digits, &other.digits))
    }

    /// The quotient, rounded down; none by zero.
    pub(crate) fn over(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let (quotient, rest) = divided(&self.digits, &other.digits);
        let negative = self.negative != other.negative;
        let quotient = if negative && !rest.is_empty() { sum(&quotient, &[1]) } else { quotient };
        Some(Self::new(negative, quotient))
    }

    /// The power to an exponent that isn't negative; none if it would be enormous.
    pub(crate) fn to_the(&self, exponent: &Self) -> Option<Self> {
        if self.digits.len() <= 1 && self.digits.first().is_none_or(|digit| *digit == 1) {
            // Zero and one, whose powers stay small whatever the exponent is.
            let odd = exponent.digits.first().is_some_and(|digit| digit & 1 == 1);
            let digits = if exponent.is_zero() { vec![1] } else { self.digits.clone() };
            return Some(Self::new(self.negative && odd, digits));
        }
        let [exponent] = exponent.digits.as_slice() else {
            return exponent.is_zero().then(|| Self::new(false, vec![1]));
        };
        if (bits(&self.digits) - 1) * u64::from(*exponent) > MOST_BITS {
            return None;
        }
        let mut power = vec![1];
        for bit in (0..32).rev() {
            power = product(&power, &power);
            if exponent >> bit & 1 == 1 {
                power = product(&power, &self.digits);
            }
        }
        Some(Self::new(self.negative && exponent & 1 == 1, power))
    }

    /// The nearest double, an exact tie to the even one; none beyond the largest.
    pub(crate) fn to_float(&self) -> Option<f64> {
        let float = nearest(&self.digits, false, 0);
        float.is_finite().then_some(if self.negative { -float } else { float })
    }

    /// The double nearest to the exact quotient by a number that isn't zero; none beyond the largest.
    pub(crate) fn ratio(&self, other: &Self) -> Option<f64> {
        // So many bits of quotient that the double's last one and the rest behind it are among them.
        let wanted = (bits(&other.digits) + 66).saturating_sub(bits(&self.digits));
        let (quotient, rest) = divided(&shifted(&self.digits, wanted), &other.digits);
        let float = nearest(&quotient, !rest.is_empty(), wanted);
        float.is_finite().then_some(if self.negative != other.negative { -float } else { float })
    }

    fn new(negative: bool, mut digits: Vec<u32>) -> Self {
        trim(&mut digits);
        Self { negative: negative && !digits.is_empty(), digits }
    }
}

/// The double nearest to `digits`, and a little more if there is a `rest`, over two to the power of `down`. Where there
/// is a rest, there are more than 64 bits.
#[expect(clippy::cast_precision_loss, reason = "the one rounding that there is")]
fn nearest(digits: &[u32], rest: bool, down: u64) -> f64 {
    let dropped = bits(digits).saturating_sub(64);
    let mut rest = rest;
    let mut top: u64 = 0;
    for at in (0..bits(digits)).rev() {
        if at >= dropped {
            top = top << 1 | u64::from(bit(digits, at));
        } else {
            rest |= bit(digits, at);
        }
    }
    // Below the last bit of a double: it only says on which side of a tie the number lies.
    let top = top | u64::from(rest);
    let mut scale = i64::try_from(dropped).unwrap_or(i64::MAX) - i64::try_from(down).unwrap_or(i64::MAX);
    let mut float = top as f64;
    while scale != 0 && float != 0.0 && float.is_finite() {
        let step = scale.clamp(-1000, 1000);
        float *= 2.0_f64.powi(i32::try_from(step).unwrap_or_default());
        scale -= step;
    }
    float
}

fn halves(word: u64) -> (u32, u64) {
    (u32::try_from(word & u64::from(u32::MAX)).unwrap_or_default(), word >> 32)
}

fn push(digits: &mut Vec<u32>, carry: u64) {
    if carry > 0 {
        digits.push(halves(carry).0);
    }
}

fn trim(digits: &mut Vec<u32>) {
    while digits.last() == Some(&0) {
        digits.pop();
    }
}

fn bits(digits: &[u32]) -> u64 {
    let last = digits.last().map_or(0, |digit| u64::from(32 - digit.leading_zeros()));
    (digits.len() as u64).saturating_sub(1) * 32 + last
}

fn bit(digits: &[u32], at: u64) -> bool {
    let word = usize::try_from(at / 32).ok().and_then(|word| digits.get(word));
    word.is_some_and(|word| word >> (at % 32) & 1 == 1)
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn sum(a: &[u32], b: &[u32]) -> Vec<u32> {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let mut carry = 0;
    let mut all = Vec::with_capacity(long.len() + 1);
    for (x, y) in long.iter().zip(short.iter().copied().chain(iter::repeat(0))) {
        let (word, next) = halves(u64::from(*x) + u64::from(y) + carry);
        all.push(word);
        carry = next;
    }
    push(&mut all, carry);
    all
}

/// `a - b`, where `a` is not smaller.
fn difference(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut borrowed = false;
    let mut all = Vec::with_capacity(a.len());
    for (x, y) in a.iter().zip(b.iter().copied().chain(iter::repeat(0))) {
        let (once, under) = x.overflowing_sub(y);
        let (twice, again) = once.overflowing_sub(u32::from(borrowed));
        borrowed = under || again;
        all.push(twice);
    }
    trim(&mut all);
    all
}

fn product(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut all = vec![0; a.len() + b.len()];
    for (at, x) in a.iter().enumerate() {
        let mut carry = 0;
        for (word, y) in all.iter_mut().skip(at).zip(b.iter().copied().chain(iter::repeat(0))) {
            (*word, carry) = halves(u64::from(*x) * u64::from(y) + u64::from(*word) + carry);
        }
    }
    trim(&mut all);
    all
}

fn shifted(digits: &[u32], up: u64) -> Vec<u32> {
    let words = usize::try_from(up / 32).unwrap_or_default();
    let mut all = vec![0; words];
    let mut carry = 0;
    for digit in digits {
        let (word, next) = halves((u64::from(*digit) << (up % 32)) | carry);
        all.push(word);
        carry = next;
    }
    push(&mut all, carry);
    trim(&mut all);
    all
}

/// Quotient and rest, bit by bit: the numbers here are short.
fn divided(a: &[u32], b: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut quotient = vec![0; a.len()];
    let mut rest: Vec<u32> = Vec::new();
    for at in (0..bits(a)).rev() {
        rest = shifted(&rest, 1);
        if bit(a, at) {
            rest = sum(&rest, &[1]);
        }
        if compare(&rest, b) != Ordering::Less {
            rest = difference(&rest, b);
            let word = usize::try_from(at / 32).ok().and_then(|word| quotient.get_mut(word));
            if let Some(word) = word {
                *word |= 1 << (at % 32);
            }
        }
    }
    trim(&mut quotient);
    (quotient, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Integer {
        match text.strip_prefix('-') {
            Some(digits) => Integer::parse(digits).negated(),
            None => Integer::parse(text),
        }
    }

    #[test]
    fn digits_beyond_a_machine_word_are_kept() {
        let big = "340282366920938463463374607431768211456"; // 2^128
        assert_eq!(number("2").to_the(&number("128")), Some(number(big)));
        assert_eq!(number(big).plus(&number("-1")).plus(&number("1")), number(big));
        let square = number(big).times(&number(big));
        assert_eq!(square.over(&number(big)), Some(number(big)));
        assert_eq!(number("-7").over(&number("2")), Some(number("-4")));
        assert_eq!(number("7").over(&number("-2")), Some(number("-4")));
        assert_eq!(number("-8").over(&number("2")), Some(number("-4")));
        assert_eq!(number("7").over(&number("0")), None);
        assert_eq!(number("5").plus(&number("-5")), number("0"));
        assert!(!number("0").negated().is_negative());
    }

    #[test]
    fn powers_of_any_size_are_known_or_refused() {
        assert_eq!(number("0").to_the(&number("0")), Some(number("1")));
        assert_eq!(number("-1").to_the(&number("99999999999999999999")), Some(number("-1")));
        assert_eq!(number("-3").to_the(&number("3")), Some(number("-27")));
        assert_eq!(number("9").to_the(&number("0")), Some(number("1")));
        assert_eq!(number("9").to_the(&number("999999999")), None);
        assert_eq!(number("9").to_the(&number("99999999999999999999")), None);
    }

    #[test]
    fn doubles_are_the_nearest_ones() {
        assert_eq!(number("9007199254740993").to_float(), Some(9_007_199_254_740_992.0));
        assert_eq!(number("9007199254740995").to_float(), Some(9_007_199_254_740_996.0));
        assert_eq!(number("-36893488147419103233").to_float(), Some(-36_893_488_147_419_103_232.0));
        assert_eq!(number("10").to_the(&number("309")).and_then(|big| big.to_float()), None);
        assert_eq!(number("10").to_the(&number("308")).and_then(|big| big.to_float()), Some(1e308));
        assert_eq!(number("1").ratio(&number("3")), Some(1.0 / 3.0));
        assert_eq!(number("0").ratio(&number("-3")), Some(0.0));
        let (big, bigger) = (number("2").to_the(&number("1090")), number("2").to_the(&number("1100")));
        assert_eq!(bigger.zip(big).and_then(|(bigger, big)| bigger.ratio(&big)), Some(1024.0));
        assert_eq!(number("-9007199254740993").ratio(&number("9007199254740992")), Some(-1.0));
    }
}
