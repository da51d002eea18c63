//! Whose call it is: reads whatever a call is authenticated with.

use axum::http::StatusCode;
use serde_json::json;

use crate::account::{self, ACCOUNTS, Account};
use crate::answer::{self, Answer};
use crate::app::App;
use crate::provider::Visit;

/// The account a call is made for; `None` deserves a 401.
///
/// A bearer token that the provider issued belongs to the account that granted it. For services that are used
/// with a key, any key is good unless it starts with `wrong` or `bad` or was revoked. Services without
/// authentication are always the first account's.
pub(crate) fn caller(app: &App, visit: &Visit, provider: Option<&str>) -> Option<&'static Account> {
    let mode =
        provider.and_then(|name| app.catalogue.get(name)).map_or("", |provider| provider.auth_mode.as_str());
    if mode == "NONE" {
        return Some(&ACCOUNTS[0]);
    }
    let secrets = secrets(visit);
    if let Some(owner) =
        secrets.iter().find_map(|secret| app.provider.grants().owner(secret, app.clock.now()))
    {
        return Some(owner);
    }
    let by_key = matches!(mode, "API_KEY" | "BASIC") || (provider.is_none() && !has_bearer(visit));
    if by_key && !secrets.is_empty() && plausible(app, visit) {
        return Some(account::of_secret(&secrets.join(" ")));
    }
    // A call that does not identify itself at all may still use the routes of the recorded toy API.
    if secrets.is_empty() && provider.is_none() {
        return Some(&ACCOUNTS[0]);
    }
    None
}

/// What a call gets whose caller is not known.
pub(crate) fn refusal() -> Answer {
    let mut answer = answer::json(
        StatusCode::UNAUTHORIZED,
        &json!({ "error": { "code": "invalid_token", "message": "The token is not valid, has expired or was revoked" } }),
    );
    answer::set(&mut answer, axum::http::header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
    answer
}

/// Whether a key or user name and password look right.
pub(crate) fn plausible(app: &App, visit: &Visit) -> bool {
    let grants = app.provider.grants();
    !secrets(visit).iter().any(|secret| account::is_wrong(secret) || grants.is_revoked(secret))
}

/// The check of the recorded toy API: keys that start with `key_good`, the password `good-password`.
pub(crate) fn recorded_check(visit: &Visit) -> bool {
    match crate::provider::basic(visit) {
        Some((_, password)) => password == "good-password",
        None => visit.header("x-api-key").is_some_and(|key| key.starts_with("key_good")),
    }
}

fn has_bearer(visit: &Visit) -> bool {
    visit.header("authorization").is_some_and(|value| value.starts_with("Bearer "))
}

/// Everything in a call that may be a secret: bearer token, user name and password, `x-api-key`.
fn secrets(visit: &Visit) -> Vec<String> {
    let mut secrets = Vec::new();
    if let Some((user, password)) = crate::provider::basic(visit) {
        secrets.extend([user, password]);
    } else if let Some(value) = visit.header("authorization") {
        secrets.push(value.strip_prefix("Bearer ").unwrap_or(value).to_owned());
    }
    secrets.extend(visit.header("x-api-key").map(str::to_owned));
    secrets.retain(|secret| !secret.is_empty());
    secrets
}
