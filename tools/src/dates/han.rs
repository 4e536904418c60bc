//! The basics of Chinese: 12月3日, 下周五, 明天, 三晚, 下午5点, 两个人.

use jiff::civil::Weekday;
use serde_json::Number;

use super::clock::clock;
use super::numeric;
use super::scan::{Day, Expr, Found};
use super::token::{Kind, Tokens};
use super::words::Unit;

/// Takes a Chinese phrase, which begins with a character or with figures.
pub(super) fn phrase(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let is_han = |at: usize| tokens.get(at).is_some_and(|token| token.kind == Kind::Han);
    let figures = tokens.is_digits(at) && is_han(at + 1);
    if !figures && !is_han(at) {
        return None;
    }
    // 第3天 is the third day of something.
    if tokens.before(at).is_some_and(|before| matches!(before.first, '第' | '每')) && is_han(at - 1) {
        return None;
    }
    day(tokens, at, found)
        .or_else(|| weekday(tokens, at, found))
        .or_else(|| near(tokens, at, found))
        .or_else(|| time(tokens, at, found))
        .or_else(|| amount(tokens, at, found))
}

/// 2026年12月3日, 12月3号, and 7日 where a date stands before.
fn day(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let (value, end) = number(tokens, at)?;
    if let Some(end) = tokens.han(end, "年") {
        let year = numeric::year(value)?;
        let Some((month, day, end)) = month_day(tokens, end) else {
            let end = number(tokens, end).and_then(|(_, end)| tokens.han(end, "月")).unwrap_or(end);
            return found.add(tokens, at, end, Expr::Nothing);
        };
        return found.add(tokens, at, end, Expr::Day(Day { year: Some(year), month: Some(month), day, weekday: None }));
    }
    if let Some((month, day, end)) = month_day(tokens, at) {
        return found.add(tokens, at, end, Expr::Day(Day { month: Some(month), day, ..Day::default() }));
    }
    if let Some(end) = tokens.han(end, "月") {
        return found.add(tokens, at, end, Expr::Nothing);
    }
    let end = tokens.han(end, "日").or(tokens.han(end, "号")).or(tokens.han(end, "號"))?;
    found.last_date()?;
    let day = i8::try_from(value).ok().filter(|day| (1..40).contains(day))?;
    found.add(tokens, at, end, Expr::Day(Day { day, ..Day::default() }))
}

fn month_day(tokens: &Tokens, at: usize) -> Option<(i8, i8, usize)> {
    let (month, end) = number(tokens, at)?;
    let (day, end) = number(tokens, tokens.han(end, "月")?)?;
    // In a range the second half may stand bare: 12月3到7日.
    let end = ["日", "号", "號"].iter().find_map(|mark| tokens.han(end, mark)).unwrap_or(end);
    Some((i8::try_from(month).ok()?, i8::try_from(day).ok()?, end))
}

/// 周五, 下周五 (the one of next week), 周末.
fn weekday(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    let next = tokens.han(at, "下个").or(tokens.han(at, "下"));
    let named = next.or(tokens.han(at, "这个")).or(tokens.han(at, "这")).or(tokens.han(at, "本")).unwrap_or(at);
    let week = ["星期", "周", "週", "礼拜"].iter().find_map(|week| tokens.han(named, week))?;
    if let Some(end) = tokens.han(week, "末") {
        return found.add(tokens, at, end, Expr::Weekend { next: next.is_some() });
    }
    let names = ["一", "二", "三", "四", "五", "六"].into_iter().zip(Weekday::Monday.cycle_forward());
    let sundays = ["日", "天"].into_iter().map(|name| (name, Weekday::Sunday));
    let (end, weekday) = names.chain(sundays).find_map(|(name, weekday)| Some((tokens.han(week, name)?, weekday)))?;
    let expr = if next.is_some() { Expr::WeekdayNextWeek(weekday) } else { Expr::Weekday(weekday) };
    found.add(tokens, at, end, expr)
}

fn near(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    const NEAR: &[(&str, i32)] =
        &[("大后天", 3), ("今天", 0), ("今晚", 0), ("明天", 1), ("明早", 1), ("明晚", 1), ("后天", 2), ("後天", 2)];
    const FEASTS: &[(&str, i8, i8)] = &[("平安夜", 12, 24), ("圣诞节", 12, 25), ("元旦", 1, 1)];
    if let Some((end, month, day)) =
        FEASTS.iter().find_map(|(name, month, day)| Some((tokens.han(at, name)?, *month, *day)))
    {
        return found.add(tokens, at, end, Expr::Day(Day { month: Some(month), day, ..Day::default() }));
    }
    let (end, days) = NEAR.iter().find_map(|(name, days)| Some((tokens.han(at, name)?, *days)))?;
    found.add(tokens, at, end, Expr::Away(days, Unit::Day))
}

