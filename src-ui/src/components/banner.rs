//! Something to be said across a page or a form.

use patchbay_ipc::{Failure, Tone};
use patchbay_texts::t;
use yew::prelude::*;

use crate::icons::{self, glyph};

/// Properties of [`Banner`].
#[derive(Properties, PartialEq)]
pub struct BannerProps {
    /// How serious.
    #[prop_or(Tone::Neutral)]
    pub tone: Tone,
    /// What happened.
    pub message: AttrValue,
    /// What to do.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// For the curious.
    #[prop_or_default]
    pub detail: Option<AttrValue>,
    /// Buttons.
    #[prop_or_default]
    pub children: Html,
}

/// A remark with an icon, and buttons where there is something to do.
#[component]
pub fn Banner(props: &BannerProps) -> Html {
    let (class, icon, role) = match props.tone {
        Tone::Good => ("banner-good", icons::GOOD(), "status"),
        Tone::Neutral => ("banner-neutral", icons::INFO(), "status"),
        Tone::Bad => ("banner-bad", icons::WARNING(), "alert"),
    };
    html! {
        <div class={classes!("banner", class)} {role}>
            { glyph(icon, 16, "banner-icon") }
            <div class="banner-words">
                <p>{ props.message.clone() }</p>
                if let Some(hint) = &props.hint { <p class="muted">{ hint.clone() }</p> }
                if let Some(detail) = &props.detail {
                    <details class="banner-detail"><summary>{ t!("Details") }</summary><code>{ detail.clone() }</code></details>
                }
            </div>
            if props.children != Html::default() { <div class="banner-actions">{ props.children.clone() }</div> }
        </div>
    }
}

/// Properties of [`FailureBanner`].
#[derive(Properties, PartialEq)]
pub struct FailureBannerProps {
    /// What went wrong.
    pub failure: Failure,
    /// Buttons.
    #[prop_or_default]
    pub children: Html,
}

/// A failure as the engine worded it.
#[component]
pub fn FailureBanner(props: &FailureBannerProps) -> Html {
    let Failure { message, hint, detail, .. } = &props.failure;
    html! {
        <Banner tone={Tone::Bad} message={message.clone()}
            hint={(!hint.is_empty()).then(|| AttrValue::from(hint.clone()))}
            detail={detail.clone().map(AttrValue::from)}>
            { props.children.clone() }
        </Banner>
    }
}
