//! Design tokens and components on one page, for development. No link leads here: open `#/gallery`.

use jiff::Timestamp;
use patchbay_core::avatar::{Avatar, HUES, Shape};
use patchbay_core::connection::Health;
use patchbay_core::id::InstanceId;
use patchbay_core::workflow::binding::CastingState;
use patchbay_ipc::{CastingView, Code, ConnectionView, ConnectorBadge, Failure, Phase, Tone};
use yew::prelude::*;

use crate::components::{
    AvatarPicture, Banner, Button, CopyText, Emphasis, Empty, FailureBanner, Page, SecretField, SelectField,
    Skeleton, TextField, TimeAgo, health_status, phase_status, plug,
};
use crate::icons::{self, INTERFACE, glyph};

const COLOURS: [&str; 18] = [
    "ground",
    "surface",
    "raised",
    "sunken",
    "line",
    "line-strong",
    "text",
    "muted",
    "accent",
    "accent-strong",
    "accent-soft",
    "on-accent",
    "good",
    "warning",
    "bad",
    "waiting",
    "good-soft",
    "bad-soft",
];
const TEXT_SIZES: [&str; 6] = ["xs", "sm", "md", "lg", "xl", "2xl"];
const SPACES: [&str; 7] = ["1", "2", "3", "4", "5", "6", "8"];

const CASTINGS: [(CastingState, &str); 4] = [
    (CastingState::Ready, "Ready"),
    (CastingState::NeedsReconnect, "Needs reconnect"),
    (CastingState::Gone, "Deleted"),
    (CastingState::Unbound, "Not bound"),
];

/// A task that would run as somebody, or as nobody.
fn casting(state: CastingState, words: &str) -> CastingView {
    let instance: InstanceId = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff".parse().expect("a UUID");
    let connector =
        ConnectorBadge { slug: "github".into(), name: "GitHub".into(), icon: Some("SiGithub".into()) };
    let connection = ConnectionView {
        instance,
        connection_id: "c".into(),
        connector: Some(connector.slug.clone()),
        provider: "github".into(),
        connector_name: connector.name.clone(),
        icon: connector.icon.clone(),
        integration: "github".into(),
        label: "work".into(),
        account: None,
        mismatch: None,
        health: Health::Works,
        awaits_approval: false,
        health_words: "Works".into(),
        health_learnt_at: None,
        created_at: Timestamp::UNIX_EPOCH,
        last_used_at: None,
        last_error: None,
        avatar: Avatar::of(instance, "work"),
        tags: vec![],
        try_again_first: false,
    };
    CastingView {
        path: "/do/0/task".into(),
        task: "task".into(),
        connector,
        role: "code".into(),
        tasks_of_role: 1,
        is_override: false,
        connection: (state != CastingState::Unbound).then_some(connection),
        state,
        words: words.to_owned(),
    }
}

