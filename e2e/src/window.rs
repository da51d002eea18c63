//! A window, seen as a person or an assistive program sees it: elements have a role and a name, nothing else.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::{Client, Locator};
use patchbay_ipc::{Command, Failure};
use serde_json::{Value, json};

use crate::wait::{PATIENTLY, SOON, until};

/// The script that finds by role and name.
const FINDER: &str = include_str!("finder.js");

/// The script that begins to watch how busy the page is.
const PROBE: &str = include_str!("probe.js");

/// The script that follows a link and measures.
const VISIT: &str = include_str!("visit.js");

/// The member by which WebDriver marks an element in JSON (W3C WebDriver, "web element identifier").
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How a name is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name<'a> {
    /// It is exactly this.
    Is(&'a str),
    /// This occurs in it.
    Contains(&'a str),
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(name: &'a str) -> Self {
        Self::Is(name)
    }
}

/// A window under a driver.
#[derive(Debug, Clone)]
pub struct Window {
    client: Client,
}

impl Window {
    /// The window that a session drives.
    #[must_use]
    pub fn of(client: Client) -> Self {
        Self { client }
    }

    /// The session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until the page has drawn its first heading.
    ///
    /// # Errors
    /// It never does.
    pub async fn wait_until_drawn(&self) -> Result<()> {
        self.wait_within("heading", Name::Contains(""), PATIENTLY).await.map(drop)
    }

    /// The first element of the role with the name, if there is one now.
    ///
    /// # Errors
    /// The window cannot be asked.
    pub async fn find(&self, role: &str, name: impl Into<Name<'_>>) -> Result<Option<Element>> {
        let (name, how) = match name.into() {
            Name::Is(name) => (name, "exact"),
            Name::Contains(name) => (name, "contains"),
        };
        let found = self.client.execute(FINDER, vec![json!(role), json!(name), json!(how)]).await?;
        if found.is_null() {
            return Ok(None);
        }
        let reference = found[ELEMENT].as_str().context("the finder returns an element")?.to_owned();
        Ok(Some(Element::from_element_id(self.client.clone(), ElementRef::from(reference))))
    }

    /// The same, awaited.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn wait(&self, role: &str, name: impl Into<Name<'_>>) -> Result<Element> {
        self.wait_within(role, name, SOON).await
    }

    /// The same, with a deadline of one's own.
    ///
    /// # Errors
    /// It does not appear.
    pub async fn wait_within(
        &self,
        role: &str,
        name: impl Into<Name<'_>>,
        within: std::time::Duration,
    ) -> Result<Element> {
        let name = name.into();
        until(&format!("a {role} named {name:?}"), within, async || self.find(role, name).await).await
    }

    /// Waits until there is no such element any more.
    ///
    /// # Errors
    /// It stays.
    pub async fn wait_gone(&self, role: &str, name: impl Into<Name<'_>>) -> Result<()> {
        let name = name.into();
        until(&format!("no {role} named {name:?}"), SOON, async || {
            Ok(self.find(role, name).await?.is_none().then_some(()))
        })
        .await
    }

    /// Presses a button once it is there and may be pressed.
    ///
    /// # Errors
    /// It cannot be pressed in time.
    pub async fn press(&self, name: &str) -> Result<()> {
        self.click("button", name).await
    }

    /// Follows a link.
    ///
    /// # Errors
    /// It is not there.
    pub async fn follow(&self, name: &str) -> Result<()> {
        self.click("link", name).await
    }

    /// Clicks an element once it is there and enabled. A click that does not reach it because something
    /// moves over it at that moment is tried again.
    ///
    /// # Errors
    /// It cannot be clicked in time.
    pub async fn click(&self, role: &str, name: &str) -> Result<()> {
        until(&format!("the {role} {name:?} to take a click"), SOON, async || {
            let Some(element) = self.find(role, name).await? else { return Ok(None) };
            if element.attr("disabled").await?.is_some()
                || element.attr("aria-disabled").await?.as_deref() == Some("true")
            {
                bail!("the {role} {name:?} is disabled");
            }
            self.bring_into_view(&element).await?;
            element.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Scrolls to an element. WebKit's driver does so by itself only where the page as a whole scrolls.
    async fn bring_into_view(&self, element: &Element) -> Result<()> {
        const SCROLL: &str = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });";
        self.client.execute(SCROLL, vec![serde_json::to_value(element)?]).await?;
        Ok(())
    }

    /// Replaces what a text box holds.
    ///
    /// # Errors
    /// It is not there or does not keep the text.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        self.fill_role("textbox", name, text).await
    }

    /// Replaces what a search box holds.
    ///
    /// # Errors
    /// It is not there or does not keep the text.
    pub async fn search(&self, name: &str, text: &str) -> Result<()> {
        self.fill_role("searchbox", name, text).await
    }

    /// Types into a combo box and takes the option that has this in its name.
    ///
    /// # Errors
    /// The box or the option is not there.
    pub async fn pick(&self, name: &str, text: &str, option: &str) -> Result<()> {
        self.fill_role("combobox", name, text).await?;
        until(&format!("the option {option:?} to be taken"), SOON, async || {
            let Some(found) = self.find("option", Name::Contains(option)).await? else { return Ok(None) };
            self.bring_into_view(&found).await?;
            found.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Chooses in a list of few values.
    ///
    /// # Errors
    /// There is no such list, or it does not offer that.
    pub async fn choose(&self, name: &str, option: &str) -> Result<()> {
        let list = self.wait("combobox", name).await?;
        self.bring_into_view(&list).await?;
        Ok(list.select_by_label(option).await?)
    }

    /// Hands a file to the field with the name, as the system's dialog does once a file is chosen in it.
    ///
    /// # Errors
    /// There is no such field.
    pub async fn choose_file(&self, name: &str, file: &Path) -> Result<()> {
        let field = format!("input[type=file][aria-label='{name}']");
        let field = self.client.wait().for_element(Locator::Css(&field)).await?;
        Ok(field.send_keys(&file.display().to_string()).await?)
    }

    async fn fill_role(&self, role: &str, name: &str, text: &str) -> Result<()> {
        until(&format!("the {role} {name:?} to hold what was typed"), SOON, async || {
            let Some(element) = self.find(role, name).await? else { return Ok(None) };
            self.bring_into_view(&element).await?;
            element.clear().await?;
            // A key called Enter makes a new line in a text of several; a line feed is no key.
            element.send_keys(&text.replace('\n', "\u{e007}")).await?;
            Ok((element.prop("value").await?.as_deref() == Some(text)).then_some(()))
        })
        .await
    }

    /// Everything that can be read in the window now.
    ///
    /// # Errors
    /// The window cannot be asked.
    pub async fn text(&self) -> Result<String> {
        let text = self.client.execute("return document.body.innerText", Vec::new()).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until a text can be read somewhere in the window.
    ///
    /// # Errors
    /// It does not appear; the error has what could be read instead.
    pub async fn wait_text(&self, wanted: &str) -> Result<()> {
        let outcome = until(&format!("the text {wanted:?}"), SOON, async || {
            Ok(self.text().await?.contains(wanted).then_some(()))
        })
        .await;
        match outcome {
            Ok(()) => Ok(()),
            Err(problem) => Err(problem.context(format!("the window reads: {}", self.text().await?))),
        }
    }

    /// Asks the engine something, through the same door as the window's own code.
    ///
    /// # Errors
    /// The engine refused, or the window could not ask.
    pub async fn ask<C: Command>(&self, request: &C) -> Result<C::Reply> {
        self.ask_plainly(request)
            .await?
            .map_err(|failure| anyhow!("{} failed: {} {:?}", C::NAME, failure.message, failure.detail))
    }

    /// The same, for a test to which a refusal is an answer too.
    ///
    /// # Errors
    /// The window could not ask, or the answer is not of the contract's shape.
    pub async fn ask_plainly<C: Command>(&self, request: &C) -> Result<Result<C::Reply, Failure>> {
        let answer = self.invoke(C::NAME, serde_json::to_value(request)?).await?;
        match answer {
            Ok(value) => Ok(Ok(serde_json::from_value(value).context(C::NAME)?)),
            Err(failure) => Ok(Err(serde_json::from_value(failure).context(C::NAME)?)),
        }
    }

    /// The same, without waiting for the answer.
    ///
    /// # Errors
    /// The window could not ask.
    pub async fn tell<C: Command>(&self, request: &C) -> Result<()> {
        const CALL: &str = "window.__TAURI__.core.invoke(arguments[0], { request: arguments[1] }).catch(() => {}); return true;";
        let told = self.client.execute(CALL, vec![json!(C::NAME), serde_json::to_value(request)?]).await;
        told.map(drop).with_context(|| format!("{} could not be told", C::NAME))
    }

    /// Calls any command by name, as a hostile script in the page could.
    ///
    /// # Errors
    /// The window could not call.
    pub async fn invoke(&self, command: &str, request: Value) -> Result<Result<Value, Value>> {
        const CALL: &str = "const [name, request, done] = arguments;
            window.__TAURI__.core.invoke(name, { request })
                .then((value) => done({ value: value ?? null }), (error) => done({ error }));";
        let outcome = self.client.execute_async(CALL, vec![json!(command), request]).await;
        let mut outcome = outcome.with_context(|| format!("{command} could not be called"))?;
        match outcome.get_mut("error") {
            Some(error) => Ok(Err(error.take())),
            None => Ok(Ok(outcome["value"].take())),
        }
    }

    /// Begins to watch how long the page is busy at a time.
    ///
    /// # Errors
    /// The window cannot be asked.
    pub async fn watch(&self) -> Result<()> {
        self.client.execute(PROBE, Vec::new()).await?;
        Ok(())
    }

    /// How long the page was busy at most since `watch`, in milliseconds.
    ///
    /// # Errors
    /// The window cannot be asked, or is not watched.
    pub async fn longest_gap_ms(&self) -> Result<f64> {
        let longest = self.client.execute("return window.patchbayProbe.longest", Vec::new()).await?;
        longest.as_f64().context("the window is watched")
    }

    /// Follows a navigation link and measures, in the page, how many milliseconds it takes until that page has
    /// its heading.
    ///
    /// # Errors
    /// The page does not come.
    pub async fn visit(&self, page: &str) -> Result<f64> {
        let taken = tokio::time::timeout(SOON, self.client.execute_async(VISIT, vec![json!(page)]));
        let taken = taken.await.with_context(|| format!("{page} did not open"))??;
        taken.as_f64().context("a time")
    }

    /// Waits until nothing moves any more, and returns a picture of it (PNG).
    ///
    /// # Errors
    /// The window cannot be photographed, or does not stand still.
    pub async fn still(&self) -> Result<Vec<u8>> {
        let mut before = Vec::new();
        until("the window to stand still", SOON, async || {
            let now = self.client.screenshot().await?;
            let settled = now == before;
            before = now;
            Ok(settled.then_some(()))
        })
        .await?;
        Ok(before)
    }

    /// Keeps what the window shows, as a picture and as its source (`<name>.html`).
    ///
    /// # Errors
    /// The window cannot be asked, or a file cannot be written.
    pub async fn keep(&self, folder: &Path, name: &str) -> Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join(format!("{name}.png")), self.client.screenshot().await?)?;
        fs::write(folder.join(format!("{name}.html")), self.client.source().await?)?;
        Ok(())
    }
}
