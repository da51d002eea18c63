//! What a connection asks of its owner, and what nobody can ask of it.

use patchbay_core::connection::Health;
use patchbay_ipc::ConnectionView;
use patchbay_texts::t;

/// Whether its owner has something to decide or to mend.
#[must_use]
pub fn needs_attention(connection: &ConnectionView) -> bool {
    connection.health == Health::NeedsReconnect || connection.mismatch.is_some()
}

/// Why it can be neither tested nor reconnected, if so: there is nothing at Nango, or soon there is not.
#[must_use]
pub fn out_of_reach(health: Health) -> Option<&'static str> {
    match health {
        Health::Gone => Some(t!("It was deleted elsewhere. Connect it anew.")),
        Health::Disconnecting => Some(t!("It is about to be disconnected.")),
        Health::Works | Health::NeedsReconnect | Health::Unknown => None,
    }
}

/// An account on one line: the name, and the e-mail address where that says more.
#[must_use]
pub fn account_line(account: &patchbay_core::connection::Account) -> String {
    match &account.email {
        Some(email) if *email != account.name => format!("{} · {email}", account.name),
        _ => account.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use patchbay_core::connection::{Account, Health};

    use super::{account_line, out_of_reach};

    #[test]
    fn what_is_gone_cannot_be_asked() {
        let reachable = Health::ALL.into_iter().filter(|health| out_of_reach(*health).is_none());
        assert!(reachable.eq([Health::Works, Health::NeedsReconnect, Health::Unknown]));
    }

    #[test]
    fn an_address_is_not_said_twice() {
        let account = |name: &str, email: Option<&str>| Account {
            id: "1".into(),
            name: name.into(),
            email: email.map(str::to_owned),
        };
        assert_eq!(account_line(&account("alex", None)), "alex");
        assert_eq!(account_line(&account("alex", Some("a@b.test"))), "alex · a@b.test");
        assert_eq!(account_line(&account("a@b.test", Some("a@b.test"))), "a@b.test");
    }
}
