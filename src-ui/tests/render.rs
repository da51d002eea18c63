//! Components rendered to text: what a person can find by name and role, in each state.

#[path = "render/flow.rs"]
mod flow;
#[path = "render/forms.rs"]
mod forms;
#[path = "render/sample.rs"]
mod sample;
#[path = "render/stage.rs"]
mod stage;
#[path = "render/workflows.rs"]
mod workflows;

use std::rc::Rc;

use patchbay_core::avatar::{Avatar, Shape};
use patchbay_core::connection::Health;
use patchbay_core::form::{Field, FieldPart};
use patchbay_core::profile::ProfileKind;
use patchbay_ipc::{
    AttemptView, Availability, ConnectionView, KeyringState, KeyringView, NetworkView, Phase, TestOutcome,
    Tone,
};
use patchbay_ui::components::{
    AvatarPicture, BulkTestStrip, ConnectDialog, ConnectionDrawer, ConnectionRow, ConnectionStatus,
    ConnectorCard, DrawerMode, FailureBanner, FormField, Mismatch, Navigation, ProfileFormView,
    ReconnectIntro, ToastRegion, history, test_result,
};
use patchbay_ui::pages::{AttemptItem, FirstRunPage, KeyringSection, Scopes, link_test};
use patchbay_ui::route::Route;
use patchbay_ui::state::connect::Target;
use patchbay_ui::state::toasts::{ToastAction, Toasts};
use patchbay_ui::state::trials::Trial;
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
        html! { <Navigation route={Route::Connections} {overview} on_search={Callback::noop()} /> }
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
    let order = ["Connectors", "Connections", "Workflows", "Runs", "Activity", "Settings"];
    let places: Vec<_> = order.iter().map(|name| text.find(&format!("<span>{name}</span></a>"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn the_foot_says_in_words_that_the_network_is_not_used() {
    let text = render(|| {
        let mut overview = sample::overview();
        overview.network = NetworkView::Disabled { by_environment: true };
        if let Some(profile) = &mut overview.profile {
            profile.kind = ProfileKind::Sandbox;
        }
        html! { <Navigation route={Route::Settings} {overview} on_search={Callback::noop()} /> }
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
    has(&text, &["Not set up on this server", "add an integration of", "aria-label=\"Connect GitHub\""]);
    lacks(&text, &["aria-disabled"]);
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

/// The text of a row.
async fn row(connection: impl FnOnce() -> ConnectionView + Send + 'static, is_testing: bool) -> String {
    render(move || {
        html! {
            <ConnectionRow connection={Some(connection())} index=4 top=208 is_current=true is_selected=false {is_testing}
                on_action={Callback::noop()} on_current={Callback::noop()} />
        }
    })
    .await
}

#[tokio::test]
async fn a_row_names_its_actions_after_the_label() {
    let text = row(|| sample::connection("work"), false).await;
    has(
        &text,
        &[
            "role=\"row\"",
            "aria-rowindex=\"6\"",
            "aria-label=\"Reconnect work\"",
            "aria-label=\"Test work\"",
            "aria-label=\"Rename work\"",
            "aria-label=\"Disconnect work\"",
            "Needs reconnect",
            "status-warning",
            "2 hours ago",
            "alex@example.test",
        ],
    );
    lacks(&text, &["aria-disabled", "Testing"]);
    assert_eq!(text.matches("button-icon").count(), 3, "what is needed most is said in words");
    let text = row(|| sample::working("work"), false).await;
    has(&text, &["aria-label=\"Reconnect work\"", "title=\"Reconnect work\"", "status-good"]);
    assert_eq!(text.matches("button-icon").count(), 4);
}

#[tokio::test]
async fn a_row_can_be_chosen_and_says_what_the_tests_of_many_found() {
    let text = render(|| {
        html! {
            <ConnectionRow connection={Some(sample::working("work"))} index=0 top=0 is_current=true is_selected=false is_chosen=true
                trouble={Some(TestOutcome::CannotBeTested)} on_action={Callback::noop()} on_current={Callback::noop()} />
        }
    })
    .await;
    has(&text, &["aria-label=\"Choose work\"", "checked", "aria-selected=\"true\"", "Cannot be tested"]);
    lacks(&text, &["aria-current"]);
}

#[tokio::test]
async fn tests_of_many_say_how_far_they_are_and_name_the_troubles() {
    let tests = |running| patchbay_ipc::BulkTest {
        running,
        total: 40,
        tested: 12,
        works: 11,
        fails: 1,
        cannot_be_tested: 0,
        summary: "12 of 40 tested.".into(),
        pace: running.then(|| "At most 40 a minute.".into()),
        testing: vec![],
        troubles: vec![patchbay_ipc::Trouble {
            instance: sample::working("work").instance,
            label: "work".into(),
            outcome: TestOutcome::Fails,
            sentence: "Reconnect it.".into(),
        }],
    };
    let strip = |tests| async move {
        render(move || {
            html! { <BulkTestStrip tests={tests} on_open={Callback::noop()} on_dismiss={Callback::noop()} /> }
        })
        .await
    };
    let text = strip(tests(true)).await;
    has(
        &text,
        &[
            "<progress",
            "value=\"12\"",
            "max=\"40\"",
            "At most 40 a minute.",
            ">Stop<",
            "1 to look at",
            ">work<",
            "Reconnect it.",
        ],
    );
    let text = strip(tests(false)).await;
    has(&text, &[">Dismiss<"]);
    lacks(&text, &["<progress", ">Stop<"]);
}

#[tokio::test]
async fn trying_again_comes_first_where_that_may_be_enough() {
    let drawer = |try_again_first| async move {
        render(move || {
            let connection = ConnectionView { try_again_first, ..sample::connection("work") };
            html! {
                <ConnectionDrawer {connection} trial={None::<Trial>} mode={DrawerMode::Details} on_wish={Callback::noop()}
                    on_close={Callback::noop()} />
            }
        })
        .await
    };
    let place = |text: &str, words: &str| text.find(words).unwrap_or_else(|| panic!("no {words} in {text}"));
    let text = drawer(true).await;
    assert!(place(&text, ">Try again<") < place(&text, ">Reconnect<"));
    has(&text, &["Connect another account", "team: ", "Ops", "Copy connection id"]);
    let text = drawer(false).await;
    assert!(place(&text, ">Reconnect<") < place(&text, ">Test<"));
}

#[tokio::test]
async fn a_link_that_was_sent_says_what_became_of_it() {
    use patchbay_ipc::{LinkTestOutcome, LinkTestReport};
    for (outcome, words) in [
        (LinkTestOutcome::Arrived, "Arrived"),
        (LinkTestOutcome::NothingArrived, "Nothing arrived"),
        (LinkTestOutcome::TakenElsewhere, "Another program took it"),
        (LinkTestOutcome::NotSent, "Not sent"),
    ] {
        let report =
            LinkTestReport { outcome, message: "So it is.".into(), hint: Some("Press Register.".into()) };
        let text = render(move || link_test(&report)).await;
        has(&text, &["role=\"status\"", words, "So it is.", "Press Register."]);
    }
}

#[tokio::test]
async fn a_row_says_that_it_is_being_tested() {
    let text = row(|| sample::working("work"), true).await;
    has(&text, &["Testing…", "aria-busy=\"true\""]);
    assert_eq!(text.matches("aria-disabled").count(), 1, "everything else can still be done");
}

#[tokio::test]
async fn a_row_says_that_it_is_another_account() {
    let other = || ConnectionView { mismatch: Some(sample::sam()), ..sample::working("work") };
    let text = row(other, false).await;
    has(&text, &["Another account", "Now sam", ">alex<", "Works · ", "status-warning"]);
    assert_eq!(text.matches("button-icon").count(), 3, "and offers the reconnect in words");
}

#[tokio::test]
async fn what_is_gone_can_be_neither_tested_nor_reconnected() {
    let gone = || ConnectionView { health: Health::Gone, ..sample::working("work") };
    let text = row(gone, false).await;
    assert_eq!(text.matches("aria-disabled=\"true\"").count(), 2);
    has(&text, &["It was deleted elsewhere. Connect it anew."]);
    let text = drawer(gone, None).await;
    has(&text, &["Connect anew"]);
    lacks(&text, &[">Reconnect<"]);
}

#[tokio::test]
async fn without_the_network_nothing_is_tested_or_reconnected() {
    let text = render_in(
        || {
            let mut overview = sample::overview();
            overview.network = NetworkView::Disabled { by_environment: false };
            overview
        },
        || {
            html! {
                <ConnectionRow connection={Some(sample::connection("work"))} index=0 top=0 is_current=true is_selected=false
                    on_action={Callback::noop()} on_current={Callback::noop()} />
            }
        },
    )
    .await;
    assert_eq!(text.matches("aria-disabled=\"true\"").count(), 2);
    has(&text, &["This profile does not use the network"]);
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

/// The text of the drawer, opened for its details.
async fn drawer(
    connection: impl FnOnce() -> ConnectionView + Send + 'static,
    trial: impl Into<Option<TestOutcome>>,
) -> String {
    let outcome: Option<TestOutcome> = trial.into();
    render(move || {
        let connection = connection();
        let report = outcome.map(|outcome| sample::tested(outcome, sample::working("work")));
        let trial = report.map(|report| Trial::Found(Rc::new(report)));
        html! {
            <ConnectionDrawer {connection} {trial} mode={DrawerMode::Details} on_wish={Callback::noop()}
                on_close={Callback::noop()} />
        }
    })
    .await
}

#[tokio::test]
async fn the_drawer_shows_all_facts() {
    let text = drawer(|| sample::connection("work"), None).await;
    has(
        &text,
        &[
            "aria-label=\"Details of work\"",
            "conn-1",
            "Copy connection id",
            "Copy account id",
            "invalid_grant",
            "alex@example.test",
            "github-prod",
            ">Test<",
            ">Rename…<",
            ">Disconnect…<",
            "Loading the history",
        ],
    );
    assert_eq!(text.matches("button-primary").count(), 1, "the reconnect is what it needs");
    let text = drawer(|| sample::working("work"), None).await;
    has(&text, &[">Reconnect<"]);
    lacks(&text, &["button-primary"]);
    let text = render(|| {
        html! {
            <ConnectionDrawer connection={sample::connection("work")} trial={None::<Trial>} mode={DrawerMode::Rename}
                on_wish={Callback::noop()} on_close={Callback::noop()} />
        }
    })
    .await;
    has(&text, &[">Label</label>", "value=\"work\"", ">Save<", ">Cancel<"]);
}

#[tokio::test]
async fn the_drawer_shows_a_test_as_long_as_it_says_something() {
    let text = drawer(|| sample::working("work"), TestOutcome::Works).await;
    has(&text, &["So it is.", "GET /user"]);
    let text = drawer(|| sample::connection("work"), TestOutcome::Works).await;
    lacks(&text, &["So it is."]);
}

#[tokio::test]
async fn a_test_has_three_answers() {
    for (outcome, words, class) in [
        (TestOutcome::Works, ">Works<", "is-good"),
        (TestOutcome::Fails, ">Fails<", "is-bad"),
        (TestOutcome::CannotBeTested, ">Cannot be tested<", "is-neutral"),
    ] {
        let text = render(move || {
            let report = sample::tested(outcome, sample::working("work"));
            test_result(&Trial::Found(Rc::new(report)), "GitHub")
        })
        .await;
        has(&text, &[words, class, "So it is.", ">Asked<", "GET /user"]);
        assert_eq!(
            text.contains("401: &lt;b>no&lt;/b>") || text.contains("401: &lt;b&gt;no"),
            outcome == TestOutcome::Fails
        );
    }
}

#[tokio::test]
async fn a_test_may_be_under_way_or_reach_nobody() {
    let text = render(|| test_result(&Trial::Running, "GitHub")).await;
    has(&text, &["asking GitHub who this is"]);
    let text = render(|| test_result(&Trial::Failed(sample::failure()), "GitHub")).await;
    has(&text, &["role=\"alert\"", "It went wrong.", "Do it again."]);
}

#[tokio::test]
async fn a_mismatch_shows_both_accounts_and_asks() {
    let other = || ConnectionView { mismatch: Some(sample::sam()), ..sample::working("work") };
    let text =
        render(move || html! { <Mismatch connection={other()} on_decided={Callback::noop()} /> }).await;
    has(
        &text,
        &[
            "aria-label=\"Another account\"",
            "aria-label=\"It was\"",
            "aria-label=\"It is now\"",
            "alex@example.test",
            "sam@example.test",
            "Id there: 42",
            "Id there: 43",
            "Keep the new account",
            "It should be alex",
        ],
    );
    lacks(&text, &["button-primary"]);
    let text = drawer(other, None).await;
    has(&text, &["Keep the new account"]);
    lacks(&text, &["button-primary"]);
    let text = drawer(|| sample::working("work"), None).await;
    lacks(&text, &["Keep the new account", "Another account"]);
}

#[tokio::test]
async fn the_latest_of_a_history_is_in_sight() {
    let text = render(|| history(&sample::history(9))).await;
    has(&text, &["<summary>3 earlier</summary>", "1 hour ago", "the very first"]);
    let place = |words: &str| text.find(words).expect("it is there");
    assert!(place("event 8") < place("event 3") && place("event 3") < place("<details"));
    assert!(place("<details") < place("event 2") && place("event 2") < place("event 0"));
    let text = render(|| history(&sample::history(2))).await;
    lacks(&text, &["earlier"]);
}

#[tokio::test]
async fn a_reconnect_names_the_connection_and_keeps_its_label() {
    let text = render(|| {
        let target = Target::reconnect(&sample::connection("work"));
        html! { <ConnectDialog {target} on_close={Callback::noop()} /> }
    })
    .await;
    has(&text, &[">Reconnect work</h2>", "Finding out what is needed"]);
    let text = render(|| {
        let instance = sample::connection("work").instance;
        html! { <ReconnectIntro {instance} label="work" connector="GitHub" icon={None::<AttrValue>} /> }
    })
    .await;
    has(&text, &[">work</p>", "avatar", "Account not known yet"]);
    lacks(&text, &["<input"]);
}

#[tokio::test]
async fn the_end_of_an_attempt_says_who_it_is() {
    let text = render(|| {
        html! {
            <ConnectionStatus attempt={sample::attempt(Phase::Connected)} account={AttrValue::from("alex · alex@example.test")}
                remark={html! { "a question" }} />
        }
    })
    .await;
    has(&text, &["avatar", "Account: ", "alex · alex@example.test", "a question"]);
    let text = render(|| {
        html! { <ConnectionStatus attempt={sample::attempt(Phase::AwaitingBrowser)} account={AttrValue::from("alex")} /> }
    })
    .await;
    lacks(&text, &["Account: "]);
}

#[tokio::test]
async fn an_attempt_in_activity_expands_while_it_is_open() {
    let text = render(|| html! { <AttemptItem attempt={sample::attempt(Phase::AwaitingBrowser)} /> }).await;
    has(&text, &["aria-expanded=\"true\"", "Check now", "Asked Nango for a session"]);
    let text = render(|| html! { <AttemptItem attempt={sample::attempt(Phase::Failed)} /> }).await;
    has(&text, &["aria-expanded=\"false\"", "Try again", "Words of Failed"]);
    lacks(&text, &["Reconnect"]);
    let text = render(|| {
        let attempt = AttemptView { is_reconnect: true, ..sample::attempt(Phase::Failed) };
        html! { <AttemptItem {attempt} /> }
    })
    .await;
    has(&text, &["Reconnect · GitHub", "Try again"]);
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
        multiline: false,
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
