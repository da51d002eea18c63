//! Durations: as an object, or as ISO 8601.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo, Unit};
use serde_json::Value;

/// The duration a value stands for, if it is one.
pub(crate) fn parse(value: &Value) -> Option<Duration> {
    match value {
        Value::String(text) => parse_iso(text),
        Value::Object(members) if !members.is_empty() => {
            members.iter().try_fold(Duration::ZERO, |sum, (unit, count)| {
                let milliseconds: u64 = match unit.as_str() {
                    "days" => 86_400_000,
                    "hours" => 3_600_000,
                    "minutes" => 60_000,
                    "seconds" => 1_000,
                    "milliseconds" => 1,
                    _ => return None,
                };
                let all = count.as_u64()?.saturating_mul(milliseconds);
                Some(sum.saturating_add(Duration::from_millis(all)))
            })
        }
        _ => None,
    }
}

/// Weeks and days are seven times and once 24 hours; a year has 365 days, a month 30.
fn parse_iso(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let days = i64::from(span.get_years()) * 365 + i64::from(span.get_months()) * 30;
    let span = span.try_years(0).ok()?.try_months(0).ok()?;
    let rest = span.total((Unit::Nanosecond, SpanRelativeTo::days_are_24_hours())).ok()?;
    let days = Duration::from_secs(u64::try_from(days).ok()?.checked_mul(86_400)?);
    Duration::try_from_secs_f64(rest / 1e9).ok()?.checked_add(days)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({"seconds": 1, "milliseconds": 500}), Some(1_500))]
    #[case(json!({"days": 1, "hours": 1, "minutes": 1}), Some(90_060_000))]
    #[case(json!("PT0.25S"), Some(250))]
    #[case(json!("PT1H30M"), Some(5_400_000))]
    #[case(json!("P1Y2M1W1DT1S"), Some((365 + 60 + 7 + 1) * 86_400_000 + 1_000))]
    #[case(json!({}), None)]
    #[case(json!({"weeks": 1}), None)]
    #[case(json!({"seconds": -1}), None)]
    #[case(json!("-PT1S"), None)]
    #[case(json!("10s please"), None)]
    #[case(json!(5), None)]
    fn durations(#[case] value: Value, #[case] milliseconds: Option<u64>) {
        assert_eq!(parse(&value), milliseconds.map(Duration::from_millis), "{value}");
    }
}
