//! Components rendered to text: what a person can find by name and role, in each state.

#[path = "render/sample.rs"]
mod sample;
#[path = "render/stage.rs"]
mod stage;

use patchbay_core::avatar::{Avatar, Shape};
use patchbay_core::form::{Field, FieldPart};
use patchbay_core::profile::ProfileKind;
use patchbay_ipc::{Availability, KeyringState, KeyringView, NetworkView, Phase, Tone};
use patchbay_ui::components::{
    AvatarPicture, ConnectionDrawer, ConnectionRow, ConnectionStatus, ConnectorCard, DrawerMode,
    FailureBanner, FormField, Navigation, ProfileFormView, ToastRegion,
};
use patchbay_ui::pages::{AttemptItem, FirstRunPage, KeyringSection, Scopes};
use patchbay_ui::route::Route;
use patchbay_ui::state::toasts::{ToastAction, Toasts};
use stage::{render, render_in};
use yew::prelude::*;

/// Asserts that each piece occurs in the text.
#[track_caller]
fn has(text: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(text.contains(piece), "no {piece:?} in:\n{text}");
    }
}

/// Asserts that none of the pieces occurs in the text.
#[track_caller]
fn lacks(text: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(!text.contains(piece), "there is {piece:?} in:\n{text}");
    }
}

#[tokio::test]
async fn navigation_names_its_links_and_marks_the_page() {
    let text = render(|| {
        let mut overview = sample::overview();
        overview.connections_needing_attention = 2;
        html! { <Navigation route={Route::Connections} {overview} /> }
    })
    .await;
    has(
        &text,
        &[
            "<span>Connectors</span></a>",
            "<span>Connections</span></a>",
            "<span>Activity</span></a>",
            "<span>Settings</span></a>",
            "href=\"#/connections\" aria-current=\"page\"",
            "need attention",
            "nango.example.test",
            "Online",
        ],
    );
    assert_eq!(text.matches("aria-current").count(), 1);
    lacks(&text, &["Workflows", "Runs"]);
}

#[tokio::test]
async fn the_foot_says_in_words_that_the_network_is_not_used() {
    let text = render(|| {
        let mut overview = sample::overview();
        overview.network = NetworkView::Disabled { by_environment: true };
        if let Some(profile) = &mut overview.profile {
            profile.kind = ProfileKind::Sandbox;
        }
        html! { <Navigation route={Route::Settings} {overview} /> }
    })
    .await;
    has(&text, &["Network off for this run", "Sandbox"]);
}

#[tokio::test]
async fn the_first_run_offers_two_ways() {
    let text = render(|| html! { <FirstRunPage /> }).await;
    has(
        &text,
        &[
            ">Nango server URL</label>",
            "value=\"https://api.nango.dev\"",
            ">API key</label>",
            "type=\"password\"",
            ">Your user id</label>",
            "Save and check",
            "Try it without an account",
        ],
    );
    lacks(&text, &["Save anyway"]);
}

#[tokio::test]
async fn a_stored_key_is_never_in_the_form() {
    let text = render(|| {
        let profile = sample::overview().profile;
        html! { <ProfileFormView {profile} /> }
    })
    .await;
    has(
        &text,
        &[
            "Stored in the keyring; leave empty to keep it",
            "value=\"https://nango.example.test\"",
            "value=\"alex\"",
        ],
    );
}

#[tokio::test]
async fn a_connector_says_its_state_and_names_its_button() {
    let text = render(|| html! { <ConnectorCard connector={sample::connector()} /> }).await;
    has(&text, &["aria-label=\"Connect GitHub\"", "Not connected"]);
    lacks(&text, &["aria-disabled"]);
    let text = render(|| {
        let mut connector = sample::connector();
        connector.connected = 2;
        connector.needing_attention = 1;
        html! { <ConnectorCard {connector} /> }
    })
    .await;
    has(&text, &["2 connected, 1 needs reconnect", "Connect another"]);
}

