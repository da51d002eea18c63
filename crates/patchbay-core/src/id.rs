//! Identifiers. Ours are random UUIDs, made where they are needed (randomness is I/O); Nango's are texts that only Nango gives a meaning to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID itself.
            #[must_use]
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

uuid_id!(
    /// One Nango server, key and end user on this machine.
    ProfileId
);
uuid_id!(
    /// One try to authorize. Sent to Nango as the tag `patchbay_attempt`.
    AttemptId
);
uuid_id!(
    /// One connection as this machine knows it; several may belong to one connector. Sent to Nango as the
    /// tag `patchbay_instance`, and kept when a connection is reconnected.
    InstanceId
);
uuid_id!(
    /// One workflow of a profile.
    WorkflowId
);
uuid_id!(
    /// One execution of a workflow.
    RunId
);
text_id!(
    /// Nango's `connection_id`: unguessable, chosen by the server, may hold any character.
    ConnectionId
);
text_id!(
    /// Nango's `provider_config_key`: the operator's configured instance of a provider.
    IntegrationKey
);
text_id!(
    /// Nango's provider key: its template for a service.
    ProviderKey
);
text_id!(
    /// A connector's short name, which is also its manifest's file name: `github`.
    ConnectorSlug
);

/// What an account can be connected of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectTarget {
    /// A connector that Patchbay has a manifest for.
    Connector(ConnectorSlug),
    /// Any other provider of the server.
    Provider(ProviderKey),
}

impl ConnectTarget {
    /// The connector, or the provider where Patchbay has no manifest.
    #[must_use]
    pub fn of(connector: Option<&ConnectorSlug>, provider: &ProviderKey) -> Self {
        match connector {
            Some(slug) => ConnectTarget::Connector(slug.clone()),
            None => ConnectTarget::Provider(provider.clone()),
        }
    }

    /// The slug or the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            ConnectTarget::Connector(slug) => slug.as_str(),
            ConnectTarget::Provider(key) => key.as_str(),
        }
    }
}
