//! Data as it flows through a run: JSON that is cheap to clone and shared between branches.

use std::fmt::{self, Write};

use jaq_json::{Map, Num, Val};
use serde_json::Value;

/// Deepest nesting of data. What is nested deeper is refused, so that nothing that walks data has to fear it.
pub(crate) const DEEPEST: usize = 128;

/// JSON, shared.
#[derive(Clone, PartialEq)]
pub struct Data(pub(crate) Val);

impl Data {
    /// As JSON text, cut after `limit` bytes (with a mark). Costs no more than what it writes.
    #[must_use]
    pub fn text(&self, limit: usize) -> String {
        let mut text = Cut { text: String::new(), limit };
        match write(&self.0, &mut text) {
            Ok(()) => text.text,
            Err(fmt::Error) => text.text + "…",
        }
    }

    /// A text as it is, anything else as JSON; cut to the length of a message.
    pub(crate) fn message(&self) -> String {
        match &self.0 {
            Val::TStr(bytes) => String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned(),
            _ => self.text(400),
        }
    }

    /// As JSON. What JSON has no word for (an infinite number, a key that is no text) becomes `null` or text.
    #[must_use]
    pub fn to_json(&self) -> Value {
        to_json(&self.0)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(2_000))
    }
}

impl From<&Value> for Data {
    fn from(value: &Value) -> Self {
        Data(from_json(value))
    }
}

/// A text that refuses what goes beyond its limit.
struct Cut {
    text: String,
    limit: usize,
}

impl Write for Cut {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = self.limit - self.text.len();
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        self.text.push_str(&part[..part.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

fn write(value: &Val, out: &mut Cut) -> fmt::Result {
    match value {
        Val::Null | Val::Bool(_) | Val::Num(_) => write!(out, "{}", to_json(value)),
        // Only as much of a long text is quoted as can be shown.
        Val::TStr(bytes) | Val::BStr(bytes) => {
            let shown = &bytes[..bytes.len().min(out.limit + 4)];
            write!(out, "{}", Value::String(String::from_utf8_lossy(shown).into_owned()))
        }
        Val::Arr(items) => {
            out.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.write_char(',')?;
                }
                write(item, out)?;
            }
            out.write_char(']')
        }
        Val::Obj(members) => {
            out.write_char('{')?;
            for (index, (key, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.write_char(',')?;
                }
                write!(out, "{}:", Value::String(text_of(key)))?;
                write(member, out)?;
            }
            out.write_char('}')
        }
    }
}

/// The text of a text value, JSON of any other: what stands in a header or an address.
pub(crate) fn text_of(value: &Val) -> String {
    match value {
        Val::TStr(bytes) | Val::BStr(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => to_json(other).to_string(),
    }
}

pub(crate) fn text(text: impl Into<String>) -> Val {
    Val::utf8_str(text.into())
}

pub(crate) fn object<const N: usize>(members: [(&str, Val); N]) -> Val {
    Val::obj(members.into_iter().map(|(key, value)| (text(key), value)).collect())
}

/// A member of an object; `null` where there is none.
pub(crate) fn member(value: &Val, key: &str) -> Val {
    match value {
        Val::Obj(members) => members.get(&text(key)).cloned().unwrap_or_default(),
        _ => Val::Null,
    }
}

/// The same value with one member set. What is no object becomes one.
pub(crate) fn with_member(value: &Val, key: &str, new: Val) -> Val {
    let mut members = match value {
        Val::Obj(members) => Map::clone(members),
        _ => Map::default(),
    };
    members.insert(text(key), new);
    Val::obj(members)
}

pub(crate) fn from_json(value: &Value) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(truth) => Val::Bool(*truth),
        Value::Number(number) => Val::Num(match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => Num::from_integral(integer),
            (None, Some(integer), _) => Num::from_integral(integer),
            (None, None, float) => Num::Float(float.unwrap_or(f64::NAN)),
        }),
        Value::String(string) => text(string.as_str()),
        Value::Array(items) => items.iter().map(from_json).collect(),
        Value::Object(members) => {
            Val::obj(members.iter().map(|(key, value)| (text(key.as_str()), from_json(value))).collect())
        }
    }
}

pub(crate) fn to_json(value: &Val) -> Value {
    match value {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(number) => number_to_json(number),
        Val::TStr(bytes) | Val::BStr(bytes) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
        Val::Arr(items) => items.iter().map(to_json).collect(),
        Val::Obj(members) => {
            Value::Object(members.iter().map(|(key, value)| (text_of(key), to_json(value))).collect())
        }
    }
}

fn number_to_json(number: &Num) -> Value {
    match number {
        Num::Int(integer) => Value::from(*integer),
        // `1.0` is `1` in jq, and an identifier that went through a division should look like one.
        Num::Float(float) if float.fract() == 0.0 && float.abs() < 9.007_199_254_740_992e15 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
            Value::from(*float as i64)
        }
        Num::Float(float) => Value::from(*float),
        Num::BigInt(_) | Num::Dec(_) => {
            serde_json::from_str(&Val::Num(number.clone()).to_string()).unwrap_or(Value::Null)
        }
    }
}

/// Whether a value has at most so many bytes of text and members, and is not nested deeper than [`DEEPEST`].
pub(crate) fn is_bounded(value: &Val, bytes: usize) -> bool {
    fn spend(value: &Val, depth: usize, left: &mut usize) -> bool {
        let own = match value {
            Val::TStr(bytes) | Val::BStr(bytes) => bytes.len() + 8,
            Val::Num(Num::BigInt(integer)) => usize::try_from(integer.bits() / 8).unwrap_or(usize::MAX),
            _ => 8,
        };
        let Some(rest) = left.checked_sub(own) else {
            return false;
        };
        *left = rest;
        match value {
            Val::Arr(_) | Val::Obj(_) if depth == 0 => false,
            Val::Arr(items) => items.iter().all(|item| spend(item, depth - 1, left)),
            Val::Obj(members) => members
                .iter()
                .all(|(key, member)| spend(key, depth - 1, left) && spend(member, depth - 1, left)),
            _ => true,
        }
    }
    spend(value, DEEPEST, &mut bytes.clone())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!(null))]
    #[case(json!({"a": [1, -2, 2.5, true, "ö\n\"", {}], "b": u64::MAX}))]
    fn json_survives_the_way_through(#[case] value: Value) {
        let data = Data::from(&value);
        assert_eq!(data.to_json(), value);
        let text: Value = serde_json::from_str(&data.text(10_000)).unwrap();
        assert_eq!(text, value);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let data = Data::from(&json!(["ää", "b"]));
        assert_eq!(data.text(5), "[\"ä…", "the second ä would end after the limit");
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |levels: usize| (0..levels).fold(Val::Null, |inner, _| [inner].into_iter().collect());
        assert!(is_bounded(&nested(DEEPEST), 10_000));
        assert!(!is_bounded(&nested(DEEPEST + 1), 10_000));
        assert!(!is_bounded(&text("x".repeat(100)), 100));
    }
}