#[tokio::test]
async fn a_connect_button_says_why_it_cannot() {
    let text = render(|| {
        let mut connector = sample::connector();
        connector.availability = Availability::NotSetUp;
        html! { <ConnectorCard {connector} /> }
    })
    .await;
    has(
        &text,
        &["Not set up on this server", "aria-disabled=\"true\"", "aria-describedby", "provider “github”"],
    );
    let text = render_in(
        || {
            let mut overview = sample::overview();
            overview.network = NetworkView::Disabled { by_environment: false };
            overview
        },
        || html! { <ConnectorCard connector={sample::connector()} /> },
    )
    .await;
    has(&text, &["This profile does not use the network", "aria-disabled=\"true\""]);
}

#[tokio::test]
async fn a_waiting_attempt_is_a_live_region_with_ways_on() {
    let text =
        render(|| html! { <ConnectionStatus attempt={sample::attempt(Phase::AwaitingBrowser)} /> }).await;
    has(
        &text,
        &[
            "role=\"status\"",
            "Words of AwaitingBrowser",
            "What happens next",
            "Check now",
            "Paste the link",
            "Open the browser again",
            "Cancel",
            "Asked Nango for a session",
        ],
    );
}

#[tokio::test]
async fn an_ended_attempt_offers_what_its_owner_offers() {
    for phase in [Phase::Connected, Phase::Refused, Phase::Expired, Phase::Cancelled, Phase::Failed] {
        let text = render(move || {
            html! { <ConnectionStatus attempt={sample::attempt(phase)}>{ "the next step" }</ConnectionStatus> }
        })
        .await;
        has(&text, &[&format!("Words of {phase:?}"), "the next step"]);
        lacks(&text, &["Check now", "Paste the link", ">Cancel<"]);
    }
    let text = render(|| html! { <ConnectionStatus attempt={sample::attempt(Phase::Failed)} /> }).await;
    has(&text, &["role=\"alert\"", "It went wrong.", "Do it again.", "status 500"]);
}

#[tokio::test]
async fn a_row_names_its_actions_after_the_label() {
    let text = render(|| {
        html! {
            <ConnectionRow connection={Some(sample::connection("work"))} index=4 top=208 is_current=true is_selected=false
                on_action={Callback::noop()} on_current={Callback::noop()} />
        }
    })
    .await;
    has(
        &text,
        &[
            "role=\"row\"",
            "aria-rowindex=\"6\"",
            "aria-label=\"Rename work\"",
            "aria-label=\"Disconnect work\"",
            "Needs reconnect",
            "status-warning",
            "2 hours ago",
            "alex@example.test",
        ],
    );
}

#[tokio::test]
async fn provider_texts_are_text() {
    let text = render(|| {
        html! {
            <ConnectionRow connection={Some(sample::connection("<img src=x onerror=alert(1)>"))} index=0 top=0 is_current=true
                is_selected=false on_action={Callback::noop()} on_current={Callback::noop()} />
        }
    })
    .await;
    lacks(&text, &["<img"]);
    has(&text, &["&lt;img src=x"]);
}

#[tokio::test]
async fn the_drawer_shows_all_facts() {
    let text = render(|| {
        html! {
            <ConnectionDrawer connection={sample::connection("work")} mode={DrawerMode::Details} on_mode={Callback::noop()}
                on_close={Callback::noop()} />
        }
    })
    .await;
    has(
        &text,
        &[
            "aria-label=\"Details of work\"",
            "conn-1",
            "Copy connection id",
            "invalid_grant",
            "Id there: 42",
            "github-prod",
        ],
    );
    let text = render(|| {
        html! {
            <ConnectionDrawer connection={sample::connection("work")} mode={DrawerMode::Rename} on_mode={Callback::noop()}
                on_close={Callback::noop()} />
        }
    })
    .await;
    has(&text, &[">Label</label>", "value=\"work\"", ">Save<", ">Cancel<"]);
}

#[tokio::test]
async fn an_attempt_in_activity_expands_while_it_is_open() {
    let text = render(|| html! { <AttemptItem attempt={sample::attempt(Phase::AwaitingBrowser)} /> }).await;
    has(&text, &["aria-expanded=\"true\"", "Check now", "Asked Nango for a session"]);
    let text = render(|| html! { <AttemptItem attempt={sample::attempt(Phase::Failed)} /> }).await;
    has(&text, &["aria-expanded=\"false\"", "Try again", "Words of Failed"]);
}

