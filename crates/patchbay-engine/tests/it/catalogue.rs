//! The server's own catalogue: read once, shown without a network, changed under one's feet, hostile; and setting
//! up what the server does not offer yet.

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Options, Sandbox};
use patchbay_core::profile::Scope;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Harness, count, sandbox, sandbox_with, target, until};

async fn refresh(harness: &Harness) {
    harness.engine.answer(RefreshConnectors {}).await.expect("connectors");
}

async fn providers(harness: &Harness) -> Vec<ProviderView> {
    harness.engine.answer(ListProviders {}).await.expect("the rest").providers
}

async fn named(harness: &Harness, key: &str) -> Option<ProviderView> {
    providers(harness).await.into_iter().find(|provider| provider.provider.as_str() == key)
}

/// Has the server answer `GET /providers` with this.
fn catalogue_is(sandbox: &Sandbox, body: String, etag: &str) {
    sandbox.set_faults(vec![Fault {
        matcher: FaultMatcher { method: Some("GET".into()), path_prefix: "/providers".into() },
        times: None,
        action: FaultAction::Status {
            code: 200,
            body,
            headers: [
                ("etag".to_owned(), etag.to_owned()),
                ("content-type".into(), "application/json".into()),
            ]
            .into(),
        },
    }]);
}

#[tokio::test]
async fn the_catalogue_is_read_once_and_shown_without_a_network() {
    let mut sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    until("the catalogue", || async { named(&harness, "github-app").await }).await;
    refresh(&harness).await;
    refresh(&harness).await;
    let answers: Vec<u16> = sandbox
        .requests()
        .iter()
        .filter(|request| request.method == "GET" && request.path == "/providers")
        .map(|request| request.status)
        .collect();
    assert_eq!(answers, [200, 304, 304], "read again only if it has changed");

    let all = providers(&harness).await;
    assert!(all.iter().all(|provider| provider.provider.as_str() != "github"), "GitHub is a connector");
    let bearer =
        named(&harness, "private-api-bearer").await.expect("what connectors only make use of is listed");
    assert_eq!(bearer.name, "Private API (Bearer Auth)");
    let mut names: Vec<String> = all.iter().map(|provider| provider.name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all.len(), "each has a name of its own");

    sandbox.stop_nango().await;
    assert_eq!(providers(&harness).await, all, "the same without a network");
}

#[tokio::test]
async fn a_provider_is_connected_labelled_found_and_counted() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    refresh(&harness).await;
    for label in ["Ghost (Admin API)", "Ghost (Admin API) 2"] {
        // Not among the demo's integrations: it is set up first.
        if named(&harness, "ghost-admin").await.expect("listed").availability == Availability::NotSetUp {
            set_up(&harness, "provider:ghost-admin", "ghost", "", "").await.expect("set up");
        }
        let fields = [("privateKey", "6470f1:2fc4a0"), ("adminDomain", "acme.ghost.io"), ("version", "v5.0")];
        let attempt = harness.start_with("provider:ghost-admin", &fields).await.expect("an attempt");
        let view = harness.reaches(attempt.id, Phase::Connected).await;
        assert_eq!((view.label.as_str(), view.connector_name.as_str()), (label, "Ghost (Admin API)"));
        assert_eq!((view.connector, view.icon), (None, None), "letters are drawn");
    }
    let row = named(&harness, "ghost-admin").await.expect("listed");
    assert_eq!((row.connected, row.availability), (2, Availability::Ready));
    let mut search = crate::harness::all_connections();
    search.narrowing.search = "admin api".into();
    assert_eq!(harness.engine.answer(search).await.expect("a list").matching, 2, "found by the name");

    let taken = StartAttempt {
        target: target("provider:ghost-admin"),
        integration: "ghost".into(),
        label: "ghost (admin api)".into(),
        fields: Vec::new(),
    };
    let refused = harness.engine.answer(taken).await.expect_err("the label is taken");
    assert_eq!(refused.field.as_deref(), Some("label"));

    harness.crash_and_start().await;
    let names: Vec<String> = harness.connections().await.into_iter().map(|c| c.connector_name).collect();
    assert_eq!(names, ["Ghost (Admin API)"; 2], "also after a restart");
}

