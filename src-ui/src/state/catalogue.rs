//! What the connectors page shows: found by words, narrowed by a chip; connectors grouped by category, the rest of
//! the server's catalogue in one list.

use patchbay_ipc::{Availability, ConnectorView, ProviderView};
use patchbay_texts::t;
use serde::{Deserialize, Serialize};

/// Whether something can be connected, and how much of it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether the server offers it.
    pub availability: Availability,
    /// How many connections there are.
    pub connected: u32,
    /// How many of them need attention.
    pub needing_attention: u32,
}

impl From<&ConnectorView> for Standing {
    fn from(connector: &ConnectorView) -> Self {
        let ConnectorView { availability, connected, needing_attention, .. } = *connector;
        Self { availability, connected, needing_attention }
    }
}

impl From<&ProviderView> for Standing {
    fn from(provider: &ProviderView) -> Self {
        let ProviderView { availability, connected, needing_attention, .. } = *provider;
        Self { availability, connected, needing_attention }
    }
}

/// A chip above the connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Chip {
    /// Everything.
    #[default]
    All,
    /// What has a connection.
    Connected,
    /// What the server offers.
    Ready,
}

impl Chip {
    /// Every chip, in order.
    pub const ALL: [Chip; 3] = [Chip::All, Chip::Connected, Chip::Ready];

    /// What it says.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Chip::All => t!("All"),
            Chip::Connected => t!("Connected"),
            Chip::Ready => t!("Ready"),
        }
    }

    /// Whether what stands like this is under it.
    #[must_use]
    pub fn admits(self, standing: impl Into<Standing>) -> bool {
        let standing = standing.into();
        match self {
            Chip::All => true,
            Chip::Connected => standing.connected > 0,
            Chip::Ready => standing.availability == Availability::Ready,
        }
    }
}

/// Whether every word occurs in the connector's name, category, provider or keywords.
#[must_use]
pub fn matches(connector: &ConnectorView, search: &str) -> bool {
    let more = connector.keywords.iter().map(String::as_str);
    has_words(search, [connector.name.as_str(), &connector.category, connector.provider.as_str()], more)
}

/// The providers that are found, in the order they come: every word occurs in name, key or categories.
#[must_use]
pub fn found<'a>(providers: &'a [ProviderView], search: &str, chip: Chip) -> Vec<&'a ProviderView> {
    let is_found = |provider: &&ProviderView| {
        let more = provider.categories.iter().map(String::as_str);
        chip.admits(*provider)
            && has_words(search, [provider.name.as_str(), provider.provider.as_str(), ""], more)
    };
    providers.iter().filter(is_found).collect()
}

fn has_words<'a>(search: &str, texts: [&'a str; 3], more: impl Iterator<Item = &'a str>) -> bool {
    let mut words = search.split_whitespace().map(str::to_lowercase).peekable();
    if words.peek().is_none() {
        return true;
    }
    let text = texts.into_iter().chain(more).collect::<Vec<_>>().join("\n").to_lowercase();
    words.all(|word| text.contains(&word))
}

/// The connectors that are found, by category, in the order they come.
#[must_use]
pub fn groups<'a>(
    connectors: &'a [ConnectorView],
    search: &str,
    chip: Chip,
) -> Vec<(&'a str, Vec<&'a ConnectorView>)> {
    let mut groups: Vec<(&str, Vec<&ConnectorView>)> = Vec::new();
    for connector in connectors.iter().filter(|c| chip.admits(*c) && matches(c, search)) {
        match groups.iter_mut().find(|(category, _)| *category == connector.category) {
            Some((_, group)) => group.push(connector),
            None => groups.push((&connector.category, vec![connector])),
        }
    }
    groups
}

