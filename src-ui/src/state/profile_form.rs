//! The form of a profile: what is typed, and what is sent.

use std::rc::Rc;

use patchbay_core::id::ProfileId;
use patchbay_core::profile::DEFAULT_SERVER_URL;
use patchbay_ipc::{Failure, KeyPresence, ProfileView, SaveProfile, SecretInput};
use yew::Reducible;

/// The form.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileForm {
    /// The profile it changes; nothing: it makes one.
    pub profile: Option<ProfileId>,
    /// The server's address.
    pub server_url: String,
    /// The key, only as long as it is not saved.
    pub api_key: SecretInput,
    /// The end user's id.
    pub user_id: String,
    /// The end user's name.
    pub user_name: String,
    /// The bridge page.
    pub bridge_url: String,
    /// Whether the network is used.
    pub enabled: bool,
    /// Whether a key is stored already, which an empty field keeps.
    pub has_key: bool,
    /// Whether the server is being asked.
    pub busy: bool,
    /// Why it was not saved.
    pub failure: Option<Failure>,
}

impl ProfileForm {
    /// The form of a profile that is yet to be made.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            profile: None,
            server_url: DEFAULT_SERVER_URL.to_owned(),
            api_key: SecretInput::default(),
            user_id: String::new(),
            user_name: String::new(),
            bridge_url: String::new(),
            enabled: true,
            has_key: false,
            busy: false,
            failure: None,
        }
    }

    /// The form of a profile as it is.
    #[must_use]
    pub fn of(profile: &ProfileView) -> Self {
        Self {
            profile: Some(profile.id),
            server_url: profile.server_url.clone(),
            user_id: profile.user_id.clone(),
            user_name: profile.user_name.clone().unwrap_or_default(),
            bridge_url: profile.bridge_url.clone().unwrap_or_default(),
            enabled: profile.enabled,
            has_key: profile.key != KeyPresence::Missing,
            ..Self::empty()
        }
    }

    /// What to send.
    #[must_use]
    pub fn request(&self, accept_problems: bool) -> SaveProfile {
        SaveProfile {
            profile: self.profile,
            server_url: self.server_url.clone(),
            api_key: (!self.api_key.expose().is_empty() || !self.has_key).then(|| self.api_key.clone()),
            user_id: self.user_id.clone(),
            user_name: self.user_name.clone(),
            bridge_url: self.bridge_url.clone(),
            enabled: self.enabled,
            accept_problems,
        }
    }

    /// What is wrong with the field of that name.
    #[must_use]
    pub fn fault(&self, field: &str) -> Option<String> {
        let failure = self.failure.as_ref()?;
        (failure.field.as_deref() == Some(field)).then(|| format!("{} {}", failure.message, failure.hint))
    }
}

/// What happens in the form.
pub enum ProfileFormAction {
    /// The server's address was edited.
    ServerUrl(String),
    /// The key was edited.
    ApiKey(String),
    /// The user id was edited.
    UserId(String),
    /// The name was edited.
    UserName(String),
    /// The bridge page was edited.
    BridgeUrl(String),
    /// The network was switched on or off.
    Enabled(bool),
    /// It is being sent.
    Submitted,
    /// It was saved, or not.
    Saved(Result<(), Failure>),
}

impl Reducible for ProfileForm {
    type Action = ProfileFormAction;

    fn reduce(self: Rc<Self>, action: ProfileFormAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            ProfileFormAction::ServerUrl(text) => next.server_url = text,
            ProfileFormAction::ApiKey(text) => next.api_key = SecretInput::from(text),
            ProfileFormAction::UserId(text) => next.user_id = text,
            ProfileFormAction::UserName(text) => next.user_name = text,
            ProfileFormAction::BridgeUrl(text) => next.bridge_url = text,
            ProfileFormAction::Enabled(enabled) => next.enabled = enabled,
            ProfileFormAction::Submitted => {
                next.busy = true;
                next.failure = None;
            }
            ProfileFormAction::Saved(Ok(())) => {
                next.busy = false;
                next.has_key = true;
                next.api_key = SecretInput::default();
            }
            ProfileFormAction::Saved(Err(failure)) => {
                next.busy = false;
                next.failure = Some(failure);
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use patchbay_ipc::{Code, Failure};
    use yew::Reducible;

    use super::{ProfileForm, ProfileFormAction};

    #[test]
    fn an_empty_key_keeps_the_stored_one_only_if_there_is_one() {
        let form = ProfileForm::empty();
        assert!(
            form.request(false).api_key.is_some(),
            "a new profile has to be told that its key is missing"
        );
        let stored = ProfileForm { has_key: true, ..ProfileForm::empty() };
        assert_eq!(stored.request(false).api_key, None);
    }

    #[test]
    fn a_saved_key_is_forgotten_and_a_refused_one_is_kept_for_another_try() {
        let typed = Rc::new(ProfileForm::empty()).reduce(ProfileFormAction::ApiKey("k".into()));
        let failure = Failure {
            code: Code::KeyRefused,
            message: "No.".into(),
            hint: "Another.".into(),
            detail: None,
            field: Some("api_key".into()),
        };
        let refused =
            typed.reduce(ProfileFormAction::Submitted).reduce(ProfileFormAction::Saved(Err(failure)));
        assert_eq!(refused.api_key.expose(), "k");
        assert_eq!(refused.fault("api_key").as_deref(), Some("No. Another."));
        assert_eq!(refused.fault("user_id"), None);
        let saved = refused.reduce(ProfileFormAction::Submitted).reduce(ProfileFormAction::Saved(Ok(())));
        assert_eq!(saved.api_key.expose(), "");
    }
}
