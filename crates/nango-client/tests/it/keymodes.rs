//! Key modes against recorded exchanges.

use nango_client::{AuthMode, Created, Error, FormCredentials, Resource};

use crate::fixture::Replay;

async fn authorize(
    name: &str,
    mode: AuthMode,
    integration: &str,
    params: &[(&str, &str)],
    fields: &[(&str, &str)],
) -> Result<Created, Error> {
    let replay = Replay::of("keymodes", name).await;
    let token = replay.recorded_query("connect_session_token").into();
    let params: Vec<_> = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let credentials: FormCredentials = fields.iter().map(|(name, value)| (*name, (*value).into())).collect();
    let client = replay.server.client();
    let result = client.authorize_with_fields(&mode, integration, &token, &params, &credentials).await;
    replay.assert_asked();
    result
}

#[tokio::test]
async fn every_recorded_mode_makes_a_connection() {
    let created = [
        authorize("api_key.success", AuthMode::ApiKey, "local-api-key", &[], &[("apiKey", "key_good_1")])
            .await,
        authorize(
            "config_key.success",
            AuthMode::ApiKey,
            "local-config-key",
            &[("host", "localhost")],
            &[("apiKey", "key_good_1")],
        )
        .await,
        authorize(
            "basic.success",
            AuthMode::Basic,
            "local-basic",
            &[],
            &[("username", "ada"), ("password", "good-password")],
        )
        .await,
        authorize(
            "cc.success",
            AuthMode::OAuth2Cc,
            "local-cc",
            &[],
            &[("client_id", "good"), ("client_secret", "s")],
        )
        .await,
        authorize(
            "two_step.success",
            AuthMode::TwoStep,
            "local-two-step",
            &[],
            &[("clientId", "good"), ("clientSecret", "s")],
        )
        .await,
        authorize("none.success", AuthMode::None, "local-none", &[], &[]).await,
    ];
    for result in created {
        assert_eq!(result.unwrap().connection_id.len(), 36, "an id of the server's");
    }
}

#[tokio::test]
async fn failed_verification_says_what_the_provider_said() {
    let table = [
        (
            authorize("api_key.wrong", AuthMode::ApiKey, "local-api-key", &[], &[("apiKey", "key_bad")])
                .await,
            "connection_test_failed",
            "check the credentials",
        ),
        (
            authorize(
                "cc.wrong",
                AuthMode::OAuth2Cc,
                "local-cc",
                &[],
                &[("client_id", "bad"), ("client_secret", "s")],
            )
            .await,
            "client_credentials_fetch_error",
            "Client authentication failed",
        ),
        (
            authorize(
                "two_step.wrong",
                AuthMode::TwoStep,
                "local-two-step",
                &[],
                &[("clientId", "bad"), ("clientSecret", "s")],
            )
            .await,
            "two_step_credentials_fetch_error",
            "Client authentication failed",
        ),
    ];
    for (result, expected_code, expected_message) in table {
        match result {
            Err(Error::VerificationFailed { code, message: Some(message) }) => {
                assert_eq!(code, expected_code);
                assert!(message.contains(expected_message), "{message}");
            }
            other => panic!("{expected_code}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn other_refusals_keep_their_meaning() {
    let key = [("apiKey", "key_good_1")];
    let error =
        authorize("api_key.unknown_integration", AuthMode::ApiKey, "nope", &[], &key).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { what: Resource::Integration }), "{error:?}");

    let late = [("apiKey", "key_good_7")];
    let error = authorize("reconnect.deleted_meanwhile", AuthMode::ApiKey, "local-api-key", &[], &late).await;
    assert!(matches!(error, Err(Error::NotFound { what: Resource::Connection })), "{error:?}");

    match authorize("api_key.not_allowed", AuthMode::ApiKey, "local-config-key", &[], &key).await {
        Err(Error::Rejected { code, .. }) => assert_eq!(code, "integration_not_allowed"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_mode_that_needs_a_browser_is_refused_before_anything_is_sent() {
    let replay = Replay::of("keymodes", "api_key.success").await;
    let client = replay.server.client();
    let form = FormCredentials::new();
    let result = client.authorize_with_fields(&AuthMode::OAuth2, "key", &"t".into(), &[], &form).await;
    assert!(matches!(result, Err(Error::InvalidArgument { .. })), "{result:?}");
    assert!(replay.server.received().is_empty());
}
