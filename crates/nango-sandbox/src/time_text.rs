//! How moments are written in answers. A real server writes them in several ways, depending on the route.

use jiff::Timestamp;

use crate::clock::Millis;

/// `2026-11-22T11:07:37.381Z`: integrations, sessions, imports, token expiry.
pub(crate) fn zulu(moment: Millis) -> String {
    format(moment, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// `2026-11-22T11:07:37.380+00:00`: one connection.
pub(crate) fn offset(moment: Millis) -> String {
    format(moment, "%Y-%m-%dT%H:%M:%S%.3f+00:00")
}

/// `2026-11-22T11:07:37.38+00:00`: the connection list, which drops trailing zeros of the fraction.
pub(crate) fn offset_short(moment: Millis) -> String {
    let fraction = format(moment, "%.3f");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{}{fraction}+00:00", format(moment, "%Y-%m-%dT%H:%M:%S"))
}

/// `Sun, 22 Nov 2026 12:03:35 GMT`: the `Expires` attribute of a cookie.
pub(crate) fn http_date(moment: Millis) -> String {
    format(moment, "%a, %d %b %Y %H:%M:%S GMT")
}

/// Reads an RFC 3339 moment that a client sent; `None` if it is not one.
pub(crate) fn parse(text: &str) -> Option<Millis> {
    text.parse::<Timestamp>().ok().map(|moment| moment.as_millisecond())
}

fn format(moment: Millis, pattern: &str) -> String {
    Timestamp::from_millisecond(moment).unwrap_or(Timestamp::UNIX_EPOCH).strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_the_three_recorded_ways() {
        let moment = parse("2026-11-22T11:08:39.680+00:00").unwrap();
        assert_eq!(zulu(moment), "2026-11-22T11:08:39.680Z");
        assert_eq!(offset(moment), "2026-11-22T11:08:39.680+00:00");
        assert_eq!(offset_short(moment), "2026-11-22T11:08:39.68+00:00");
        assert_eq!(offset_short(moment - 680), "2026-11-22T11:08:39+00:00");
        assert_eq!(http_date(moment), "Sun, 22 Nov 2026 11:08:39 GMT");
    }
}
