//! Gives consent in place of a person: sends the consent page's form without showing the page.

use anyhow::{Context, Result, bail};
use hyper::Method;
use hyper::header::LOCATION;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::http;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

/// Decides about the page at `address`, as the account with this login, and returns where the page sends the
/// browser then. `address` may also be one that leads to the page.
///
/// # Errors
/// The page is not what it should be.
pub async fn decide(address: &str, login: &str, decision: Decision) -> Result<String> {
    let page = consent_page(address).await?;
    let mut form = Serializer::new(String::new());
    form.extend_pairs(page.query_pairs());
    form.append_pair("account", login);
    form.append_pair("decision", if decision == Decision::Approve { "approve" } else { "deny" });
    let mut target = page.clone();
    target.set_query(None);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = http::send(Method::POST, target.as_str(), &headers, form.finish()).await?;
    location(&answer).with_context(|| format!("the consent page answered {}", answer.status))
}

/// Opens an address that a browser would end on a plain page with, such as Nango's own callback.
///
/// # Errors
/// It does not answer, or with a further redirect.
pub async fn open(address: &str) -> Result<()> {
    let answer = http::send(Method::GET, address, &[], String::new()).await?;
    if answer.status.is_redirection() {
        bail!("a page was due, and a redirect came");
    }
    Ok(())
}

/// Follows redirects until the consent page is reached.
async fn consent_page(address: &str) -> Result<Url> {
    let mut here = Url::parse(address)?;
    for _ in 0..5 {
        let answer = http::send(Method::GET, here.as_str(), &[], String::new()).await?;
        if answer.status.is_success() {
            return Ok(here);
        }
        here = here.join(&location(&answer).context("neither a page nor a redirect came")?)?;
    }
    bail!("the redirects do not end at a page")
}

fn location(answer: &http::Answer) -> Result<String> {
    let value = answer.headers.get(LOCATION).context("there is no Location")?;
    Ok(value.to_str()?.to_owned())
}
