//! What of a provider's answer is fit to be shown: its own words about an error, and nothing that looks like a
//! secret. An answer may repeat the token it was asked with.

use patchbay_texts::t;
use serde_json::Value;

use crate::failure::bounded;

/// Where services put their words about an error, the most telling first.
const WORDS: [&str; 13] = [
    "/error_description",
    "/error/message",
    "/error/error_user_msg",
    "/errors/0/message",
    "/errors/0/detail",
    "/errors/0",
    "/message",
    "/msg",
    "/detail",
    "/description",
    "/title",
    "/error/code",
    "/error",
];

/// From this length on, letters and digits in one piece are taken for a secret.
const SECRET_LENGTH: usize = 20;

/// The provider's words in an answer, bounded; nothing if there are none.
pub(crate) fn excerpt(body: &[u8]) -> Option<String> {
    let words = match serde_json::from_slice::<Value>(body) {
        Ok(answer) => WORDS.iter().find_map(|place| match answer.pointer(place)? {
            Value::String(text) => Some(text.clone()),
            _ => None,
        })?,
        Err(_) => {
            let text = std::str::from_utf8(body).ok()?.trim();
            if text.starts_with('<') {
                return Some(t!("a web page").to_owned());
            }
            // What begins like JSON was cut, or is a format of its own: where its words are is not known.
            if text.starts_with(['{', '[']) {
                return None;
            }
            text.to_owned()
        }
    };
    let words = bounded(&without_secrets(&words));
    (!words.is_empty()).then_some(words)
}

/// The text with everything that looks like a token replaced by a dash.
fn without_secrets(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-~+/=.".contains(letter);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| is_part(letter) != is_part(first)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let looks_secret = piece.len() >= SECRET_LENGTH
            && piece.contains(|letter: char| letter.is_ascii_digit())
            && piece.contains(|letter: char| letter.is_ascii_alphabetic());
        shown.push_str(if looks_secret { "—" } else { piece });
        rest = after;
    }
    shown
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::excerpt;

    #[rstest]
    #[case::github(r#"{"message":"Bad credentials","status":"401"}"#, Some("Bad credentials"))]
    #[case::nested(r#"{"error":{"code":"invalid_token","message":"It expired"}}"#, Some("It expired"))]
    #[case::oauth(r#"{"error":"x","error_description":"It expired"}"#, Some("It expired"))]
    #[case::slack(r#"{"ok":false,"error":"invalid_auth"}"#, Some("invalid_auth"))]
    #[case::graphql(r#"{"errors":[{"message":"No\naccess"}]}"#, Some("No access"))]
    #[case::plain("  Unauthorized\n", Some("Unauthorized"))]
    #[case::page("<html><p>token abc</p>", Some("a web page"))]
    #[case::empty("", None)]
    #[case::nothing_known(r#"{"received_headers":{"authorization":"Bearer at_1"}}"#, None)]
    #[case::cut_off(r#"{"headers":"Bearer at_1"#, None)]
    #[case::a_repeated_token(
        r#"{"message":"The token sk-proj1234567890abcdefghij is bad"}"#,
        Some("The token — is bad")
    )]
    #[case::a_long_word(
        r#"{"message":"Rindfleischetikettierung is no scope"}"#,
        Some("Rindfleischetikettierung is no scope")
    )]
    fn excerpts(#[case] body: &str, #[case] expected: Option<&str>) {
        assert_eq!(excerpt(body.as_bytes()).as_deref(), expected);
    }

    #[test]
    fn an_endless_answer_is_cut() {
        let words = excerpt("ab ".repeat(10_000).as_bytes()).expect("words");
        assert!(words.chars().count() < 400);
    }
}
