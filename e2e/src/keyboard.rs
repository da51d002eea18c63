//! A person who has a keyboard and no pointer.

use anyhow::{Context, Result, bail};
use fantoccini::Client;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;

use crate::wait::{PATIENTLY, until};
use crate::window::{Name, Window};

/// How often Tab is pressed before what was looked for counts as out of reach.
const MOST_STOPS: usize = 250;

/// The keyboard before a window. Keys go to whatever has the focus.
#[derive(Debug, Clone, Copy)]
pub struct Keyboard<'a> {
    window: &'a Window,
}

impl<'a> Keyboard<'a> {
    /// The keyboard before this window.
    #[must_use]
    pub fn of(window: &'a Window) -> Self {
        Self { window }
    }

    /// Types a text.
    ///
    /// # Errors
    /// The window takes no keys.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        let strokes =
            text.chars().flat_map(|sign| [KeyAction::Down { value: sign }, KeyAction::Up { value: sign }]);
        self.act(strokes).await
    }

    /// Presses a key.
    ///
    /// # Errors
    /// The window takes no keys.
    pub async fn press(&self, key: Key) -> Result<()> {
        self.chord(&[], key.into()).await
    }

    /// Presses a key while others are held.
    ///
    /// # Errors
    /// The window takes no keys.
    pub async fn chord(&self, held: &[Key], key: char) -> Result<()> {
        let held = || held.iter().map(|held| char::from(*held));
        let down = held().map(|value| KeyAction::Down { value });
        let up = held().rev().map(|value| KeyAction::Up { value });
        self.act(down.chain([KeyAction::Down { value: key }, KeyAction::Up { value: key }]).chain(up)).await
    }

    /// Goes from stop to stop until an element has the focus.
    ///
    /// # Errors
    /// It is not there, or the Tab key does not lead to it.
    pub async fn tab_to(&self, role: &str, name: impl Into<Name<'_>>) -> Result<()> {
        let name = name.into();
        let what = format!("the {role} {name:?}");
        until(&what, PATIENTLY, async || Ok(self.window.find(role, name).await?.map(drop))).await?;
        self.tab_until(&what, async || self.is_at(role, name).await).await
    }

    /// Goes from stop to stop until whichever is the stop of a list or tree has the focus.
    ///
    /// # Errors
    /// The Tab key leads to no element of the role.
    pub async fn tab_into(&self, role: &str) -> Result<()> {
        let script = "return document.activeElement.getAttribute('role') === arguments[0]";
        let is_there = async || Ok(self.client().execute(script, vec![json!(role)]).await? == json!(true));
        self.tab_until(&format!("a {role}"), is_there).await
    }

    async fn tab_until(&self, what: &str, is_there: impl AsyncFn() -> Result<bool>) -> Result<()> {
        for _ in 0..MOST_STOPS {
            if is_there().await? {
                return Ok(());
            }
            self.press(Key::Tab).await?;
        }
        bail!("Tab does not lead to {what}; the focus ended at {}", self.place().await?)
    }

    /// Goes to an element and presses Enter.
    ///
    /// # Errors
    /// The same as of [`Keyboard::tab_to`].
    pub async fn enter(&self, role: &str, name: impl Into<Name<'_>>) -> Result<()> {
        self.tab_to(role, name).await?;
        self.press(Key::Enter).await
    }

    /// Goes to a text box and types over what it holds.
    ///
    /// # Errors
    /// The same as of [`Keyboard::tab_to`].
    pub async fn fill(&self, role: &str, name: &str, text: &str) -> Result<()> {
        self.tab_to(role, name).await?;
        self.chord(&[Key::Control], 'a').await?;
        self.type_text(text).await?;
        until(&format!("the {role} {name:?} to hold what was typed"), PATIENTLY, async || {
            let held = self.window.find(role, name).await?.context("it is gone")?.prop("value").await?;
            Ok((held.as_deref() == Some(text)).then_some(()))
        })
        .await
    }

    /// Whether an element has the focus.
    ///
    /// # Errors
    /// The window cannot be asked.
    pub async fn is_at(&self, role: &str, name: impl Into<Name<'_>>) -> Result<bool> {
        let Some(element) = self.window.find(role, name).await? else { return Ok(false) };
        let script = "return document.activeElement === arguments[0]";
        let answer = self.client().execute(script, vec![serde_json::to_value(element)?]).await?;
        Ok(answer == json!(true))
    }

    /// What has the focus, for whoever reads of a failure.
    async fn place(&self) -> Result<String> {
        let script = "return document.activeElement.outerHTML.slice(0, 200)";
        Ok(self.client().execute(script, Vec::new()).await?.as_str().unwrap_or_default().to_owned())
    }

    async fn act(&self, actions: impl IntoIterator<Item = KeyAction>) -> Result<()> {
        let keys = actions.into_iter().fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
        Ok(self.client().perform_actions(keys).await?)
    }

    fn client(&self) -> &Client {
        self.window.client()
    }
}
