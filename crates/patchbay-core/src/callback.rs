//! A link that claims to be an OAuth callback. It is hostile input: any web page can send one.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use crate::attempt::SCHEME;

/// Longest link that is looked at, in bytes.
pub const LONGEST_LINK: usize = 8 * 1024;
const LONGEST_REASON: usize = 300;

/// The members by which a provider says yes: a code, an OAuth 1.0a verifier, an app's installation.
const GRANTS: [&str; 4] = ["code", "oauth_verifier", "installation_id", "setup_action"];

/// A well-formed callback; whether it belongs to anything is for the caller to find out.
#[derive(Debug)]
pub struct Callback {
    /// The dance it claims to belong to.
    pub state: SecretString,
    /// What it says.
    pub outcome: Outcome,
    /// The query exactly as it came, which is what Nango is given.
    pub query: SecretString,
}

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It carries a code, or what stands for one: an OAuth 1.0a verifier, the id of an installation.
    Granted,
    /// The provider's error, made safe to show.
    Refused(String),
}

/// Why a link is not a callback. None of these repeats the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Longer than [`LONGEST_LINK`].
    #[error("the link is longer than {LONGEST_LINK} bytes")]
    TooLong,
    /// It does not parse.
    #[error("the link is not a URL")]
    NotAUrl,
    /// Another scheme, host or path.
    #[error("the link is not addressed to Patchbay's callback")]
    NotOurs,
    /// No `state`, several, or one that is not a UUID, which Nango's are.
    #[error("the link's state is missing or malformed")]
    BadState,
    /// Neither a code nor an error, or both, or one of them twice.
    #[error("the link carries neither a code nor an error, or both")]
    BadOutcome,
}

impl Callback {
    /// Reads a link delivered by the system.
    ///
    /// # Errors
    /// When it is not a callback of ours.
    pub fn parse(link: &str) -> Result<Callback, CallbackError> {
        let url = parse_bounded(link)?;
        let addressed_to_us = url.scheme() == SCHEME
            && url.host_str() == Some("oauth")
            && url.path().trim_end_matches('/') == "/callback"
            && url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none();
        if addressed_to_us { Self::from_query(&url) } else { Err(CallbackError::NotOurs) }
    }

    /// Reads a link that a person pasted: ours, or the address of the profile's bridge page as the browser
    /// shows it.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse_pasted(text: &str, bridge: Option<&Url>) -> Result<Callback, CallbackError> {
        let text = text.trim();
        let url = parse_bounded(text)?;
        let is_bridge = bridge.is_some_and(|bridge| {
            url.scheme() == "https"
                && url.host() == bridge.host()
                && url.port_or_known_default() == bridge.port_or_known_default()
                && url.path().trim_end_matches('/') == bridge.path().trim_end_matches('/')
        });
        if is_bridge { Self::from_query(&url) } else { Self::parse(text) }
    }

    fn from_query(url: &Url) -> Result<Callback, CallbackError> {
        let query = url.query().unwrap_or("");
        let only = |name: &str| -> Option<Option<String>> {
            let mut values = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value);
            let first = values.next().map(std::borrow::Cow::into_owned);
            values.next().is_none().then_some(first)
        };
        let state = only("state").flatten().ok_or(CallbackError::BadState)?;
        if state.len() != 36 || uuid::Uuid::parse_str(&state).is_err() {
            return Err(CallbackError::BadState);
        }
        let mut grants = Vec::new();
        for name in GRANTS {
            grants.extend(only(name).ok_or(CallbackError::BadOutcome)?.filter(|value| !value.is_empty()));
        }
        let error = only("error").ok_or(CallbackError::BadOutcome)?.filter(|error| !error.is_empty());
        let outcome = match (grants.is_empty(), error) {
            (false, None) => Outcome::Granted,
            (true, Some(error)) => {
                let description = only("error_description").flatten().unwrap_or_default();
                Outcome::Refused(reason(&error, &description, &state))
            }
            _ => return Err(CallbackError::BadOutcome),
        };
        Ok(Callback { state: state.into(), outcome, query: query.to_owned().into() })
    }

    /// What the store knows this callback's dance by.
    #[must_use]
    pub fn state_hash(&self) -> String {
        hash_state(&self.state)
    }
}

