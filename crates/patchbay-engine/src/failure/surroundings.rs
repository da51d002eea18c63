//! How to mend the keyring and the way of links, system by system.

use patchbay_ipc::{DeepLinkState, KeyringState, LinkTestOutcome, LinkTestReport};

use super::bounded;
use crate::links::LinkOwner;
use crate::platform::Platform;
use patchbay_texts::t;

/// What to do about a keyring that does not work; nothing, where the general advice is all there is to say.
pub(crate) fn mend_keyring(state: KeyringState, platform: Platform) -> Option<&'static str> {
    Some(match (state, platform) {
        (KeyringState::Missing, Platform::Kde) => {
            t!(
                "Open System Settings → KDE Wallet, enable the KDE wallet subsystem and let it act as Secret Service; then test the keyring here."
            )
        }
        (KeyringState::Missing, Platform::LinuxDesktop) => {
            t!(
                "Install gnome-keyring with your package manager, log out and in again so that it starts, then test the keyring here."
            )
        }
        (_, Platform::NoSessionBus) if is_ill(state) => {
            t!(
                "Patchbay was started without a session bus, so no keyring can be asked. Start it from your desktop’s menu, or with dbus-run-session in a terminal."
            )
        }
        (KeyringState::Locked, Platform::Kde) => {
            t!("Open KWalletManager, open the wallet with its password, then test the keyring here.")
        }
        (KeyringState::Locked, Platform::LinuxDesktop) => {
            t!(
                "Open Passwords and Keys, unlock the Login keyring, then test the keyring here. If you log in without a password, the keyring is not unlocked with you."
            )
        }
        (KeyringState::Locked | KeyringState::Dismissed, Platform::MacOs) => {
            t!(
                "Open Keychain Access, unlock the login keychain, and allow Patchbay when it is asked for; then test the keyring here."
            )
        }
        (KeyringState::Dismissed, _) => {
            t!("Test the keyring here once more, and enter its password in the window that the system opens.")
        }
        (KeyringState::Failing, Platform::Kde) => {
            t!("Close KWalletManager and the wallet, open it again, then test the keyring here.")
        }
        (KeyringState::Failing, Platform::LinuxDesktop) => {
            t!("Log out and in again so that the keyring starts anew, then test it here.")
        }
        (KeyringState::Missing | KeyringState::Failing, Platform::MacOs) => {
            t!(
                "Open Keychain Access and look whether the login keychain is there; log in again if it is not. Then test the keyring here."
            )
        }
        (KeyringState::Missing | KeyringState::Locked | KeyringState::Failing, Platform::Windows) => {
            t!("Start the service Credential Manager in Services, sign in again, then test the keyring here.")
        }
        _ => return None,
    })
}

fn is_ill(state: KeyringState) -> bool {
    matches!(
        state,
        KeyringState::Missing | KeyringState::Locked | KeyringState::Dismissed | KeyringState::Failing
    )
}

/// What to do about links that go elsewhere or nowhere.
pub(crate) fn mend_links(state: DeepLinkState, platform: Platform) -> Option<&'static str> {
    if state == DeepLinkState::Registered {
        return None;
    }
    Some(match platform {
        Platform::Kde | Platform::LinuxDesktop | Platform::NoSessionBus => {
            t!(
                "Press Register. If that does not help: install xdg-utils and desktop-file-utils, then press it again. Until then, paste the link while connecting."
            )
        }
        Platform::MacOs => {
            t!(
                "Move Patchbay into the folder Applications and open it there once: that is what registers it. Until then, paste the link while connecting."
            )
        }
        Platform::Windows => {
            t!(
                "Press Register. If another program opens instead, choose Patchbay in Settings → Apps → Default apps, under link types. Until then, paste the link while connecting."
            )
        }
    })
}

/// What a link came to that was sent to see whether it arrives.
pub(crate) fn link_test(outcome: LinkTestOutcome, owner: &LinkOwner, platform: Platform) -> LinkTestReport {
    let message = match (outcome, owner) {
        (LinkTestOutcome::Arrived, _) => {
            t!("A link was sent through the system and arrived here. Links from the browser will, too.")
                .to_owned()
        }
        (LinkTestOutcome::TakenElsewhere, LinkOwner::Another(name)) => {
            t!(
                "The link did not arrive here: {given} is registered for it and took it.",
                given = bounded(name)
            )
        }
        (LinkTestOutcome::TakenElsewhere, _) => {
            t!("The link did not arrive here: another program took it.").to_owned()
        }
        (LinkTestOutcome::NothingArrived, _) => {
            t!("The link was sent through the system, and nothing arrived.").to_owned()
        }
        (LinkTestOutcome::NotSent, _) => t!("The system could not be given the link.").to_owned(),
    };
    let state = match outcome {
        LinkTestOutcome::Arrived => DeepLinkState::Registered,
        LinkTestOutcome::TakenElsewhere => DeepLinkState::RegisteredElsewhere,
        LinkTestOutcome::NothingArrived | LinkTestOutcome::NotSent => DeepLinkState::NotRegistered,
    };
    LinkTestReport { outcome, message, hint: mend_links(state, platform).map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use patchbay_ipc::{DeepLinkState, KeyringState, LinkTestOutcome};

    use super::{link_test, mend_keyring, mend_links};
    use crate::failure::keyring_view;
    use crate::links::LinkOwner;
    use crate::platform::Platform;

    /// Every state on every system, as a person reads it.
    #[test]
    fn what_is_said_of_the_surroundings() {
        let platforms = [
            Platform::Kde,
            Platform::LinuxDesktop,
            Platform::NoSessionBus,
            Platform::MacOs,
            Platform::Windows,
        ];
        let mut said = String::new();
        for state in [
            KeyringState::Available,
            KeyringState::Waiting,
            KeyringState::Missing,
            KeyringState::Locked,
            KeyringState::Dismissed,
            KeyringState::Failing,
            KeyringState::MemoryByChoice,
        ] {
            let view = keyring_view(state);
            said += &format!("{state:?}: {}\n", view.message);
            for platform in platforms {
                let hint = mend_keyring(state, platform).or(view.hint.as_deref()).unwrap_or("-");
                said += &format!("  {platform:?}: {hint}\n");
            }
        }
        for platform in platforms {
            let hint = mend_links(DeepLinkState::NotRegistered, platform).unwrap_or("-");
            said += &format!("links, {platform:?}: {hint}\n");
        }
        let another = LinkOwner::Another("other.desktop".into());
        for (outcome, owner) in [
            (LinkTestOutcome::Arrived, LinkOwner::ThisApplication),
            (LinkTestOutcome::TakenElsewhere, another),
            (LinkTestOutcome::NothingArrived, LinkOwner::Nobody),
            (LinkTestOutcome::NotSent, LinkOwner::Unknown),
        ] {
            said += &format!("{outcome:?}: {}\n", link_test(outcome, &owner, Platform::Kde).message);
        }
        insta::assert_snapshot!(said);
    }
}
