//! What of requests, answers and data is fit to be kept in a run's log: shortened, and without what is a secret by
//! its name or its form. Ids and hashes are kept, because a log without them explains nothing.

use patchbay_texts::t;
use serde_json::Value;
use url::Url;

/// Longest body that is kept, in bytes.
pub(crate) const LONGEST_BODY: usize = 16 * 1024;

/// Longest input or output that is kept, in bytes of JSON.
pub(crate) const LONGEST_DATA: usize = 32 * 1024;

/// Longest value of a header that is kept, in bytes.
const LONGEST_HEADER: usize = 1024;

/// Most headers that are kept.
const MOST_HEADERS: usize = 64;

/// What stands in place of a secret.
const REDACTED: &str = "redacted";

/// Shortest text behind `Bearer` or `Basic` that is taken for a credential.
const SHORTEST_CREDENTIAL: usize = 6;

/// Whether what has this name may be a secret. Tokens that only lead to the next page are none.
fn is_secret(name: &str) -> bool {
    const SECRETS: [&str; 15] = [
        "authorization",
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "apikey",
        "privatekey",
        "accesskey",
        "signingkey",
        "cookie",
        "credential",
        "signature",
        "sessionid",
        "bearer",
    ];
    const HARMLESS: [&str; 4] = ["page", "next", "sync", "continuation"];
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|part| plain.contains(part))
        && !(plain.contains("token") && HARMLESS.iter().any(|part| plain.contains(part)))
}

/// Headers, those that may hold a credential without their value.
pub(crate) fn headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let shown = headers.iter().take(MOST_HEADERS).map(|(name, value)| {
        let plain = name.to_ascii_lowercase();
        let may_hold = is_secret(&plain)
            || ["auth", "key", "session", "jwt"].iter().any(|part| plain.contains(part))
                && plain != "provider-config-key";
        let value = if may_hold { REDACTED.to_owned() } else { text(shortened(value, LONGEST_HEADER)) };
        (name.clone(), value)
    });
    shown.collect()
}

/// An address, without user information and without what its query may hold of credentials.
pub(crate) fn url(url: &Url) -> String {
    let mut shown = url.clone();
    // Neither can fail: an http address has a host.
    shown.set_username("").and_then(|()| shown.set_password(None)).ok();
    if url.query().is_some() {
        shown.set_query(Some(&form(url.query().unwrap_or_default())));
    }
    String::from(shown)
}

/// Pairs of a query or a form.
fn form(pairs: &str) -> String {
    let shown = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) || ["key", "sig", "code", "auth"].contains(&name) => {
            format!("{name}={REDACTED}")
        }
        _ => text(pair),
    });
    shown.collect::<Vec<_>>().join("&")
}

/// A body as text; nothing if there is none.
pub(crate) fn body(bytes: &[u8], is_cut: bool, content_type: Option<&str>) -> Option<String> {
    if bytes.is_empty() {
        return None;
    }
    let kept = &bytes[..bytes.len().min(LONGEST_BODY)];
    let is_cut = is_cut || kept.len() < bytes.len();
    let kept = match std::str::from_utf8(kept) {
        Ok(text) => text,
        // A character may have been cut in two.
        Err(error) if is_cut && error.error_len().is_none() => {
            std::str::from_utf8(&kept[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return Some(t!("({count} bytes that are no text)", count = bytes.len())),
    };
    let is_form = content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let mut shown = if is_form { form(kept) } else { text(kept) };
    if is_cut {
        shown.push('…');
    }
    Some(shown)
}

fn shortened(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// A text, JSON or not and perhaps cut, without the members that are secrets by their name and the credentials that
/// are by their form.
pub(crate) fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let Some(end) = end_of_string(rest, start) else { break };
        shown.push_str(&rest[..=end]);
        let name = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let value = rest.trim_start().strip_prefix(':').map(str::trim_start);
        if let Some(value) = value.filter(|value| value.starts_with('"') && is_secret(name)) {
            shown.push_str(&rest[..rest.len() - value.len()]);
            shown.push_str(&format!("\"{REDACTED}\""));
            rest = end_of_string(value, 0).map_or("", |end| &value[end + 1..]);
        }
    }
    shown.push_str(rest);
    without_credentials(&shown)
}

/// Where the JSON string ends that begins at `start`.
fn end_of_string(text: &str, start: usize) -> Option<usize> {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(index),
            _ => {}
        }
    }
    None
}

