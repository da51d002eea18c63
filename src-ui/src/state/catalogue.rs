//! What the connectors page shows: found by words, narrowed by a chip, grouped by category.

use patchbay_ipc::{Availability, ConnectorView};

/// A chip above the connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
            Chip::All => "All",
            Chip::Connected => "Connected",
            Chip::Ready => "Ready",
        }
    }

    /// Whether a connector is under it.
    #[must_use]
    pub fn admits(self, connector: &ConnectorView) -> bool {
        match self {
            Chip::All => true,
            Chip::Connected => connector.connected > 0,
            Chip::Ready => connector.availability == Availability::Ready,
        }
    }
}

/// Whether every word occurs in the connector's name, category, provider or keywords.
#[must_use]
pub fn matches(connector: &ConnectorView, search: &str) -> bool {
    let mut words = search.split_whitespace().map(str::to_lowercase).peekable();
    if words.peek().is_none() {
        return true;
    }
    let mut text = format!("{}\n{}\n{}", connector.name, connector.category, connector.provider);
    for keyword in &connector.keywords {
        text.push('\n');
        text.push_str(keyword);
    }
    let text = text.to_lowercase();
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
    for connector in connectors.iter().filter(|c| chip.admits(c) && matches(c, search)) {
        match groups.iter_mut().find(|(category, _)| *category == connector.category) {
            Some((_, group)) => group.push(connector),
            None => groups.push((&connector.category, vec![connector])),
        }
    }
    groups
}

/// How a connector's state reads on its card.
#[must_use]
pub fn state_in_words(connector: &ConnectorView) -> String {
    match (connector.connected, connector.needing_attention, connector.availability) {
        (0, _, Availability::NotSetUp) => "Not set up on this server".to_owned(),
        (0, _, _) => "Not connected".to_owned(),
        (connected, 0, _) => format!("{connected} connected"),
        (connected, attention, _) => {
            let broken = if attention == 1 {
                "1 needs reconnect".to_owned()
            } else {
                format!("{attention} need reconnect")
            };
            if attention >= connected { broken } else { format!("{connected} connected, {broken}") }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use patchbay_core::auth_mode::AuthMode;
    use patchbay_ipc::{Availability, ConnectorView};

    use super::{Chip, groups, matches, state_in_words};

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