/// The page.
#[component]
pub fn GalleryPage() -> Html {
    let shapes = [Shape::Circle, Shape::Squircle, Shape::Hexagon, Shape::Diamond];
    let phases = [
        Phase::Starting,
        Phase::AwaitingBrowser,
        Phase::Connected,
        Phase::Refused,
        Phase::Expired,
        Phase::Cancelled,
        Phase::Failed,
    ];
    let failure = Failure {
        code: Code::Unreachable,
        message: "The server could not be reached.".to_owned(),
        hint: "Check the address and your network.".to_owned(),
        detail: Some("connect: refused (127.0.0.1:3003)".to_owned()),
        field: None,
    };
    html! {
        <Page title="Gallery" remark={html! { "Design tokens and components" }}>
            <Part title="Colours">
                { for COLOURS.map(|name| html! {
                    <figure key={name} class="swatch"><span style={format!("background: var(--{name})")}></span><figcaption>{ name }</figcaption></figure>
                }) }
            </Part>
            <Part title="Type">
                { for TEXT_SIZES.map(|name| html! { <p key={name} style={format!("font-size: var(--text-{name}); line-height: var(--leading-{name})")}>{ format!("Text {name}: which account is this?") }</p> }) }
            </Part>
            <Part title="Spaces">
                { for SPACES.map(|name| html! { <figure key={name} class="swatch"><span style={format!("width: var(--space-{name}); background: var(--accent)")}></span><figcaption>{ name }</figcaption></figure> }) }
            </Part>
            <Part title="Avatars">
                { for shapes.into_iter().flat_map(|shape| (0..HUES).map(move |hue| {
                    let letters = ["WK", "PR", "G2", "ÖL", "AB", "M", "SS", "QA", "XY", "DE", "IT", "HR"][usize::from(hue) % 12].to_owned();
                    let icon = ["SiGithub", "SiSlack", "SiGmail", "SiNotion", "SiStripe", "SiLinear"][usize::from(hue) % 6];
                    html! { <AvatarPicture avatar={Avatar { letters, hue, shape }} connector="Slack" icon={AttrValue::from(icon)} size=40 /> }
                })) }
            </Part>
            <Part title="Plugs">
                { for CASTINGS.into_iter().map(|(state, words)| html! { <div key={words} class="task gallery-plug">{ plug(&casting(state, words)) }</div> }) }
            </Part>
            <Part title="Buttons">
                { for [Emphasis::Primary, Emphasis::Secondary, Emphasis::Quiet, Emphasis::Danger].into_iter().map(|emphasis| html! {
                    <>
                        <Button {emphasis}>{ "Do it" }</Button>
                        <Button {emphasis} icon={icons::REFRESH()} busy=true>{ "Being done" }</Button>
                        <Button {emphasis} unavailable="There is nothing to do.">{ "Cannot" }</Button>
                        <Button {emphasis} small=true icon={icons::EDIT()} name="Edit" />
                    </>
                }) }
            </Part>
            <Part title="States">
                { for Health::ALL.into_iter().map(|health| health_status(health, health.words())) }
                { for phases.into_iter().map(|phase| phase_status(phase, &format!("{phase:?}"))) }
                <TimeAgo at={Timestamp::UNIX_EPOCH} />
                <span class="badge">{ "Sandbox" }</span>
            </Part>
            <Part title="Fields">
                <TextField label="Text" value="A value" description="What it means." />
                <TextField label="With decoration" value="acme" prefix="https://" suffix=".example.com" optional=true />
                <TextField label="Wrong" value="?" />
                <SecretField label="Secret" value="typed" on_input={Callback::noop()} />
                <SelectField label="Choice" value="eu" choices={vec![("eu".into(), "Europe".into()), ("us".into(), "America".into())]} on_choose={Callback::noop()} />
                <CopyText text="conn_4f2a8c" name="Copy it" />
            </Part>
            <Part title="Remarks">
                <Banner tone={Tone::Good} message="All is well." />
                <Banner tone={Tone::Neutral} message="Something to know." hint="And what to do about it."><Button small=true>{ "Do it" }</Button></Banner>
                <FailureBanner {failure} />
            </Part>
            <Part title="Nothing, and not yet">
                <Empty icon={icons::CONNECTIONS()} title="No connections yet" words="Connect an account."><Button emphasis={Emphasis::Primary}>{ "Choose" }</Button></Empty>
                <Skeleton words="Loading" lines=3 />
            </Part>
            <Part title="Icons">
                { for INTERFACE.iter().map(|(name, icon)| html! { <span key={*name} title={*name}>{ glyph(icon(), 20, "") }</span> }) }
            </Part>
        </Page>
    }
}

#[derive(Properties, PartialEq)]
struct PartProps {
    title: AttrValue,
    children: Html,
}

#[component]
fn Part(props: &PartProps) -> Html {
    html! { <section class="gallery-part"><h2>{ props.title.clone() }</h2><div class="gallery-items">{ props.children.clone() }</div></section> }
}