/// `Bearer …` and `Basic …` without what follows.
fn without_credentials(text: &str) -> String {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    // Of the same length, byte for byte.
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    loop {
        let next = ["bearer ", "basic "]
            .into_iter()
            .filter_map(|scheme| Some(from + lower[from..].find(scheme)? + scheme.len()))
            .min();
        let Some(start) = next else { break };
        let length = text.as_bytes()[start..].iter().take_while(|byte| is_part(**byte)).count();
        shown.push_str(&text[from..start]);
        shown.push_str(if length >= SHORTEST_CREDENTIAL { REDACTED } else { &text[start..start + length] });
        from = start + length;
    }
    shown.push_str(&text[from..]);
    shown
}

/// What a person gave a run, without the members that are secrets by their name.
pub(crate) fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(name, value)| value.is_object() || value.is_array() || !is_secret(name))
                .map(|(name, value)| (name, without_secrets(value)))
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::{body, headers, text, url, without_secrets};

    #[rstest]
    #[case(
        r#"{"id":"6f9619ff8b86","nextPageToken":"abc"}"#,
        r#"{"id":"6f9619ff8b86","nextPageToken":"abc"}"#
    )]
    #[case(r#"{"access_token" : "at_1\"2", "b": 1}"#, r#"{"access_token" : "redacted", "b": 1}"#)]
    #[case(r#"{"headers":{"Authorization":"Bearer at_1"#, r#"{"headers":{"Authorization":"redacted""#)]
    #[case(r#"{"seen":["bearer at_12345678"]}"#, r#"{"seen":["bearer redacted"]}"#)]
    #[case("BASIC YWxleDpzZWNyZXQ=, then", "BASIC redacted, then")]
    #[case("a bearer of news", "a bearer of news")]
    #[case("“ä” \"", "“ä” \"")]
    #[case("", "")]
    fn texts(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(text(given), expected);
    }

    #[test]
    fn headers_keep_what_explains_and_lose_what_opens() {
        let given = [
            ("Provider-Config-Key", "github"),
            ("Connection-Id", "0a1b"),
            ("X-Api-Key", "k"),
            ("Set-Cookie", "c"),
            ("content-type", "application/json"),
        ];
        let given: Vec<_> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let shown: Vec<String> = headers(&given).into_iter().map(|(_, value)| value).collect();
        assert_eq!(shown, ["github", "0a1b", "redacted", "redacted", "application/json"]);
    }

    #[test]
    fn an_address_keeps_its_query_but_for_credentials() {
        let address = "https://me:pw@api.test/a?state=open&access_token=t&key=k".parse().expect("an address");
        assert_eq!(url(&address), "https://api.test/a?state=open&access_token=redacted&key=redacted");
    }

    #[test]
    fn bodies_are_cut_at_a_character_and_only_texts_are_kept() {
        assert_eq!(body(b"", false, None), None);
        assert_eq!(body(&[0xff, 0], false, None).as_deref(), Some("(2 bytes that are no text)"));
        assert_eq!(body("aä".as_bytes().split_at(2).0, true, None).as_deref(), Some("a…"));
        let long = "ä".repeat(super::LONGEST_BODY);
        let shown = body(long.as_bytes(), false, None).expect("a text");
        assert_eq!(shown.chars().count(), super::LONGEST_BODY / 2 + 1);
        let form = body(b"a=1&client_secret=s", false, Some("application/x-www-form-urlencoded"));
        assert_eq!(form.as_deref(), Some("a=1&client_secret=redacted"));
    }

    #[test]
    fn an_input_is_kept_without_its_secrets() {
        let given = json!({"repo": "a", "password": "p", "tokens": [{"apiKey": "k", "id": 1}]});
        assert_eq!(without_secrets(given), json!({"repo": "a", "tokens": [{"id": 1}]}));
    }
}