/// The SHA-256 of a state, in hexadecimal: enough to recognise it, useless to forge it.
#[must_use]
pub fn hash_state(state: &SecretString) -> String {
    // UUIDs are compared without regard to case, as Nango's database does.
    let digest = Sha256::digest(state.expose_secret().to_ascii_lowercase());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse_bounded(link: &str) -> Result<Url, CallbackError> {
    if link.len() > LONGEST_LINK {
        return Err(CallbackError::TooLong);
    }
    Url::parse(link).map_err(|_| CallbackError::NotAUrl)
}

/// The provider's words, bounded, without the state and without anything that could disturb a line of text.
fn reason(error: &str, description: &str, state: &str) -> String {
    let words = if description.trim().is_empty() { error } else { description };
    let words: String = without(words, state)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_REASON)
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without a part, in whichever case its letters are.
fn without(text: &str, part: &str) -> String {
    let (lower, part) = (text.to_ascii_lowercase(), part.to_ascii_lowercase());
    let mut left = String::with_capacity(text.len());
    let mut end = 0;
    for (start, found) in lower.match_indices(&part) {
        left.push_str(&text[end..start]);
        left.push('…');
        end = start + found.len();
    }
    left + &text[end..]
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use url::Url;

    use super::{Callback, CallbackError, Outcome};

    const STATE: &str = "3b241101-e2bb-11f0-8de9-0242ac120002";

    fn parse(query: &str) -> Result<Callback, CallbackError> {
        Callback::parse(&format!("app.patchbay.desktop://oauth/callback?{query}"))
    }

    #[test]
    fn a_grant_keeps_its_query_to_the_letter() {
        let callback = parse(&format!("code=a%2Fb+c&state={STATE}&scope=x%20y")).expect("a callback");
        assert_eq!(callback.outcome, Outcome::Granted);
        assert_eq!(callback.query.expose_secret(), format!("code=a%2Fb+c&state={STATE}&scope=x%20y"));
        assert!(!format!("{callback:?}").contains("a%2Fb"), "printing shows no code");
        assert!(!format!("{callback:?}").contains(STATE), "printing shows no state");
    }

    #[test]
    fn a_refusal_that_repeats_the_state_is_told_without_it() {
        let twice =
            format!("error=no&error_description=Not+{STATE}+or+{}.&state={STATE}", STATE.to_uppercase());
        let callback = parse(&twice).expect("a callback");
        assert_eq!(callback.outcome, Outcome::Refused("Not … or ….".to_owned()));
    }

    #[test]
    fn a_refusal_is_told_in_the_providers_words_made_safe() {
        for (query, words) in [
            ("error=access_denied", "access_denied"),
            ("error=access_denied&error_description=The+user%0A%00denied", "The user denied"),
            ("error=x&error_description=%3Cscript%3E", "<script>"),
        ] {
            let callback = parse(&format!("{query}&state={STATE}")).expect("a callback");
            assert_eq!(callback.outcome, Outcome::Refused(words.to_owned()), "{query}");
        }
        let long = parse(&format!("error=x&error_description={}&state={STATE}", "y".repeat(4000)));
        let Outcome::Refused(words) = long.expect("a callback").outcome else { panic!("a refusal") };
        assert_eq!(words.len(), 300, "the provider's words are bounded");
    }

    #[test]
    fn whatever_else_arrives_is_not_a_callback() {
        for (link, why) in [
            ("", CallbackError::NotAUrl),
            ("nonsense", CallbackError::NotAUrl),
            ("https://oauth/callback?code=1", CallbackError::NotOurs),
            ("javascript:alert(1)", CallbackError::NotOurs),
            ("app.patchbay.desktop://evil/callback?code=1", CallbackError::NotOurs),
            ("app.patchbay.desktop://oauth/other?code=1", CallbackError::NotOurs),
            ("app.patchbay.desktop://user@oauth/callback?code=1", CallbackError::NotOurs),
            ("app.patchbay.desktop://oauth:1/callback?code=1", CallbackError::NotOurs),
            ("app.patchbay.desktop:oauth/callback", CallbackError::NotOurs),
            ("app.patchbay.desktop://oauth/callback", CallbackError::BadState),
        ] {
            assert_eq!(Callback::parse(link).err(), Some(why), "{link}");
        }
        for (query, why) in [
            ("code=1".to_owned(), CallbackError::BadState),
            ("code=1&state=".to_owned(), CallbackError::BadState),
            ("code=1&state=../../etc".to_owned(), CallbackError::BadState),
            (format!("code=1&state={{{STATE}}}"), CallbackError::BadState),
            (format!("code=1&state={STATE}&state={STATE}"), CallbackError::BadState),
            (format!("state={STATE}"), CallbackError::BadOutcome),
            (format!("code=&state={STATE}"), CallbackError::BadOutcome),
            (format!("code=1&code=2&state={STATE}"), CallbackError::BadOutcome),
            (format!("code=1&error=x&state={STATE}"), CallbackError::BadOutcome),
        ] {
            assert_eq!(parse(&query).err(), Some(why), "{query}");
        }
        let endless = format!("code={}&state={STATE}", "x".repeat(9000));
        assert_eq!(parse(&endless).err(), Some(CallbackError::TooLong));
    }

    #[test]
    fn the_scheme_is_recognised_in_capitals_and_the_state_in_either_case() {
        let upper = format!("APP.PATCHBAY.DESKTOP://oauth/callback/?code=1&state={}", STATE.to_uppercase());
        let upper = Callback::parse(&upper).expect("a callback");
        assert_eq!(upper.state_hash(), parse(&format!("code=1&state={STATE}")).expect("one").state_hash());
    }

    #[test]
    fn a_pasted_link_may_be_the_bridge_pages() {
        let bridge = Url::parse("https://example.test/bridge/").expect("a URL");
        let query = format!("code=1&state={STATE}");
        let pasted = |text: &str| Callback::parse_pasted(text, Some(&bridge)).map(|_| ());
        assert_eq!(pasted(&format!(" https://example.test/bridge?{query}\n")), Ok(()));
        assert_eq!(pasted(&format!("app.patchbay.desktop://oauth/callback?{query}")), Ok(()));
        assert_eq!(pasted(&format!("https://other.test/bridge?{query}")), Err(CallbackError::NotOurs));
        assert_eq!(pasted(&format!("http://example.test/bridge?{query}")), Err(CallbackError::NotOurs));
    }
}