#[tokio::test]
async fn what_the_server_dropped_or_changed_is_handled() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let entry = |pattern: &str| {
        format!(
            r#"{{"data":[{{"name":"bill","display_name":"Bill","auth_mode":"BILL","credentials":{{
                "username":{{"title":"User","pattern":"{pattern}"}}}}}}]}}"#
        )
    };
    catalogue_is(&sandbox, entry("^a"), "W/\"one\"");
    refresh(&harness).await;
    assert_eq!(providers(&harness).await.len(), 1, "what the server dropped is gone");
    let refused =
        harness.start_with("provider:bill", &[("username", "bob")]).await.expect_err("not of the form");
    assert_eq!(refused.field.as_deref(), Some("username"));

    catalogue_is(&sandbox, entry("^b"), "W/\"two\"");
    refresh(&harness).await;
    let plan = PlanConnection { target: target("provider:bill"), integration: None };
    let plan = harness.engine.answer(plan).await.expect("a plan");
    assert_eq!(plan.form.fields[0].pattern.as_deref(), Some("^b"), "the form is the new one");

    // Its definition is gone; a form from before asks something else.
    let removed = r#"{"data":[{"name":"bill","display_name":"Bill","auth_mode":"BILL"}]}"#;
    catalogue_is(&sandbox, removed.to_owned(), "W/\"three\"");
    refresh(&harness).await;
    let old = StartAttempt {
        target: plan.target,
        integration: plan.integration,
        label: plan.default_label,
        fields: vec![FieldInput {
            name: "gone".into(),
            part: patchbay_core::form::FieldPart::Credential,
            value: SecretInput::from("x".to_owned()),
        }],
    };
    let refused = harness.engine.answer(old).await.expect_err("the form has changed");
    assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidInput, Some("gone")));
}

