//! The form of one provider of every auth mode, made from the definitions that the sandbox serves.

use patchbay_core::auth_mode::AuthMode;
use patchbay_core::form::{FieldSpec, Form};
use patchbay_core::id::ConnectTarget;
use patchbay_ipc::{AppNeed, CallbackView, Code, Failure, ProviderView, SetupPlan};
use patchbay_ui::components::{FormField, ProviderList, SetupForm};
use serde_json::Value;
use yew::prelude::*;

use super::stage::render;
use super::{has, lacks, sample};

/// A provider, what its form shows, and what of that is masked.
const FORMS: [(&str, &str, &[&str], &[&str]); 17] = [
    ("OAUTH1", "trello", &[], &[]),
    ("OAUTH2", "zendesk", &["Subdomain"], &[]),
    (
        "OAUTH2_CC",
        "databricks-workspace",
        &["Workspace host", "Client ID", "Client secret"],
        &["Client secret"],
    ),
    ("API_KEY", "active-campaign", &["Hostname", "API key"], &["API key"]),
    ("BASIC", "freshdesk", &["API key", "Subdomain"], &["API key"]),
    ("TWO_STEP", "looker", &["Hostname", "Client ID", "Client secret"], &["Client secret"]),
    (
        "JWT",
        "snowflake-jwt",
        &["Account address", "Account identifier", "Private key", "User name"],
        &["Private key"],
    ),
    ("TBA", "netsuite-tba", &["Token ID", "Token secret", "Account ID"], &["Token secret"]),
    ("SIGNATURE", "emarsys", &["API secret", "API user name"], &["API secret"]),
    (
        "BILL",
        "bill",
        &["Developer key", "Organisation ID", "Password", "User name"],
        &["Developer key", "Password"],
    ),
    ("AWS_SIGV4", "aws-sigv4", &["Role ARN", "Region"], &[]),
    ("NONE", "unauthenticated", &[], &[]),
    ("APP", "github-app", &[], &[]),
    ("CUSTOM", "github-app-oauth", &[], &[]),
    ("MCP_OAUTH2", "linear-mcp", &[], &[]),
    ("MCP_OAUTH2_GENERIC", "mcp-generic", &["Server URL"], &[]),
    ("INSTALL_PLUGIN", "sandbox-plugin", &[], &[]),
];

fn definition(name: &str) -> Value {
    let file: Value = serde_json::from_str(include_str!("../../../crates/nango-sandbox/data/providers.json"))
        .expect("the sandbox's providers");
    let providers = file["providers"].as_array().expect("a list");
    providers.iter().find(|provider| provider["name"] == name).expect("the provider").clone()
}

/// The form as the engine makes it, but for the order of its fields: this reader does not keep that of the text.
fn form(provider: &Value) -> Form {
    let fields = |member: &str| -> Option<Vec<FieldSpec>> {
        let members = provider.get(member)?.as_object()?;
        Some(members.iter().map(|(name, field)| spec(name, field)).collect())
    };
    let mode = AuthMode::from(provider["auth_mode"].as_str().unwrap_or_default());
    let config = fields("connection_config").unwrap_or_default();
    Form::for_provider(&mode, fields("credentials"), config, provider["docs_connect"].as_str())
}

fn spec(name: &str, field: &Value) -> FieldSpec {
    let text = |member: &str| field[member].as_str().map(str::to_owned);
    let flag = |member: &str| field[member].as_bool().unwrap_or_default();
    let choices = field["enum"].as_array().into_iter().flatten();
    FieldSpec {
        name: name.to_owned(),
        title: text("title"),
        description: text("description"),
        example: text("example"),
        pattern: text("pattern"),
        format: text("format"),
        choices: choices.filter_map(Value::as_str).map(str::to_owned).collect(),
        default_value: text("default_value"),
        prefix: text("prefix"),
        suffix: text("suffix"),
        order: field["order"].as_i64(),
        optional: flag("optional"),
        hidden: flag("hidden"),
        automated: flag("automated"),
        secret: flag("secret"),
        doc_section: text("doc_section"),
    }
}

