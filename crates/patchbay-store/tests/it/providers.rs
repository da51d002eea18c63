//! The server's catalogue: replaced as a whole, one profile's alone, and gone with the server it is of.

use patchbay_core::attempt::{Attempt, State};
use patchbay_core::connection::Connection;
use patchbay_core::id::ConnectTarget;
use patchbay_core::profile::Profile;
use patchbay_store::{Integration, KeptProvider, ListedProvider, Store};
use url::Url;

use crate::sample::{at, connection, profile};

fn provider(name: &str, display_name: &str) -> KeptProvider {
    KeptProvider {
        listed: ListedProvider {
            name: name.into(),
            display_name: display_name.to_owned(),
            auth_mode: "API_KEY".to_owned(),
            categories: vec!["crm".to_owned(), "with, comma".to_owned()],
        },
        definition: format!("{{\"name\": \"{name}\"}}"),
    }
}

#[tokio::test]
async fn the_catalogue_is_replaced_as_a_whole() {
    let store = Store::in_memory().await.expect("a store");
    let (one, two) = (profile(&store, 1).await, profile(&store, 2).await);
    assert_eq!(store.catalogue_etag(one).await.expect("read"), None);
    let first = vec![provider("b", "Bee"), provider("a", "Sea"), provider("b", "a second of that name")];
    store.save_catalogue(one, Some("W/\"1\"".into()), first).await.expect("written");
    let listed = store.providers(one).await.expect("read");
    assert_eq!(listed, [provider("b", "Bee").listed, provider("a", "Sea").listed], "by what people read");
    assert!(store.providers(two).await.expect("read").is_empty(), "another profile's is not there");
    assert_eq!(store.provider(one, "a".into()).await.expect("read").as_deref(), Some("{\"name\": \"a\"}"));

    store.save_catalogue(one, None, vec![provider("c", "Dee")]).await.expect("written");
    assert_eq!(store.provider(one, "a".into()).await.expect("read"), None, "what the server dropped is gone");
    assert_eq!(store.catalogue_etag(one).await.expect("read"), None);
    store.save_provider(one, provider("c", "Dee anew")).await.expect("written");
    assert_eq!(store.providers(one).await.expect("read"), [provider("c", "Dee anew").listed]);
}

#[tokio::test]
async fn what_was_learnt_of_another_server_goes_with_it() {
    let store = Store::in_memory().await.expect("a store");
    let id = profile(&store, 1).await;
    let integration = Integration {
        key: "github".into(),
        provider: "github".into(),
        display_name: "GitHub".into(),
        preconfigured: vec!["apiKey".into(), "client_id".into()],
    };
    store.save_offers(id, vec![integration.clone()], at(5)).await.expect("written");
    store.save_catalogue(id, Some("etag".into()), vec![provider("a", "Ay")]).await.expect("written");
    store.save_callback_url(id, "https://nango.test/oauth/callback".into()).await.expect("written");
    let stored = store.profile(id).await.expect("read").expect("there");

    store.save_profile(Profile { user_id: "sam".into(), ..stored.clone() }).await.expect("saved");
    assert_eq!(store.offers(id).await.expect("read").integrations, [integration], "the same server's stays");
    assert_eq!(store.catalogue_etag(id).await.expect("read").as_deref(), Some("etag"));

    let server_url = Url::parse("https://another.test/").expect("an address");
    store.save_profile(Profile { server_url, ..stored }).await.expect("saved");
    assert_eq!(store.offers(id).await.expect("read"), Default::default());
    assert!(store.providers(id).await.expect("read").is_empty());
    assert_eq!(store.catalogue_etag(id).await.expect("read"), None);
    assert_eq!(store.callback_url(id).await.expect("read"), None);
}

#[tokio::test]
async fn connections_of_a_provider_have_labels_and_counts_of_their_own() {
    let store = Store::in_memory().await.expect("a store");
    let id = profile(&store, 1).await;
    for (number, connector) in [(1, Some("github")), (2, None)] {
        let of = Connection { connector: connector.map(Into::into), ..connection(id, number) };
        let attempt = crate::sample::attempt(id, number, State::AwaitingConnection);
        store.insert_attempt(attempt.clone()).await.expect("written");
        let state = State::Connected(of.connection_id.clone());
        let ended = Attempt { state, ended_at: Some(at(9)), ..attempt.clone() };
        store.complete_attempt(attempt.state, ended, of, "GitHub".into(), at(9)).await.expect("written");
    }
    let of = |target: ConnectTarget| store.labels(id, target);
    let connector = ConnectTarget::Connector("github".into());
    let provider = ConnectTarget::Provider("github".into());
    assert_eq!(of(connector.clone()).await.expect("read"), ["label 1"]);
    assert_eq!(of(provider.clone()).await.expect("read"), ["label 2"]);
    let mut counted: Vec<_> =
        store.connection_counts(id).await.expect("read").into_iter().map(|c| (c.target, c.count)).collect();
    counted.sort();
    assert_eq!(counted, [(connector, 1), (provider, 1)]);
}
