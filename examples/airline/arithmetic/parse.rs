//! Reading a line of arithmetic.

use super::{
    expression::{Expression, Operator},
    integer::Integer,
};
use crate::refusal::Refusal;

/// How deep parentheses and powers may stand in each other.
const DEEPEST: usize = 200;

/// Reads an expression; nothing is computed.
pub(super) fn parse(text: &str) -> Result<Expression, Refusal> {
    if text.trim_matches(' ').is_empty() {
        return Err(Refusal::new("invalid syntax (<string>, line 0)"));
    }
    let tokens = tokens(text)?;
    let open = tokens.iter().filter(|token| **token == Token::Open).count();
    let unclosed = open > tokens.iter().filter(|token| **token == Token::Close).count();
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let read = parser.sum().filter(|_| parser.tokens.is_empty());
    match read {
        _ if unclosed => Err(wrong("'(' was never closed")),
        Some(expression) => Ok(expression),
        None if parser.depth > DEEPEST => Err(wrong("too many nested parentheses")),
        None => Err(wrong("invalid syntax")),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Whole(Integer),
    Float(f64),
    Operator(Operator),
    Open,
    Close,
}

fn wrong(what: &str) -> Refusal {
    Refusal::new(format!("{what} (<string>, line 1)"))
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut open = 0_usize;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            ' ' => {
                rest = rest.trim_start_matches(' ');
                continue;
            }
            '(' => {
                open += 1;
                (Token::Open, 1)
            }
            ')' => {
                open = open.checked_sub(1).ok_or_else(|| wrong("unmatched ')'"))?;
                (Token::Close, 1)
            }
            '+' => (Token::Operator(Operator::Plus), 1),
            '-' => (Token::Operator(Operator::Minus), 1),
            '*' if rest.starts_with("**") => (Token::Operator(Operator::Power), 2),
            '*' => (Token::Operator(Operator::Times), 1),
            '/' if rest.starts_with("//") => (Token::Operator(Operator::Floor), 2),
            '/' => (Token::Operator(Operator::Over), 1),
            _ => number(rest)?,
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(tokens)
}

/// The number that a text begins with, and its length.
fn number(text: &str) -> Result<(Token, usize), Refusal> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let behind = text.get(whole..).unwrap_or_default();
    let Some(fraction) = behind.strip_prefix('.') else {
        let literal = text.get(..whole).unwrap_or_default();
        if literal.starts_with('0') && literal.bytes().any(|digit| digit != b'0') {
            return Err(wrong(
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
            ));
        }
        return Ok((Token::Whole(Integer::parse(literal)), whole));
    };
    let length = whole + 1 + digits(fraction);
    let literal = text.get(..length).unwrap_or_default();
    // A lone point is the one text here that is no float.
    let float = literal.parse().map_err(|_| wrong("invalid syntax"))?;
    Ok((Token::Float(float), length))
}

/// What is still to be read. A method gives nothing where the text is malformed.
struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Parser<'_> {
    fn sum(&mut self) -> Option<Expression> {
        self.chain(&[Operator::Plus, Operator::Minus], Self::product)
    }

    fn product(&mut self) -> Option<Expression> {
        self.chain(&[Operator::Times, Operator::Over, Operator::Floor], Self::signed)
    }

    fn chain(&mut self, among: &[Operator], part: fn(&mut Self) -> Option<Expression>) -> Option<Expression> {
        let first = part(self)?;
        let mut others = Vec::new();
        while let Some(operator) = self.operator(among) {
            others.push((operator, part(self)?));
        }
        Some(if others.is_empty() { first } else { Expression::Chain(Box::new(first), others) })
    }

    fn signed(&mut self) -> Option<Expression> {
        let mut negative = false;
        let mut signs = 0;
        while let Some(sign) = self.operator(&[Operator::Plus, Operator::Minus]) {
            negative ^= sign == Operator::Minus;
            signs += 1;
        }
        let of = self.power()?;
        Some(if signs == 0 { of } else { Expression::Signed { negative, of: Box::new(of) } })
    }

    fn power(&mut self) -> Option<Expression> {
        let base = self.called()?;
        if self.operator(&[Operator::Power]).is_none() {
            return Some(base);
        }
        let exponent = self.deeper(Self::signed)?;
        Some(Expression::Chain(Box::new(base), vec![(Operator::Power, exponent)]))
    }

    fn called(&mut self) -> Option<Expression> {
        let value = self.atom()?;
        if !self.takes(&Token::Open) {
            return Some(value);
        }
        let call = Expression::Call(Box::new(value), Box::new(self.inside()?));
        // Of several calls only the first can be reached: it fails.
        while self.takes(&Token::Open) {
            self.inside()?;
        }
        Some(call)
    }

    fn atom(&mut self) -> Option<Expression> {
        let (first, rest) = self.tokens.split_first()?;
        let read = match first {
            Token::Whole(whole) => Expression::Whole(whole.clone()),
            Token::Float(float) => Expression::Float(*float),
            Token::Open => {
                self.tokens = rest;
                return self.inside();
            }
            Token::Operator(_) | Token::Close => return None,
        };
        self.tokens = rest;
        Some(read)
    }

    /// What stands between parentheses, the first of which is read already.
    fn inside(&mut self) -> Option<Expression> {
        if self.takes(&Token::Close) {
            return Some(Expression::Nothing);
        }
        let inside = self.deeper(Self::sum)?;
        self.takes(&Token::Close).then_some(inside)
    }

    fn deeper(&mut self, part: fn(&mut Self) -> Option<Expression>) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let read = part(self)?;
        self.depth -= 1;
        Some(read)
    }

    fn operator(&mut self, among: &[Operator]) -> Option<Operator> {
        let (Token::Operator(operator), rest) = self.tokens.split_first()? else { return None };
        among.contains(operator).then(|| {
            self.tokens = rest;
            *operator
        })
    }

    fn takes(&mut self, token: &Token) -> bool {
        let rest = self.tokens.split_first().filter(|(first, _)| *first == token).map(|(_, rest)| rest);
        rest.inspect(|rest| self.tokens = rest).is_some()
    }
}
