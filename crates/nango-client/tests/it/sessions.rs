//! Connect sessions against recorded exchanges.

use std::collections::BTreeMap;

use nango_client::{
    EndUser, Error, IntegrationDefaults, NewSession, Organization, Reconnect, Resource, SessionDetails,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, json};

use crate::fixture::Replay;

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn token_of(replay: &Replay) -> SecretString {
    replay.recorded_header("authorization").trim_start_matches("Bearer ").into()
}

#[tokio::test]
async fn a_session_is_made_in_every_shape() {
    let config = |name: &str, value: &str| Map::from_iter([(name.to_owned(), json!(value))]);
    let table = [
        (
            "connect_sessions.create.tags_only",
            NewSession { tags: tags(&[("owner", "ada"), ("Project", "Q4")]), ..NewSession::default() },
        ),
        (
            "connect_sessions.create.end_user",
            NewSession {
                end_user: Some(EndUser {
                    id: "u-42".to_owned(),
                    email: Some("ada@example.com".to_owned()),
                    display_name: Some("Ada L".to_owned()),
                    tags: tags(&[("plan", "pro")]),
                }),
                organization: Some(Organization {
                    id: "org-1".to_owned(),
                    display_name: Some("Org One".to_owned()),
                }),
                allowed_integrations: vec!["local-oauth2".to_owned(), "local-api-key".to_owned()],
                ..NewSession::default()
            },
        ),
        (
            "connect_sessions.create.defaults",
            NewSession {
                tags: tags(&[("owner", "ada")]),
                allowed_integrations: vec!["local-config-oauth2".to_owned(), "local-oauth2".to_owned()],
                defaults: BTreeMap::from([
                    (
                        "local-config-oauth2".to_owned(),
                        IntegrationDefaults {
                            connection_config: config("host", "localhost"),
                            authorization_params: tags(&[("login_hint", "ada")]),
                            user_scopes: Some("x".to_owned()),
                        },
                    ),
                    (
                        "local-oauth2".to_owned(),
                        IntegrationDefaults {
                            connection_config: config("oauth_scopes_override", "profile,email"),
                            ..IntegrationDefaults::default()
                        },
                    ),
                ]),
                ..NewSession::default()
            },
        ),
    ];
    for (name, new) in table {
        let replay = Replay::of("sessions", name).await;
        let session = replay.server.client().create_connect_session(&new).await.unwrap();
        replay.assert_asked();
        assert!(session.token.expose_secret().starts_with("nango_connect_session_"), "{name}");
        assert!(session.expires_at.to_string().starts_with("2026-11-22T11:32:15"), "{name}");
    }
}

#[tokio::test]
async fn an_unknown_integration_is_named_by_its_place() {
    let replay = Replay::of("sessions", "connect_sessions.create.unknown_integration").await;
    let new = NewSession {
        tags: tags(&[("a", "b")]),
        allowed_integrations: vec!["nope".to_owned(), "local-oauth2".to_owned()],
        ..NewSession::default()
    };
    match replay.server.client().create_connect_session(&new).await {
        Err(Error::Rejected { errors, .. }) => assert_eq!(errors[0].path, ["allowed_integrations", "0"]),
        other => panic!("{other:?}"),
    }
    replay.assert_asked();
}

#[tokio::test]
async fn a_reconnect_sends_the_tags_again_and_misses_what_is_gone() {
    let mut reconnect = Reconnect {
        connection_id: "fdab2964-7af5-4b15-a4e5-90dfe6b8a965".to_owned(),
        integration: "local-oauth2".to_owned(),
        end_user: None,
        tags: tags(&[("owner", "yan")]),
        defaults: BTreeMap::new(),
    };
    let replay = Replay::of("sessions", "reconnect.create.with_tags").await;
    replay.server.client().create_reconnect_session(&reconnect).await.unwrap();
    replay.assert_asked();

    let replay = Replay::of("sessions", "reconnect.create.unknown").await;
    reconnect.connection_id = "nope".to_owned();
    reconnect.tags.clear();
    let error = replay.server.client().create_reconnect_session(&reconnect).await.unwrap_err();
    replay.assert_asked();
    assert!(matches!(error, Error::NotFound { what: Resource::Connection }), "{error:?}");
}

#[tokio::test]
async fn a_session_tells_what_it_is_for() {
    async fn details(name: &str) -> Result<SessionDetails, Error> {
        let replay = Replay::of("sessions", name).await;
        let details = replay.server.client().session_details(&token_of(&replay)).await;
        replay.assert_asked();
        details
    }
    let reconnect = details("connect_session.get.reconnect").await.unwrap();
    assert!(reconnect.is_reconnecting);
    assert_eq!(reconnect.websockets_path, "/");
    let first = details("connect_session.get.end_user").await.unwrap();
    assert!(!first.is_reconnecting);
    assert_eq!(first.end_user.unwrap().organization.unwrap().id, "org-1");
    match details("connect_session.get.bad_token").await {
        Err(Error::Unauthorized { code }) => assert_eq!(code, "unknown_connect_session_token"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_is_deleted() {
    let replay = Replay::of("sessions", "connect_session.delete").await;
    replay.server.client().delete_session(&token_of(&replay)).await.unwrap();
    replay.assert_asked();
}
