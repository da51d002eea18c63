//! The provider's endpoints for programs: token, revocation, user info.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::account::{self, Account};
use crate::answer::{self, Answer};
use crate::app::App;
use crate::provider::grants::{Lifetime, Refused};
use crate::provider::{Visit, first};

const INVALID_CLIENT: Refused =
    Refused { error: "invalid_client", description: "Client authentication failed" };

/// `POST /token`: authorization code, refresh token, client credentials.
pub(crate) fn token(app: &App, visit: &Visit) -> Answer {
    let form = visit.form();
    let (basic_id, _) = basic(visit).unwrap_or_default();
    let client_id = first(&form, "client_id").map_or(basic_id, str::to_owned);
    let field = |name: &str| first(&form, name).unwrap_or_default();
    let lifetime = Lifetime::now(app);
    let mut grants = app.provider.grants();
    let issued = match field("grant_type") {
        "authorization_code" => grants.exchange(
            field("code"),
            &client_id,
            field("redirect_uri"),
            first(&form, "code_verifier"),
            lifetime,
        ),
        "refresh_token" => grants.refresh(field("refresh_token"), lifetime),
        "client_credentials" if client_id.is_empty() || account::is_wrong(&client_id) => Err(INVALID_CLIENT),
        "client_credentials" => Ok(grants.client_token(account::of_secret(&client_id), lifetime)),
        _ => {
            Err(Refused { error: "unsupported_grant_type", description: "This grant type is not supported" })
        }
    };
    match issued {
        Ok(issued) => answer::json(StatusCode::OK, &issued.json()),
        Err(refused) => refuse(refused),
    }
}

/// `POST /two-step/token`: whatever credentials as JSON, a token back. A value that starts with `wrong` or
/// `bad` is refused; no values at all are accepted, as the recorded provider did.
pub(crate) fn two_step(app: &App, visit: &Visit) -> Answer {
    let sent: Map<String, Value> = serde_json::from_slice(&visit.body).unwrap_or_default();
    let values = || sent.values().filter_map(Value::as_str);
    if values().any(|value| account::is_wrong(value) || app.provider.grants().is_revoked(value)) {
        return refuse(INVALID_CLIENT);
    }
    let owner = account::of_secret(&values().collect::<Vec<_>>().join(" "));
    answer::json(StatusCode::OK, &app.provider.grants().client_token(owner, Lifetime::now(app)).json())
}

/// `POST /revoke` (RFC 7009): always 200.
pub(crate) fn revoke(app: &App, visit: &Visit) -> Answer {
    let form = visit.form();
    if let Some(token) = first(&form, "token") {
        app.provider.grants().revoke(token);
    }
    answer::empty(StatusCode::OK)
}

/// `GET /userinfo`: who the bearer token belongs to.
pub(crate) fn userinfo(app: &App, visit: &Visit) -> Answer {
    let token =
        visit.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    match app.provider.grants().owner(token, app.clock.now()) {
        Some(account) => answer::json(StatusCode::OK, &describe(account)),
        None => answer::json(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_token" })),
    }
}

/// An account in the words of OpenID Connect.
fn describe(account: &Account) -> Value {
    json!({ "sub": account.id, "name": account.name, "email": account.email, "preferred_username": account.login })
}

/// User name and password of a Basic `Authorization` header.
pub(crate) fn basic(visit: &Visit) -> Option<(String, String)> {
    let encoded = visit.header("authorization")?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

fn refuse(refused: Refused) -> Answer {
    let status = if refused == INVALID_CLIENT { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    answer::json(status, &json!({ "error": refused.error, "error_description": refused.description }))
}
