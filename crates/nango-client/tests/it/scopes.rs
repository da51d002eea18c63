//! The probe of a key's scopes against a server that answers as recorded: scope first, input second.

use std::collections::BTreeSet;

use nango_client::{KeyState, Probe, Scope, ScopeState};

use crate::server::{Reply, Request, Server};

/// The scopes of which one lets a request through, by method and path.
fn needed(request: &Request) -> &'static [&'static str] {
    let path = request.path.split('/').nth(1).unwrap_or_default();
    match (request.method.as_str(), path) {
        ("GET", "integrations") => {
            &["environment:integrations:list", "environment:integrations:list_credentials"]
        }
        ("HEAD", "integrations") => {
            &["environment:integrations:read", "environment:integrations:read_credentials"]
        }
        ("GET", "connections") if request.path == "/connections" => {
            &["environment:connections:list", "environment:connections:list_credentials"]
        }
        ("GET", "connections") => {
            &["environment:connections:read", "environment:connections:read_credentials"]
        }
        ("PATCH", "connections") => &["environment:connections:update"],
        ("DELETE", "connections") => &["environment:connections:delete"],
        ("POST", "connect") => &["environment:connect_sessions:write"],
        ("POST", "integrations") => &["environment:integrations:create"],
        ("DELETE", "integrations") => &["environment:integrations:delete"],
        (_, "proxy") => &["environment:proxy"],
        _ => &[],
    }
}

fn forbidden(message: &str) -> Reply {
    Reply::json(403, &format!(r#"{{"error":{{"code":"forbidden","message":"{message}"}}}}"#))
}

/// Answers a probe; panics on a request that a server would act on.
fn answer(request: &Request, scopes: &BTreeSet<&str>) -> Reply {
    if request.path == "/health" {
        return Reply::json(200, r#"{"result":"ok"}"#);
    }
    let needed = needed(request);
    if !needed.is_empty() && !needed.iter().any(|scope| scopes.contains(scope)) {
        let which = if needed.len() > 1 { "Required one of" } else { "Required" };
        return forbidden(&format!("Insufficient scope. {which}: {}", needed.join(" or ")));
    }
    let query =
        |name: &str| request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let invalid = |code: &str| Reply::json(400, &format!(r#"{{"error":{{"code":"{code}","errors":[]}}}}"#));
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/integrations") => Reply::json(
            200,
            r#"{"data":[{"unique_key":"a key","provider":"p","created_at":"2026-11-22T11:00:00Z"}]}"#,
        ),
        ("HEAD", "/integrations/a%20key") => {
            let shown = query("include") == Some("credentials")
                && scopes.contains("environment:integrations:read_credentials");
            Reply::json(200, if shown { r#"{"data":{},"credentials":null}"# } else { r#"{"data":{}}"# })
        }
        ("GET", "/connections") if query("limit") == Some("0") => invalid("invalid_query_params"),
        ("PATCH", "/connections/metadata") if request.body == b"{}" => invalid("invalid_body"),
        ("POST", "/integrations") if request.body == b"{}" => invalid("invalid_body"),
        ("DELETE", path) if path.starts_with("/integrations/patchbay-") => {
            Reply::json(404, r#"{"error":{"code":"not_found","message":"Integration does not exist"}}"#)
        }
        ("POST", "/connect/sessions") if request.body == b"{}" => invalid("invalid_body"),
        ("GET", path)
            if path.starts_with("/connections/patchbay-") && query("provider_config_key").is_some() =>
        {
            if query("force_refresh").is_some()
                && !scopes.contains("environment:connections:read_credentials")
            {
                return forbidden(
                    "Credential and refresh options require the environment:connections:read_credentials scope",
                );
            }
            Reply::json(400, r#"{"error":{"code":"unknown_provider_config"}}"#)
        }
        ("DELETE", path) if path.starts_with("/connections/patchbay-") && request.query.is_empty() => {
            invalid("invalid_query_params")
        }
        ("GET", path) if path.starts_with("/proxy/") && request.header("connection-id").is_none() => {
            invalid("invalid_headers")
        }
        other => panic!("a probe must be harmless: {other:?}"),
    }
}

async fn probe_with(scopes: &[&'static str]) -> (Probe, usize) {
    let scopes: BTreeSet<_> = scopes.iter().copied().collect();
    let server = Server::start(move |request| answer(request, &scopes)).await;
    let probe = server.client().probe().await;
    let calls = server.received().len();
    (probe, calls)
}

#[tokio::test]
async fn each_scope_is_told_alone() {
    for granted in Scope::ALL {
        // Credentials of integrations can only be told where integrations can be listed.
        let mut scopes = vec![granted.as_str()];
        if granted == Scope::IntegrationsReadCredentials {
            scopes.push(Scope::IntegrationsList.as_str());
        }
        let (probe, calls) = probe_with(&scopes).await;
        assert!(probe.reachable.is_ok());
        assert_eq!(probe.key, KeyState::Accepted);
        assert!(calls <= 12, "{calls} calls");
        for scope in Scope::ALL {
            // Who may read credentials may read.
            let implied = scope == Scope::ConnectionsRead && granted == Scope::ConnectionsReadCredentials;
            let untold = scope == Scope::IntegrationsReadCredentials && granted != Scope::IntegrationsList;
            let expected = if scopes.contains(&scope.as_str()) || implied {
                ScopeState::Granted
            } else if untold {
                ScopeState::Unknown
            } else {
                ScopeState::Missing
            };
            assert_eq!(probe.scope(scope), expected, "{scope:?} of a key with {granted:?}");
        }
    }
}

#[tokio::test]
async fn reading_integrations_is_not_reading_their_credentials() {
    let (probe, calls) =
        probe_with(&["environment:integrations:list", "environment:integrations:read"]).await;
    assert_eq!(probe.scope(Scope::IntegrationsReadCredentials), ScopeState::Missing);
    assert_eq!(calls, 12, "the answers with and without credentials are compared");
}

#[tokio::test]
async fn a_refused_key_ends_the_probe() {
    let refused = Reply::json(401, r#"{"error":{"code":"unknown_account"}}"#);
    let server = Server::replying(vec![Reply::json(200, r#"{"result":"ok"}"#), refused]).await;
    let probe = server.client().probe().await;
    assert_eq!(probe.key, KeyState::Refused("unknown_account".to_owned()));
    assert!(probe.scopes.values().all(|state| *state == ScopeState::Unknown));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_not_nango_never_sees_the_key() {
    let server = Server::replying(vec![Reply::with_type(200, "text/html", "<h1>It works!</h1>")]).await;
    let probe = server.client().probe().await;
    assert!(probe.reachable.is_err());
    assert_eq!(probe.key, KeyState::Unknown);
    let received = server.received();
    assert_eq!((received.len(), received[0].header("authorization")), (1, None));
}

#[tokio::test]
async fn answers_that_say_nothing_leave_scopes_unknown() {
    let healthy = Reply::json(200, r#"{"result":"ok"}"#);
    let server = Server::replying(vec![healthy, Reply::with_type(500, "text/html", "<h1>Oops</h1>")]).await;
    let probe = server.client().probe().await;
    assert_eq!(probe.key, KeyState::Unknown);
    assert!(probe.scopes.values().all(|state| *state == ScopeState::Unknown), "{:?}", probe.scopes);
}