#[tokio::test]
async fn every_mode_has_its_form() {
    let modes: Vec<&str> = FORMS.iter().map(|(mode, ..)| *mode).collect();
    for mode in AuthMode::known() {
        assert!(modes.contains(&mode.name()), "{mode} has a form here");
    }
    for (mode, name, titles, masked) in FORMS {
        let provider = definition(name);
        assert_eq!(provider["auth_mode"], mode, "{name}");
        let form = form(&provider);
        let mut shown: Vec<&str> = form.fields.iter().map(|field| field.title.as_str()).collect();
        let mut titles = titles.to_vec();
        shown.sort_unstable();
        titles.sort_unstable();
        assert_eq!(shown, titles, "{name}");
        let fields = form.fields.clone();
        let text = render(move || {
            html! {
                <>{ for fields.into_iter().map(|field| {
                    let value = field.initial.clone();
                    html! { <FormField {field} {value} on_input={Callback::noop()} /> }
                }) }</>
            }
        })
        .await;
        for field in &form.fields {
            has(&text, &[&format!(">{}</label>", field.title)]);
            for words in [&field.description, &field.prefix, &field.suffix].into_iter().flatten() {
                has(&text, &[words.as_str()]);
            }
            let reveals = format!("Show what is typed in {}", field.title);
            assert_eq!(
                text.contains(&reveals),
                masked.contains(&field.title.as_str()),
                "{name}: {}",
                field.title
            );
        }
        assert_eq!(text.matches("<textarea").count(), usize::from(name == "snowflake-jwt"), "{name}");
        lacks(&text, &["<a "]);
    }
}

/// An enum that is needed starts on its first value; one that is not may stay empty.
#[tokio::test]
async fn a_choice_is_a_list() {
    let mut provider = definition("1password-events");
    let required = form(&provider).fields;
    let domain = required.iter().find(|field| field.name == "domain").expect("a choice").clone();
    assert_eq!(domain.initial, "events.1password.com");
    let text = render(move || {
        let value = domain.initial.clone();
        html! { <FormField field={domain} {value} on_input={Callback::noop()} /> }
    })
    .await;
    has(&text, &["<select", "value=\"events.1password.com\" selected", "events.1password.eu"]);
    provider["connection_config"]["domain"]["optional"] = true.into();
    let optional = form(&provider).fields.into_iter().find(|field| field.name == "domain").expect("a choice");
    assert_eq!(optional.initial, "");
    let text =
        render(move || html! { <FormField field={optional} value="" on_input={Callback::noop()} /> }).await;
    has(&text, &["<option value=\"\" selected=\"selected\">—"]);
}

fn setup(app: AppNeed, cannot: Option<Failure>) -> SetupPlan {
    SetupPlan {
        provider: "github".into(),
        key: "github".into(),
        app,
        scopes: "repo".into(),
        guide_url: None,
        callback: CallbackView {
            url: "https://nango.example.test/oauth/callback".into(),
            words: "Nango’s default.".into(),
        },
        cannot,
        for_operator: "Please add <b>GitHub</b>.".into(),
    }
}

#[tokio::test]
async fn what_the_server_does_not_offer_is_set_up_here_or_handed_on() {
    let target = || ConnectTarget::Connector("github".into());
    let text = render(move || {
        html! { <SetupForm target={target()} name="GitHub" plan={setup(AppNeed::Client, None)} /> }
    })
    .await;
    has(
        &text,
        &[
            "https://nango.example.test/oauth/callback",
            "Copy the callback URL",
            ">Client ID</label>",
            ">Client secret</label>",
            "type=\"password\"",
            "value=\"repo\"",
            ">Set up<",
            "Have the operator do it",
            "&lt;b&gt;GitHub",
        ],
    );
    let text = render(move || {
        html! { <SetupForm target={target()} name="GitHub" plan={setup(AppNeed::Nothing, None)} /> }
    })
    .await;
    has(&text, &[">Integration ID</label>", ">Set up<"]);
    lacks(&text, &["Client ID", "Copy the callback URL"]);
    let text = render(move || {
        let cannot = Failure { code: Code::MissingScope, ..sample::failure() };
        html! { <SetupForm target={target()} name="GitHub" plan={setup(AppNeed::Client, Some(cannot))} /> }
    })
    .await;
    has(&text, &["It went wrong.", "Copy for whoever runs this nango", "does not offer GitHub yet"]);
    lacks(&text, &[">Set up<", "Client secret"]);
}

#[tokio::test]
async fn the_rest_of_the_catalogue_is_shown_in_parts() {
    let provider = |number: usize| ProviderView {
        provider: format!("p{number}").as_str().into(),
        name: format!("Provider {number}"),
        categories: vec!["crm".into()],
        auth_mode: AuthMode::ApiKey,
        availability: patchbay_ipc::Availability::NotSetUp,
        connected: if number == 1 { 2 } else { 0 },
        needing_attention: 0,
    };
    let text = render(move || {
        let providers: Vec<ProviderView> = (0..890).map(provider).collect();
        html! { <ProviderList {providers} /> }
    })
    .await;
    has(
        &text,
        &[
            "aria-label=\"Connect Provider 0\"",
            "Not set up on this server",
            "2 connected",
            "Show 60 more",
            "60 of 890",
            "crm",
        ],
    );
    assert_eq!(text.matches("aria-label=\"Connect Provider").count(), 60);
}
