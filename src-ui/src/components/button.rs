//! Buttons.

use yew::prelude::*;

use crate::dom;
use crate::hooks::use_id;
use crate::icons::{Icon, glyph};

/// How much a button asks to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Emphasis {
    /// The one thing to do here.
    Primary,
    /// One of several.
    #[default]
    Secondary,
    /// Almost text.
    Quiet,
    /// Something is lost by it.
    Danger,
}

impl Emphasis {
    fn class(self) -> &'static str {
        match self {
            Emphasis::Primary => "button-primary",
            Emphasis::Secondary => "button-secondary",
            Emphasis::Quiet => "button-quiet",
            Emphasis::Danger => "button-danger",
        }
    }
}

/// Properties of [`Button`].
#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    /// What it says. An icon alone needs a `name`.
    #[prop_or_default]
    pub children: Html,
    /// Pressed.
    #[prop_or_default]
    pub on_press: Callback<()>,
    /// How much it asks to be pressed.
    #[prop_or_default]
    pub emphasis: Emphasis,
    /// Its accessible name, where that is more than what it says.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// An icon before the words.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// What it does is being done.
    #[prop_or_default]
    pub busy: bool,
    /// Why it cannot be pressed, in words. It stays reachable, so that the reason can be read.
    #[prop_or_default]
    pub unavailable: Option<AttrValue>,
    /// A remark on what pressing it means, read out with the name.
    #[prop_or_default]
    pub remark: Option<AttrValue>,
    /// Whether it submits the form it is in.
    #[prop_or_default]
    pub submit: bool,
    /// Lower, for rows and toolbars.
    #[prop_or_default]
    pub small: bool,
    /// Whether the Tab key leads to it.
    #[prop_or(true)]
    pub in_tab_order: bool,
    /// Whether what it switches is on, where it switches something.
    #[prop_or_default]
    pub pressed: Option<bool>,
    /// Takes the focus when it appears.
    #[prop_or_default]
    pub focus: bool,
    /// Where the element is.
    #[prop_or_default]
    pub node: NodeRef,
}

/// A button.
#[component]
pub fn Button(props: &ButtonProps) -> Html {
    let reason_id = use_id("reason");
    {
        let (node, focus) = (props.node.clone(), props.focus);
        use_effect_with((), move |()| {
            if focus {
                dom::focus(&node);
            }
        });
    }
    let cannot = props.unavailable.is_some() || props.busy;
    let words = props.unavailable.clone().or_else(|| props.remark.clone());
    let onclick = {
        let on_press = props.on_press.clone();
        let submit = props.submit;
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            if cannot {
                event.prevent_default();
            } else if !submit {
                on_press.emit(());
            }
        })
    };
    let icon_only = props.name.is_some() && props.children == Html::default();
    let class = classes!(
        "button",
        props.emphasis.class(),
        props.small.then_some("button-small"),
        icon_only.then_some("button-icon"),
        props.busy.then_some("is-busy"),
    );
    html! {
        <>
            <button ref={props.node.clone()} type={if props.submit { "submit" } else { "button" }} {class} {onclick}
                aria-label={props.name.clone()}
                aria-pressed={props.pressed.map(|pressed| if pressed { "true" } else { "false" })}
                aria-disabled={cannot.then_some("true")}
                aria-busy={props.busy.then_some("true")}
                aria-describedby={words.as_ref().map(|_| reason_id.clone())}
                title={words.clone().or_else(|| if icon_only { props.name.clone() } else { None })}
                tabindex={(!props.in_tab_order).then_some("-1")}>
                if let Some(icon) = props.icon { { glyph(icon, 16, "") } }
                { props.children.clone() }
            </button>
            if let Some(words) = words { <span id={reason_id} hidden=true>{ words }</span> }
        </>
    }
}
