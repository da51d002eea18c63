//! Filling `${connectionConfig.x}` and the like in a provider's URLs and headers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use url::Url;

/// What JavaScript's `encodeURIComponent` leaves alone besides letters and digits.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'(')
    .remove(b')');

/// Why a URL cannot be made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TemplateError {
    /// A parameter is missing.
    Missing,
    /// The result is not a URL.
    NotAUrl(String),
}

/// Fills a URL template with the connection's parameters, each percent-encoded.
pub(crate) fn url(template: &str, config: &Map<String, Value>) -> Result<Url, TemplateError> {
    let filled = fill(template, "connectionConfig.", config, |value| {
        utf8_percent_encode(value, COMPONENT).to_string()
    });
    let filled = filled.ok_or(TemplateError::Missing)?;
    Url::parse(&filled).map_err(|_| TemplateError::NotAUrl(filled))
}

/// Fills a header template such as `${apiKey}`; `None` if something is missing.
pub(crate) fn header(template: &str, credentials: &Map<String, Value>) -> Option<String> {
    fill(template, "", credentials, str::to_owned)
}

fn fill(
    template: &str,
    prefix: &str,
    values: &Map<String, Value>,
    encode: impl Fn(&str) -> String,
) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        let value = values.get(name.strip_prefix(prefix)?)?.as_str()?;
        filled.push_str(before);
        filled.push_str(&encode(value));
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(host: Option<&str>, expected: Result<&str, TemplateError>) {
        let config = host.map(|host| Map::from_iter([("host".to_owned(), json!(host))])).unwrap_or_default();
        let made = url("http://${connectionConfig.host}:4010/authorize", &config);
        assert_eq!(made.as_ref().map(Url::as_str), expected.as_ref().copied());
    }

    #[test]
    fn urls_are_filled_encoded_and_checked() {
        check(Some("localhost"), Ok("http://localhost:4010/authorize"));
        check(None, Err(TemplateError::Missing));
        check(
            Some("evil host/x?"),
            Err(TemplateError::NotAUrl("http://evil%20host%2Fx%3F:4010/authorize".to_owned())),
        );
        check(Some(""), Err(TemplateError::NotAUrl("http://:4010/authorize".to_owned())));
    }
}
