//! The ways a provider authorizes, by Nango's names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The way an account of a provider gets connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Consent is given in the browser.
    Browser,
    /// What is needed is entered into a form.
    Form,
    /// Nango is told, and the account's administrator installs the application from the provider's own side.
    Outbound,
}

/// How a provider authorizes an account (`auth_mode` of a provider, Nango 0.71.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AuthMode {
    /// OAuth 1.0a.
    OAuth1,
    /// OAuth 2.0 with a user's consent.
    OAuth2,
    /// OAuth 2.0 client credentials: no user, two secrets.
    OAuth2ClientCredentials,
    /// One key.
    ApiKey,
    /// User name and password.
    Basic,
    /// Credentials that Nango exchanges for a token.
    TwoStep,
    /// A key with which Nango signs tokens.
    Jwt,
    /// Token-based authentication as NetSuite has it.
    Tba,
    /// User name and password from which requests are signed.
    Signature,
    /// Bill's user name, password, organisation and developer key.
    Bill,
    /// A role that Nango assumes at AWS.
    AwsSigV4,
    /// Nothing is asked.
    None,
    /// An app that the user installs, such as a GitHub App.
    App,
    /// A mixture of OAuth 2.0 and an app.
    Custom,
    /// OAuth 2.0 of a Model Context Protocol server.
    McpOAuth2,
    /// The same for a server the user names.
    McpOAuth2Generic,
    /// A plugin installed at the provider.
    InstallPlugin,
    /// A mode this version does not know, by Nango's name.
    Other(String),
}

impl AuthMode {
    const NAMES: [(&'static str, AuthMode); 17] = [
        ("OAUTH1", AuthMode::OAuth1),
        ("OAUTH2", AuthMode::OAuth2),
        ("OAUTH2_CC", AuthMode::OAuth2ClientCredentials),
        ("API_KEY", AuthMode::ApiKey),
        ("BASIC", AuthMode::Basic),
        ("TWO_STEP", AuthMode::TwoStep),
        ("JWT", AuthMode::Jwt),
        ("TBA", AuthMode::Tba),
        ("SIGNATURE", AuthMode::Signature),
        ("BILL", AuthMode::Bill),
        ("AWS_SIGV4", AuthMode::AwsSigV4),
        ("NONE", AuthMode::None),
        ("APP", AuthMode::App),
        ("CUSTOM", AuthMode::Custom),
        ("MCP_OAUTH2", AuthMode::McpOAuth2),
        ("MCP_OAUTH2_GENERIC", AuthMode::McpOAuth2Generic),
        ("INSTALL_PLUGIN", AuthMode::InstallPlugin),
    ];

    /// Every mode this version knows.
    pub fn known() -> impl Iterator<Item = AuthMode> {
        Self::NAMES.into_iter().map(|(_, mode)| mode)
    }

    /// Nango's name of the mode.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            AuthMode::Other(name) => name,
            known => Self::NAMES.iter().find(|(_, mode)| mode == known).map_or("", |(name, _)| name),
        }
    }

    /// The way an account gets connected. `installation` is the provider's member of that name.
    ///
    /// Nango would make a connection without tokens of any OAuth 2.0 provider that is treated as installed from
    /// the other side (0.71.4, recorded), so that way is taken only where the provider says so.
    #[must_use]
    pub fn way(&self, installation: Option<&str>) -> Way {
        match (self, installation) {
            (AuthMode::OAuth2, Some("outbound")) => Way::Outbound,
            _ if self.needs_browser() => Way::Browser,
            _ => Way::Form,
        }
    }

    /// Whether a connection may have to wait until an administrator at the provider approves it.
    #[must_use]
    pub fn may_await_approval(&self) -> bool {
        matches!(self, AuthMode::App | AuthMode::Custom | AuthMode::InstallPlugin)
    }

    /// Whether the account is authorized in a browser rather than by a form of ours.
    #[must_use]
    pub fn needs_browser(&self) -> bool {
        matches!(
            self,
            AuthMode::OAuth1
                | AuthMode::OAuth2
                | AuthMode::App
                | AuthMode::Custom
                | AuthMode::McpOAuth2
                | AuthMode::McpOAuth2Generic
                | AuthMode::InstallPlugin
                | AuthMode::Other(_)
        )
    }
}

impl From<&str> for AuthMode {
    fn from(name: &str) -> Self {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(|| AuthMode::Other(name.to_owned()), |(_, mode)| mode.clone())
    }
}

impl fmt::Display for AuthMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for AuthMode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for AuthMode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| AuthMode::from(name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthMode, Way};

    #[test]
    fn the_other_side_installs_only_where_the_provider_says_so() {
        assert_eq!(AuthMode::OAuth2.way(None), Way::Browser);
        assert_eq!(AuthMode::OAuth2.way(Some("outbound")), Way::Outbound);
        assert_eq!(AuthMode::OAuth2.way(Some("inbound")), Way::Browser);
        assert_eq!(AuthMode::ApiKey.way(Some("outbound")), Way::Form);
        assert_eq!(AuthMode::from("NEW").way(None), Way::Browser, "Nango's own page knows what to ask");
    }

    #[test]
    fn names_go_both_ways() {
        for (name, mode) in AuthMode::NAMES {
            assert_eq!(AuthMode::from(name), mode);
            assert_eq!(mode.name(), name);
        }
        assert_eq!(AuthMode::from("NEW").name(), "NEW", "a mode of tomorrow keeps its name");
    }
}
