//! Who is calling: secret keys and their scopes, connect session tokens, the user of the dashboard.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use axum::http::StatusCode;
use uuid::Uuid;

use crate::app::App;
use crate::nango::call::Call;
use crate::nango::rate_limit::{self, Bucket};
use crate::nango::refusal::Refusal;
use crate::session::Session;

/// The prefix of connect session tokens.
pub(crate) const SESSION_PREFIX: &str = "nango_connect_session_";

/// The user name of the dashboard; its password is the account key.
pub(crate) const DASHBOARD_USER: &str = "sandbox";

/// An authenticated caller with a secret key.
#[derive(Debug)]
pub(crate) struct Caller {
    scopes: Vec<String>,
    /// The key's environment. Routes of an environment check a scope first, so an account key never gets there.
    pub(crate) environment: u64,
}

/// A caller of the routes that take either a key or a session token.
#[derive(Debug)]
pub(crate) enum EitherCaller {
    /// A secret key.
    Key(Caller),
    /// A session.
    Session(Box<Session>),
}

impl Caller {
    /// Whether the key has a scope, itself or by a wildcard.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|owned| match owned.strip_suffix('*') {
            Some(prefix) => scope.starts_with(prefix),
            None => owned == scope,
        })
    }

    /// Refuses a key that has none of these scopes.
    pub(crate) fn require(&self, scopes: &[&str]) -> Result<(), Refusal> {
        if scopes.is_empty() || scopes.iter().any(|scope| self.has(scope)) {
            return Ok(());
        }
        let required = match scopes {
            [one] => format!("Required: {one}"),
            many => format!("Required one of: {}", many.join(" or ")),
        };
        Err(Refusal::message(StatusCode::FORBIDDEN, "forbidden", &format!("Insufficient scope. {required}")))
    }
}

/// A secret key in the header, with one of the scopes.
pub(crate) fn secret_key(app: &App, call: &mut Call, scopes: &[&str]) -> Result<Caller, Refusal> {
    let token = bearer(call)?;
    let is_uuid = Uuid::parse_str(&token).is_ok_and(|uuid| uuid.get_version_num() == 4);
    if !is_uuid {
        return Err(Refusal::unauthorized(
            "invalid_secret_key_format",
            "The provided secret key is not a UUID v4.",
        ));
    }
    let now = app.clock.now();
    let key = {
        let mut state = app.state();
        let key = state.keys.get_mut(&token);
        if let Some(key) = key {
            key.last_used = Some(now);
            Some(key.clone())
        } else {
            None
        }
    };
    let key = key.ok_or_else(|| {
        Refusal::unauthorized(
            "unknown_account",
            "The provided authorization header does not match any account.",
        )
    })?;
    call.caller = Some(key.name.clone());
    count(app, call, Bucket::Account)?;
    let caller = Caller { scopes: key.scopes, environment: key.environment.unwrap_or_default() };
    caller.require(scopes)?;
    Ok(caller)
}

/// A session token in the header.
pub(crate) fn session_in_header(app: &App, call: &mut Call) -> Result<(String, Session), Refusal> {
    let token = bearer(call)?;
    session(app, call, token)
}

/// A session token in the query, where the endpoints that connect want it.
pub(crate) fn session_in_query(app: &App, call: &mut Call) -> Result<(String, Session), Refusal> {
    let Some(token) = call.query("connect_session_token").map(str::to_owned) else {
        if call.query("public_key").is_some() {
            return Err(Refusal::message(
                StatusCode::UNAUTHORIZED,
                "deprecated_authentication",
                "Public key authentication is deprecated. Please use connect session authentication instead.",
            ));
        }
        return Err(Refusal::unauthorized(
            "missing_public_key",
            "The request is missing a valid public key parameter.",
        ));
    };
    session(app, call, token)
}

/// A secret key with one of the scopes, or a session token, in the header.
pub(crate) fn key_or_session(app: &App, call: &mut Call, scopes: &[&str]) -> Result<EitherCaller, Refusal> {
    if bearer(call)?.starts_with(SESSION_PREFIX) {
        return session_in_header(app, call).map(|(_, session)| EitherCaller::Session(Box::new(session)));
    }
    secret_key(app, call, scopes).map(EitherCaller::Key)
}

/// The user of the dashboard, by HTTP Basic.
pub(crate) fn dashboard(app: &App, call: &mut Call) -> Result<(), Refusal> {
    let decode = |header: &str| {
        let decoded = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
        String::from_utf8(decoded).ok()
    };
    let given = call.header("authorization").and_then(decode);
    if given != Some(format!("{DASHBOARD_USER}:{}", app.account_key)) {
        return Err(Refusal::DashboardLogin);
    }
    call.caller = Some("dashboard".to_owned());
    count(app, call, Bucket::Dashboard)
}

/// The token of the `Authorization` header: whatever stands before `Bearer ` is ignored, the word is optional.
fn bearer(call: &Call) -> Result<String, Refusal> {
    let header = call.header("authorization").ok_or_else(|| {
        Refusal::unauthorized("missing_auth_header", "The request is missing the Authorization header.")
    })?;
    Ok(header.rsplit("Bearer ").next().unwrap_or_default().trim().to_owned())
}

fn session(app: &App, call: &mut Call, token: String) -> Result<(String, Session), Refusal> {
    let secret = token.strip_prefix(SESSION_PREFIX).unwrap_or_default();
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if secret.len() != 64 || !secret.bytes().all(hexadecimal) {
        return Err(Refusal::unauthorized(
            "invalid_connect_session_token_format",
            "The provided connect session token is not following correct format: nango_connect_session_RANDOM)",
        ));
    }
    let now = app.clock.now();
    let session = app.state().sessions.get(&token).filter(|session| session.expires > now).cloned();
    let session = session.ok_or_else(|| {
        Refusal::unauthorized(
            "unknown_connect_session_token",
            "The provided connect session token does not match any account.",
        )
    })?;
    call.caller = Some("connect session".to_owned());
    count(app, call, Bucket::Session)?;
    Ok((token, session))
}

fn count(app: &App, call: &mut Call, bucket: Bucket) -> Result<(), Refusal> {
    let now = app.clock.now();
    if let Some((rate, allowed)) = app.limits.count(bucket, now) {
        call.rate = Some(rate);
        if !allowed {
            return Err(rate_limit::too_many(call.method.as_str(), &call.path, rate, now));
        }
    }
    Ok(())
}