/// How the state of a connector or provider reads.
#[must_use]
pub fn state_in_words(standing: impl Into<Standing>) -> String {
    let Standing { availability, connected, needing_attention } = standing.into();
    match (connected, needing_attention, availability) {
        (0, _, Availability::NotSetUp) => t!("Not set up on this server").to_owned(),
        (0, _, _) => t!("Not connected").to_owned(),
        (connected, 0, _) => t!("1 connected" | "{count} connected" % connected, count = connected),
        (connected, attention, _) => {
            let broken = t!("1 needs reconnect" | "{count} need reconnect" % attention, count = attention);
            if attention >= connected {
                broken
            } else {
                t!(
                    "1 connected, {broken}" | "{count} connected, {broken}" % connected,
                    count = connected,
                    broken
                )
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use patchbay_core::auth_mode::AuthMode;
    use patchbay_ipc::{Availability, ConnectorView, ProviderView};

    use super::{Chip, found, groups, matches, state_in_words};

    pub(crate) fn connector(name: &str, category: &str) -> ConnectorView {
        ConnectorView {
            slug: name.to_lowercase().as_str().into(),
            name: name.into(),
            category: category.into(),
            description: String::new(),
            icon: None,
            keywords: vec!["issues".into()],
            provider: "git-provider".into(),
            note: None,
            auth_mode: AuthMode::OAuth2,
            availability: Availability::Ready,
            connected: 0,
            needing_attention: 0,
        }
    }

    #[test]
    fn every_word_has_to_occur() {
        let github = connector("GitHub", "Development & Code");
        for (search, found) in [
            ("", true),
            ("  ", true),
            ("git", true),
            ("HUB dev", true),
            ("issues provider", true),
            ("github mail", false),
        ] {
            assert_eq!(matches(&github, search), found, "{search:?}");
        }
    }

    #[test]
    fn groups_keep_the_order_of_the_list() {
        let mut list =
            vec![connector("Stripe", "Pay"), connector("GitHub", "Code"), connector("Xero", "Pay")];
        list[2].connected = 1;
        let found = groups(&list, "", Chip::All);
        assert_eq!(
            found.iter().map(|(name, group)| (*name, group.len())).collect::<Vec<_>>(),
            [("Pay", 2), ("Code", 1)]
        );
        assert_eq!(groups(&list, "", Chip::Connected).len(), 1);
    }

    #[test]
    fn providers_are_found_by_name_key_and_category() {
        let provider = |name: &str, key: &str, availability| ProviderView {
            provider: key.into(),
            name: name.into(),
            categories: vec!["crm".into()],
            auth_mode: AuthMode::ApiKey,
            availability,
            connected: 0,
            needing_attention: 0,
        };
        let all = [
            provider("Acme", "acme-v2", Availability::Ready),
            provider("Zeta", "zeta", Availability::NotSetUp),
        ];
        let keys = |search, chip| -> Vec<&str> {
            found(&all, search, chip).into_iter().map(|provider| provider.provider.as_str()).collect()
        };
        assert_eq!(keys("", Chip::All), ["acme-v2", "zeta"]);
        assert_eq!(keys("CRM v2", Chip::All), ["acme-v2"]);
        assert_eq!(keys("", Chip::Ready), ["acme-v2"]);
        assert!(keys("", Chip::Connected).is_empty());
        assert_eq!(state_in_words(&all[1]), "Not set up on this server");
    }

    #[test]
    fn states_in_words() {
        let mut one = connector("GitHub", "Code");
        assert_eq!(state_in_words(&one), "Not connected");
        one.availability = Availability::NotSetUp;
        assert_eq!(state_in_words(&one), "Not set up on this server");
        one.connected = 2;
        assert_eq!(state_in_words(&one), "2 connected");
        one.needing_attention = 1;
        assert_eq!(state_in_words(&one), "2 connected, 1 needs reconnect");
        one.needing_attention = 2;
        assert_eq!(state_in_words(&one), "2 need reconnect");
        (one.connected, one.needing_attention) = (1, 1);
        assert_eq!(state_in_words(&one), "1 needs reconnect");
    }
}