/// 下午5点, 5点半, 17点30分, 中午.
fn time(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    const PARTS: &[(&str, bool)] =
        &[("上午", false), ("早上", false), ("凌晨", false), ("中午", true), ("下午", true), ("晚上", true)];
    let part = PARTS.iter().find_map(|(name, later)| Some((tokens.han(at, name)?, *later)));
    let (figures, later) = part.unwrap_or((at, false));
    if let Some((hour, minute, end)) = hour(tokens, figures, part.is_some()) {
        let hour = if later && hour < 12 { hour + 12 } else { hour };
        return found.add(tokens, at, end, Expr::Clock(clock(hour, minute, 0)?));
    }
    let end = ["中午", "正午"].iter().find_map(|noon| tokens.han(at, noon));
    let (end, hour) = end.map(|end| (end, 12)).or_else(|| Some((tokens.han(at, "午夜")?, 0)))?;
    found.add(tokens, at, end, Expr::Clock(clock(hour, 0, 0)?))
}

fn hour(tokens: &Tokens, at: usize, placed: bool) -> Option<(u32, u32, usize)> {
    let (hour, end) = number(tokens, at)?;
    let end = tokens.han(end, "点").or(tokens.han(end, "點")).or(tokens.han(end, "时"))?;
    if let Some(end) = tokens.han(end, "半") {
        return Some((hour, 30, end));
    }
    if let Some((minute, end)) = number(tokens, end).and_then(|(minute, end)| Some((minute, tokens.han(end, "分")?))) {
        return Some((hour, minute, end));
    }
    let clock = tokens.han(end, "钟");
    // 一点 alone is "a little": 便宜一点.
    let little = hour == 1 && !tokens.is_digits(at) && !placed && clock.is_none();
    (!little).then_some((hour, 0, clock.unwrap_or(end)))
}

/// 三晚, 两周后, 两个人.
fn amount(tokens: &Tokens, at: usize, found: &mut Found) -> Option<usize> {
    const UNITS: &[(&str, Unit)] = &[
        ("晚", Unit::Night),
        ("夜", Unit::Night),
        ("天", Unit::Day),
        ("周", Unit::Week),
        ("个星期", Unit::Week),
        ("星期", Unit::Week),
        ("个月", Unit::Month),
    ];
    let (value, count_end) = number(tokens, at)?;
    if let Some((end, unit)) = UNITS.iter().find_map(|(name, unit)| Some((tokens.han(count_end, name)?, *unit))) {
        let count = i32::try_from(value).ok().filter(|count| (1..=3660).contains(count))?;
        let later = tokens.han(end, "之后").or(tokens.han(end, "以后")).or(tokens.han(end, "后"));
        if let Some(end) = later {
            return found.add(tokens, at, end, Expr::Away(count, unit));
        }
        return found.add(tokens, at, end, Expr::Stay { count, unit, count_end });
    }
    if tokens.is_digits(at) {
        return None;
    }
    let person = ["个人", "人", "位", "名"].iter().any(|word| tokens.han(count_end, word).is_some());
    // 一个 is no more than "a".
    let thing = value > 1 && ["个", "间", "张", "间房"].iter().any(|word| tokens.han(count_end, word).is_some());
    (person || thing).then(|| found.add(tokens, at, count_end, Expr::Count(Number::from(value))))?
}

/// Up to four figures, or characters up to 九十九.
fn number(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    if let Some(value) = tokens.digits(at, 1..=4) {
        return Some((value, at + 1));
    }
    let (tens, after) = match digit(tokens, at) {
        Some(digit) => match tokens.han(at + 1, "十") {
            Some(after) => (digit, after),
            None => return Some((digit, at + 1)),
        },
        None => (1, tokens.han(at, "十")?),
    };
    match digit(tokens, after) {
        Some(unit) => Some((tens * 10 + unit, after + 1)),
        None => Some((tens * 10, after)),
    }
}

fn digit(tokens: &Tokens, at: usize) -> Option<u32> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Han)?;
    let digits = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let value = (1..).zip(digits).find(|(_, digit)| *digit == token.first).map(|(value, _)| value);
    value.or((token.first == '两').then_some(2))
}
