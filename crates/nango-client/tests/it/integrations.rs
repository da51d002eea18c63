//! Integrations against recorded exchanges.

use nango_client::{AppCredentials, AuthMode, Error, IntegrationChange, NewIntegration, Resource};

use crate::fixture::Replay;

fn local_oauth2(display_name: Option<&str>) -> NewIntegration {
    NewIntegration {
        provider: "local-oauth2".to_owned(),
        unique_key: "local-oauth2".to_owned(),
        display_name: display_name.map(str::to_owned),
        forward_webhooks: None,
        credentials: Some(AppCredentials {
            mode: AuthMode::OAuth2,
            client_id: "local-client".to_owned(),
            client_secret: "local-client-secret".into(),
            scopes: vec!["read".to_owned(), "write".to_owned()],
        }),
    }
}

#[tokio::test]
async fn integrations_are_listed_and_read() {
    let replay = Replay::of("integrations", "integrations.list").await;
    let all = replay.server.client().integrations().await.unwrap();
    replay.assert_asked();
    assert!(all.iter().any(|one| one.unique_key == "key with space@1" && !one.forward_webhooks));

    for key in ["local-oauth2", "key with space@1"] {
        let name = if key.contains(' ') { "integrations.get.with_space" } else { "integrations.get" };
        let replay = Replay::of("integrations", name).await;
        let one = replay.server.client().integration(key).await.unwrap();
        replay.assert_asked();
        assert_eq!(one.unique_key, key);
    }
}

#[tokio::test]
async fn an_unknown_integration_is_not_found() {
    let replay = Replay::of("integrations", "integrations.get.unknown").await;
    let error = replay.server.client().integration("nope").await.unwrap_err();
    replay.assert_asked();
    assert!(matches!(error, Error::NotFound { what: Resource::Integration }), "{error:?}");
}

#[tokio::test]
async fn an_integration_is_made_once() {
    let replay = Replay::of("integrations", "integrations.create.oauth2").await;
    let made = replay.server.client().create_integration(&local_oauth2(Some("Local OAuth2"))).await.unwrap();
    replay.assert_asked();
    assert_eq!(made.provider, "local-oauth2");

    let replay = Replay::of("integrations", "integrations.create.duplicate").await;
    let error = replay.server.client().create_integration(&local_oauth2(None)).await.unwrap_err();
    replay.assert_asked();
    match error {
        Error::Rejected { status: 400, code, errors, message: None, .. } => {
            assert_eq!(
                (code.as_str(), errors[0].path.as_slice()),
                ("invalid_body", &["uniqueKey".to_owned()][..])
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_integration_is_changed_and_deleted() {
    let replay = Replay::of("integrations", "integrations.patch.display_name").await;
    let change = IntegrationChange {
        display_name: Some("Local OAuth2 (renamed)".to_owned()),
        ..IntegrationChange::default()
    };
    let changed = replay.server.client().change_integration("local-oauth2", &change).await.unwrap();
    replay.assert_asked();
    assert_eq!(changed.display_name, change.display_name);

    let replay = Replay::of("integrations", "integrations.delete").await;
    replay.server.client().delete_integration("tmp-del").await.unwrap();
    replay.assert_asked();

    let replay = Replay::of("integrations", "integrations.delete.again").await;
    let error = replay.server.client().delete_integration("tmp-del").await.unwrap_err();
    assert!(matches!(error, Error::NotFound { what: Resource::Integration }), "{error:?}");
}