#[tokio::test]
async fn fields_are_labelled_by_their_titles_and_shown_as_what_they_are() {
    let field = Field {
        name: "region".into(),
        part: FieldPart::ConnectionConfig,
        title: "Your region".into(),
        description: Some("Where the account lives.".into()),
        example: Some("eu".into()),
        pattern: None,
        format: None,
        choices: vec![],
        initial: String::new(),
        prefix: Some("https://".into()),
        suffix: Some(".example.test".into()),
        optional: true,
        secret: false,
        help_url: Some("https://docs.example.test/#region".into()),
    };
    let plain = field.clone();
    let text =
        render(move || html! { <FormField field={plain} value="" on_input={Callback::noop()} /> }).await;
    has(
        &text,
        &[
            ">Your region</label>",
            "optional",
            "https://",
            ".example.test",
            "Where the account lives.",
            "Copy the help link",
        ],
    );
    lacks(&text, &["<a "]);
    let secret = Field { secret: true, ..field.clone() };
    let text = render(move || html! { <FormField field={secret} value="" on_input={Callback::noop()} error="It is wrong." /> }).await;
    has(
        &text,
        &["type=\"password\"", "aria-invalid=\"true\"", "It is wrong.", "Show what is typed in Your region"],
    );
    let choice = Field { choices: vec!["eu".into(), "us".into()], optional: false, ..field };
    let text =
        render(move || html! { <FormField field={choice} value="us" on_input={Callback::noop()} /> }).await;
    has(&text, &["<select", "<option value=\"us\" selected"]);
}

#[tokio::test]
async fn a_failure_has_message_hint_and_detail() {
    let text =
        render(|| html! { <FailureBanner failure={sample::failure()}>{ "a way on" }</FailureBanner> }).await;
    has(
        &text,
        &[
            "role=\"alert\"",
            "It went wrong.",
            "Do it again.",
            "<summary>Details</summary>",
            "status 500",
            "a way on",
        ],
    );
}

#[tokio::test]
async fn a_failing_keyring_leaves_a_way_on() {
    let view = |state| KeyringView { state, message: "So it is.".into(), hint: Some("Mend it.".into()) };
    let text = render(move || html! { <KeyringSection keyring={view(KeyringState::Locked)} /> }).await;
    has(&text, &["Test keyring", "Locked", "Mend it.", "Keep secrets in memory for this session"]);
    let text = render(move || html! { <KeyringSection keyring={view(KeyringState::Available)} /> }).await;
    lacks(&text, &["Keep secrets in memory"]);
}

#[tokio::test]
async fn scopes_say_in_words_what_is_missing_and_what_is_too_much() {
    let text = render(|| html! { <Scopes report={sample::report()} /> }).await;
    has(
        &text,
        &["environment:<wbr>proxy<wbr>", "Missing", "Not wanted", "Granted", "status-bad", "status-warning"],
    );
}

#[tokio::test]
async fn three_remarks_are_shown_in_a_polite_region() {
    let text = render(|| {
        let toasts = (0..5).fold(std::rc::Rc::new(Toasts::default()), |toasts, number| {
            toasts.reduce(ToastAction::Show(sample::notice(Tone::Bad, &format!("remark {number}"))))
        });
        html! { <ToastRegion toasts={Toasts::clone(&toasts)} on_action={Callback::noop()} /> }
    })
    .await;
    has(&text, &["aria-live=\"polite\"", "remark 2", "2 more", "aria-label=\"Dismiss\""]);
    lacks(&text, &["remark 3"]);
}

#[tokio::test]
async fn every_avatar_carries_its_letters_its_hue_and_its_shape() {
    let mut seen = std::collections::HashSet::new();
    for shape in [Shape::Circle, Shape::Squircle, Shape::Hexagon, Shape::Diamond] {
        let text = render(move || {
            let avatar = Avatar { letters: "WK".into(), hue: 7, shape };
            html! { <AvatarPicture {avatar} connector="GitHub" icon={Some(AttrValue::from("SiGithub"))} /> }
        })
        .await;
        has(&text, &["hue-7", ">WK<", "aria-hidden=\"true\""]);
        seen.insert(text);
    }
    assert_eq!(seen.len(), 4, "four shapes look like four");
}
