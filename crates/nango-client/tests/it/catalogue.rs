//! Providers: recorded ones and hostile ones.

use nango_client::{AuthMode, Catalogue, Error, Provider, ProvidersAnswer, Resource};

use crate::fixture::Replay;
use crate::server::{Reply, Server};

#[tokio::test]
async fn the_catalogue_is_read_with_its_fields_in_order() {
    let replay = Replay::of("providers", "providers.list").await;
    let ProvidersAnswer::Catalogue(catalogue) = replay.server.client().providers(None).await.unwrap() else {
        panic!("no etag was sent");
    };
    replay.assert_asked();
    assert_eq!(catalogue.etag.as_deref(), Some("W/\"d8070-ie45U0HqSzwHiXX45OqDpmHq3O0\""));
    assert_eq!(catalogue.skipped, 0);
    let provider = &catalogue.providers[0];
    assert_eq!((provider.name.as_str(), &provider.auth_mode), ("1password-events", &AuthMode::ApiKey));
    assert_eq!(provider.categories, ["iam"]);
    let (name, field) = &provider.connection_config.as_ref().unwrap()[0];
    assert_eq!((name.as_str(), field.order, field.choices.len()), ("domain", Some(1), 3));
    assert!(!field.optional, "absent means required");
}

#[tokio::test]
async fn an_unchanged_catalogue_is_not_sent_again() {
    let replay = Replay::of("providers", "providers.list.not_modified").await;
    let etag = replay.recorded_header("if-none-match");
    let answer = replay.server.client().providers(Some(&etag)).await.unwrap();
    assert!(matches!(answer, ProvidersAnswer::NotModified), "{answer:?}");
    replay.assert_asked();
}

#[tokio::test]
async fn one_provider_is_read_or_does_not_exist() {
    let replay = Replay::of("providers", "provider.get.local-config-key").await;
    let provider = replay.server.client().provider("local-config-key").await.unwrap();
    replay.assert_asked();
    let (name, key) = &provider.credentials.as_ref().unwrap()[0];
    assert_eq!((name.as_str(), key.pattern.as_deref()), ("apiKey", Some("^key_[a-z0-9_]+$")));

    let replay = Replay::of("providers", "provider.get.unknown").await;
    let error = replay.server.client().provider("nope").await.unwrap_err();
    replay.assert_asked();
    assert!(matches!(error, Error::NotFound { what: Resource::Provider }), "{error:?}");
}

#[tokio::test]
async fn a_strange_entry_does_not_lose_the_others() {
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    let body = format!(
        r#"{{"data":[
            {{"name":"good","auth_mode":"OAUTH2","credentials":{{"z":{{"title":"Z"}},"a":{{"title":"A"}}}}}},
            {{"name":"odd","display_name":7,"auth_mode":["x"],"categories":"iam","credentials":[1],
              "connection_config":{{"kept":{{"order":"first","enum":["a",1,null],"optional":"yes"}},"lost":3}}}},
            {{"name":"deep","auth_mode":"NONE","docs":{deep}}},
            {{"display_name":"nameless"}}, null, 3, "text", [],
            {{"name":"new","auth_mode":"TELEPATHY","unheard_of":{{"x":1}}}}
        ]}}"#
    );
    let server = Server::replying(vec![Reply::json(200, &body)]).await;
    let ProvidersAnswer::Catalogue(Catalogue { providers, skipped, etag }) =
        server.client().providers(None).await.unwrap()
    else {
        panic!("the server sent a catalogue");
    };
    assert_eq!((skipped, etag), (5, None));
    let names: Vec<_> = providers.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["good", "odd", "deep", "new"]);
    let order = |provider: &Provider| -> Vec<String> {
        provider.credentials.iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(order(&providers[0]), ["z", "a"], "the order of the text, not of the alphabet");

    let odd = &providers[1];
    assert_eq!((odd.display_name.as_str(), &odd.auth_mode), ("odd", &AuthMode::Other(String::new())));
    assert!(odd.categories.is_empty() && odd.credentials.is_none());
    let config = odd.connection_config.as_ref().unwrap();
    assert_eq!(config.len(), 1, "a field that is no object is left out");
    assert_eq!((config[0].1.order, config[0].1.optional), (None, false));
    assert_eq!(config[0].1.choices, ["a", "1"]);

    assert_eq!(providers[3].auth_mode, AuthMode::Other("TELEPATHY".to_owned()));
    let again = Provider::from_json(providers[0].raw()).unwrap();
    assert_eq!(order(&again), ["z", "a"], "a cached provider reads like the first time");
}
