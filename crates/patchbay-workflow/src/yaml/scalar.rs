//! The types of plain scalars: the core schema of YAML 1.2.

use serde_json::{Number, Value};

/// What a plain scalar means; nothing where JSON has no such value (infinities, not a number).
pub(super) fn plain(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        "true" | "True" | "TRUE" => return Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Value::Bool(false)),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return None;
    }
    Some(number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number))
}

/// A number of the core schema.
pub(super) fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = !whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    let exponent_is_fine = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if !has_digits || !digits(whole) || !fraction.is_none_or(digits) || !exponent_is_fine {
        return None;
    }
    if fraction.is_none() && exponent.is_none() {
        let plus_less = text.strip_prefix('+').unwrap_or(text);
        if let Ok(number) = plus_less.parse::<i64>() {
            return Some(number.into());
        }
        if let Ok(number) = plus_less.parse::<u64>() {
            return Some(number.into());
        }
    }
    Number::from_f64(text.parse().ok()?)
}

fn radix(digits: &str, radix: u32) -> Option<Number> {
    if digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok().map(Number::from)
}

/// Whether some reader of YAML, of version 1.1 as well, would take a plain text for something else than text.
pub(super) fn is_ambiguous(text: &str) -> bool {
    if !matches!(plain(text), Some(Value::String(_))) {
        return true;
    }
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "<<" | "=") {
        return true;
    }
    // Numbers with underscores, octal and sexagesimal ones, dates.
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_numeric =
        unsigned.strip_prefix('.').unwrap_or(unsigned).starts_with(|first: char| first.is_ascii_digit());
    is_numeric && text.chars().all(|each| each.is_ascii_hexdigit() || "+-._:xobTtZz ".contains(each))
}
