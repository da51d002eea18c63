//! A secret on its way from a person's fingers to the keyring.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What somebody typed into a secret field. It serialises, because it has to cross from the window to the
/// engine once; it cannot be printed, and it is wiped when dropped. No reply holds one.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SecretInput(Zeroizing<String>);

impl SecretInput {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretInput {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for SecretInput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretInput(…)")
    }
}

impl Serialize for SecretInput {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::SecretInput;

    #[test]
    fn printing_shows_nothing() {
        let secret = SecretInput::from("hunter2".to_owned());
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
