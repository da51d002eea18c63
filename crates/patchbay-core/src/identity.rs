//! Who a connection is: reading the account from what a provider's `whoami` call answered.
//!
//! Leaves out the call itself. The answer is somebody else's text: whatever it holds, reading it ends with an
//! account that can be shown, or with nothing.

use serde_json::Value;

use crate::connection::Account;
use crate::connector::Whoami;

/// Longest id, name or address, in characters.
pub const LONGEST: usize = 200;

/// The account an answer describes, or nothing if it does not name one.
///
/// The id may be a text or a number. A name that is absent is replaced by the e-mail address, or by the id.
/// Names and addresses are cut to [`LONGEST`]; a longer id is no id, since two that are cut could look alike.
#[must_use]
pub fn read_account(whoami: &Whoami, answer: &Value) -> Option<Account> {
    let text = |pointer: &str| match answer.pointer(pointer)? {
        Value::String(text) => shown(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let id = text(&whoami.id).filter(|id| id.chars().count() <= LONGEST)?;
    let cut = |text: String| text.chars().take(LONGEST).collect::<String>();
    let email = whoami.email.as_deref().and_then(text).map(cut);
    let name = whoami.name.as_deref().and_then(text).map(cut);
    let name = name.or_else(|| email.clone()).unwrap_or_else(|| id.clone());
    Some(Account { id, name, email })
}

/// The text without control characters and outer space; nothing, if nothing is left.
fn shown(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{LONGEST, read_account};
    use crate::connector::{Method, Whoami};

    fn read(answer: &Value) -> Option<(String, String, Option<String>)> {
        let whoami = Whoami {
            method: Method::Get,
            base_url: None,
            path: "/user".into(),
            headers: BTreeMap::new(),
            body: None,
            id: "/user/id".into(),
            name: Some("/user/name".into()),
            email: Some("/emails/0".into()),
        };
        read_account(&whoami, answer).map(|account| (account.id, account.name, account.email))
    }

    #[rstest]
    #[case::all(json!({"user": {"id": "u1", "name": "Ann"}, "emails": ["a@x"]}), "u1", "Ann", Some("a@x"))]
    #[case::a_number(json!({"user": {"id": 12345678901234_u64, "name": "Ann"}}), "12345678901234", "Ann", None)]
    #[case::no_name(json!({"user": {"id": 7}, "emails": ["a@x"]}), "7", "a@x", Some("a@x"))]
    #[case::an_empty_name(json!({"user": {"id": 7, "name": "  "}}), "7", "7", None)]
    #[case::null(json!({"user": {"id": "u1", "name": null}, "emails": [null]}), "u1", "u1", None)]
    #[case::control_characters(json!({"user": {"id": " u\u{0}1\n", "name": "A\u{1b}[31mnn\r\n"}}), "u1", "A[31mnn", None)]
    fn accounts(#[case] answer: Value, #[case] id: &str, #[case] name: &str, #[case] email: Option<&str>) {
        assert_eq!(read(&answer), Some((id.to_owned(), name.to_owned(), email.map(str::to_owned))));
    }

    #[rstest]
    #[case::nothing(json!(null))]
    #[case::no_id(json!({"user": {"name": "Ann"}}))]
    #[case::an_empty_id(json!({"user": {"id": "\n"}}))]
    #[case::an_id_of_another_kind(json!({"user": {"id": {"value": 1}}}))]
    #[case::true_is_no_id(json!({"user": {"id": true}}))]
    #[case::an_endless_id(json!({"user": {"id": "x".repeat(LONGEST + 1)}}))]
    #[case::an_error(json!({"ok": false, "error": "invalid_auth"}))]
    fn no_accounts(#[case] answer: Value) {
        assert_eq!(read(&answer), None);
    }

    #[test]
    fn an_endless_name_is_cut() {
        let (_, name, _) = read(&json!({"user": {"id": 1, "name": "ü".repeat(1000)}})).expect("an account");
        assert_eq!(name.chars().count(), LONGEST);
    }
}
