//! The ways in which a provider lets somebody in.

use std::fmt;

/// Nango's `auth_mode` of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are Nango's own words, spelled by `as_str`")]
pub enum AuthMode {
    OAuth2,
    OAuth2Cc,
    OAuth1,
    ApiKey,
    Basic,
    TwoStep,
    Jwt,
    Tba,
    Signature,
    Bill,
    AwsSigV4,
    None,
    App,
    Custom,
    McpOAuth2,
    McpOAuth2Generic,
    InstallPlugin,
    /// A mode this crate does not know, as the server spells it.
    Other(String),
}

impl AuthMode {
    /// Every mode known here.
    pub const KNOWN: [Self; 17] = [
        Self::OAuth2,
        Self::OAuth2Cc,
        Self::OAuth1,
        Self::ApiKey,
        Self::Basic,
        Self::TwoStep,
        Self::Jwt,
        Self::Tba,
        Self::Signature,
        Self::Bill,
        Self::AwsSigV4,
        Self::None,
        Self::App,
        Self::Custom,
        Self::McpOAuth2,
        Self::McpOAuth2Generic,
        Self::InstallPlugin,
    ];

    /// Nango's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::OAuth2 => "OAUTH2",
            Self::OAuth2Cc => "OAUTH2_CC",
            Self::OAuth1 => "OAUTH1",
            Self::ApiKey => "API_KEY",
            Self::Basic => "BASIC",
            Self::TwoStep => "TWO_STEP",
            Self::Jwt => "JWT",
            Self::Tba => "TBA",
            Self::Signature => "SIGNATURE",
            Self::Bill => "BILL",
            Self::AwsSigV4 => "AWS_SIGV4",
            Self::None => "NONE",
            Self::App => "APP",
            Self::Custom => "CUSTOM",
            Self::McpOAuth2 => "MCP_OAUTH2",
            Self::McpOAuth2Generic => "MCP_OAUTH2_GENERIC",
            Self::InstallPlugin => "INSTALL_PLUGIN",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for AuthMode {
    fn from(text: &str) -> Self {
        let known = Self::KNOWN.iter().find(|mode| mode.as_str() == text);
        known.cloned().unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

impl fmt::Display for AuthMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