#[tokio::test]
async fn a_hostile_catalogue_harms_nothing() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    refresh(&harness).await;
    let before = providers(&harness).await.len();

    // Not a catalogue at all: what was known stays.
    for body in ["[]", "<html>", r#"{"data":{}}"#, r#"{"data":"#] {
        catalogue_is(&sandbox, body.to_owned(), "W/\"x\"");
        let failure = harness.engine.answer(RefreshConnectors {}).await.expect_err("no catalogue");
        assert_eq!(failure.code, Code::UnexpectedAnswer, "{body}");
        assert_eq!(providers(&harness).await.len(), before, "{body}");
    }

    // A thousand entries as a real server has, and some that are none or try things.
    let mut entries: Vec<String> = (0..1_000)
        .map(|n| format!(r#"{{"name":"p{n}","display_name":"<img src=x> {n}","auth_mode":"API_KEY"}}"#))
        .collect();
    entries.extend([
        "7".to_owned(),
        "null".to_owned(),
        r#"{"display_name":"nameless"}"#.to_owned(),
        r#"{"name":"p0","display_name":"a second p0"}"#.to_owned(),
        r#"{"name":"deep","connection_config":{"x":{"pattern":"(a+)+$","order":"first","enum":[{}]}}}"#
            .to_owned(),
        format!(r#"{{"name":"{}"}}"#, "x".repeat(10_000)),
    ]);
    catalogue_is(&sandbox, format!(r#"{{"data":[{}]}}"#, entries.join(",")), "W/\"y\"");
    refresh(&harness).await;
    let all = providers(&harness).await;
    assert_eq!(all.len(), 1_001, "what makes sense is kept, once");
    assert!(all.iter().all(|provider| provider.name.chars().count() <= 80));

    // Larger than anything a server should send.
    catalogue_is(&sandbox, format!(r#"{{"data":["{}"]}}"#, "x".repeat(5 << 20)), "W/\"z\"");
    harness.engine.answer(RefreshConnectors {}).await.expect_err("too large");
    assert_eq!(providers(&harness).await.len(), 1_001);
}

async fn set_up(
    harness: &Harness,
    named: &str,
    key: &str,
    client_id: &str,
    client_secret: &str,
) -> Result<IntegrationView, Failure> {
    let request = SetUpIntegration {
        target: target(named),
        key: key.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: SecretInput::from(client_secret.to_owned()),
        scopes: "repo, user".to_owned(),
    };
    harness.engine.answer(request).await
}

async fn plan(harness: &Harness, named: &str) -> SetupPlan {
    harness.engine.answer(PlanSetup { target: target(named) }).await.expect("a plan")
}

#[tokio::test]
async fn what_is_not_set_up_is_set_up_from_here() {
    let options = Options {
        integrations: nango_sandbox::Integrations::None,
        callback_url: Some(crate::harness::DEEP_LINK.to_owned()),
        ..Options::default()
    };
    let sandbox = sandbox_with(options).await;
    let harness = Harness::on(&sandbox).await;
    refresh(&harness).await;
    let missing = PlanConnection { target: target("github"), integration: None };
    let failure = harness.engine.answer(missing).await.expect_err("there is no integration");
    assert_eq!(failure.code, Code::NotSetUp);

    let before = plan(&harness, "github").await;
    assert_eq!((before.app, before.key.as_str(), before.cannot), (AppNeed::Client, "github", None));
    assert_eq!(before.callback.url, format!("{}oauth/callback", sandbox.base_url()));
    assert!(before.callback.words.contains("default"), "nothing better is known yet: {:?}", before.callback);
    assert!(before.for_operator.contains("provider: github"), "{}", before.for_operator);

    for (id, secret, field) in [(" ", "s", "client_id"), ("i", " ", "client_secret")] {
        let failure =
            set_up(&harness, "github", "github", id, secret).await.expect_err("something is missing");
        assert_eq!(failure.field.as_deref(), Some(field));
    }
    let bad = set_up(&harness, "github", "a/b", "id", "secret").await.expect_err("not a key");
    assert_eq!(bad.field.as_deref(), Some("key"));
    let made = set_up(&harness, "github", "github", "id", "patchbay-app-secret").await.expect("set up");
    assert_eq!(made.key.as_str(), "github");
    let taken = set_up(&harness, "github", "github", "id", "secret").await.expect_err("there is one");
    assert_eq!(taken.field.as_deref(), Some("key"));
    assert!(!format!("{taken:?}").contains("patchbay-app-secret"));

    // It connects at once, and from then on the callback is known.
    harness.connect("github", "alex").await;
    let after = plan(&harness, "github").await;
    assert_eq!(after.callback.url, crate::harness::DEEP_LINK);
    assert_eq!(after.key, "github-2", "a free key is proposed");

    // A general provider's integration is named after the connector, so that it is known by that.
    assert_eq!(plan(&harness, "jenkins").await.key, "jenkins");
    let keyed = set_up(&harness, "sendgrid", "sendgrid", "", "").await.expect("no application is needed");
    assert_eq!(keyed.name, "SendGrid");
    let dashboard = plan(&harness, "amazon-s3").await;
    assert_eq!(dashboard.app, AppNeed::Dashboard);
    assert_eq!(dashboard.cannot.map(|failure| failure.code), Some(Code::NotSetUp));
    let database = std::fs::read(harness.database()).expect("the database");
    let secret = b"patchbay-app-secret";
    assert!(!database.windows(secret.len()).any(|bytes| bytes == secret), "the secret is not kept");
}

/// The scopes of a key that may do what Patchbay needs and no more.
fn narrow(sandbox: &Sandbox, more: &[&str]) -> String {
    let needed =
        Scope::ALL.into_iter().filter(|scope| scope.need() == patchbay_core::profile::Need::Required);
    let mut scopes: Vec<&str> = needed.map(Scope::name).collect();
    scopes.extend(more);
    sandbox.create_api_key(&scopes)
}

#[tokio::test]
async fn a_key_that_may_not_set_up_is_told_what_to_give_the_operator() {
    let options = Options { integrations: nango_sandbox::Integrations::None, ..Options::default() };
    let sandbox = sandbox_with(options).await;
    let harness = Harness::new().await;
    harness.save(sandbox.base_url(), &narrow(&sandbox, &[])).await.expect("a profile");
    until("the catalogue", || async { named(&harness, "github-app").await }).await;
    let known = plan(&harness, "github").await;
    let cannot = known.cannot.expect("the probe has told");
    assert_eq!(cannot.code, Code::MissingScope);
    for needed in ["provider: github", "callback: ", "environment:integrations:create"] {
        assert!(known.for_operator.contains(needed), "{needed} in {}", known.for_operator);
    }
    let posts = count(&sandbox, "POST", "/integrations");
    let failure = set_up(&harness, "github", "github", "id", "secret").await.expect_err("403");
    assert_eq!(failure.code, Code::MissingScope, "what Nango itself says is told alike");
    assert_eq!(count(&sandbox, "POST", "/integrations"), posts + 1);
}

#[tokio::test]
async fn the_check_of_a_key_says_what_is_missing_and_what_is_too_much() {
    let sandbox = sandbox().await;
    let harness = Harness::new().await;
    let check = async |key: &str| {
        let form = SaveProfile {
            accept_problems: true,
            ..crate::harness::profile_form(sandbox.base_url().as_str(), key)
        };
        let overview = harness.engine.answer(form).await.expect("a profile");
        overview.profile.and_then(|profile| profile.check).expect("checked")
    };
    let exact = check(&narrow(&sandbox, &["environment:connections:list"])).await;
    assert!(exact.all_well, "{exact:?}");
    assert!(!exact.for_operator.contains("lacks") && !exact.for_operator.contains("should not"));
    assert!(exact.for_operator.contains("- environment:proxy\n"));

    let short = check(&sandbox.create_api_key(&["environment:connect_sessions:write"])).await;
    assert!(
        !short.all_well && short.for_operator.contains("The present key lacks:\n"),
        "{}",
        short.for_operator
    );
    assert!(!short.for_operator.contains("should not"));

    let wide = check(sandbox.api_key()).await;
    assert!(!wide.all_well && wide.for_operator.contains("should not have"), "{}", wide.for_operator);
    assert!(wide.for_operator.contains("environment:*"), "it looks like all of them");
    assert_eq!(wide.scopes.len(), Scope::ALL.len());
}
