//! Setting up on the server what it does not offer yet, or saying exactly what its operator has to.

use nango_client::{AppCredentials, Error, NewIntegration, Provider};
use patchbay_core::attempt::{Method, method_for};
use patchbay_core::auth_mode::AuthMode;
use patchbay_core::id::{ConnectTarget, IntegrationKey, ProviderKey};
use patchbay_core::profile::{Profile, Scope, ScopeState};
use patchbay_ipc::{AppNeed, CallbackView, IntegrationView, SetUpIntegration, SetupPlan};
use patchbay_texts::t;
use secrecy::SecretString;
use url::Url;

use crate::Engine;
use crate::driver::wire_mode;
use crate::error::EngineError;
use crate::failure;
use crate::profiles::Nango;

/// Longest key Nango takes, in characters (0.71.4).
const LONGEST_KEY: usize = 255;

/// What is wrong with what was entered to set an integration up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetupProblem {
    /// The key has a character that Nango does not take, or none, or too many.
    BadKey,
    /// Another integration has the key.
    KeyTaken,
    /// The developer application's id is missing.
    NoClientId,
    /// Its secret is missing.
    NoClientSecret,
}

impl Engine {
    /// What it takes to set something up.
    pub(crate) async fn plan_setup(&self, target: ConnectTarget) -> Result<SetupPlan, EngineError> {
        let nango = self.active_nango().await?;
        let profile = &nango.profile;
        let (name, _) = self.named(profile.id, &target)?;
        let provider = self.provider_of(&target)?;
        let definition = self.definition(&nango, &provider).await?;
        let callback = self.callback(profile).await?;
        let key = self.free_key(&nango, &target, &provider).await?;
        let (app, scopes) = (app_need(&definition), definition.default_scopes.join(" "));
        let missing = profile
            .check
            .as_ref()
            .is_some_and(|check| check.state(Scope::IntegrationsCreate) == ScopeState::Missing);
        let cannot = match (missing, app) {
            (true, _) => Some(failure::cannot_set_up()),
            (false, AppNeed::Dashboard) => Some(failure::set_up_in_dashboard(&name)),
            (false, AppNeed::Nothing | AppNeed::Client) => None,
        };
        Ok(SetupPlan {
            for_operator: for_operator(&name, &provider, &key, app, &scopes, &callback, profile),
            guide_url: definition.setup_guide_url.filter(|url| url.starts_with("https://")),
            provider,
            key,
            app,
            scopes,
            callback,
            cannot,
        })
    }

    /// Sets it up.
    pub(crate) async fn set_up_integration(
        &self,
        request: SetUpIntegration,
    ) -> Result<IntegrationView, EngineError> {
        let nango = self.active_nango().await?;
        let provider = self.provider_of(&request.target)?;
        let definition = self.definition(&nango, &provider).await?;
        let (name, _) = self.named(nango.profile.id, &request.target)?;
        let key = request.key.trim();
        if !is_key(key) {
            return Err(EngineError::Setup(SetupProblem::BadKey));
        }
        let credentials = match app_need(&definition) {
            AppNeed::Nothing => None,
            AppNeed::Client => Some(application(&definition, &request)?),
            AppNeed::Dashboard => return Err(EngineError::DashboardOnly { connector: name }),
        };
        let new = NewIntegration {
            provider: provider.to_string(),
            unique_key: key.to_owned(),
            display_name: Some(name.clone()),
            forward_webhooks: None,
            credentials,
        };
        let made = self.call(&nango, nango.client.create_integration(&new)).await;
        let made = made.map_err(|error| match &error {
            EngineError::Nango(Error::Rejected { status: 400, errors, .. })
                if errors.iter().any(|fault| fault.path.iter().any(|part| part == "uniqueKey")) =>
            {
                EngineError::Setup(SetupProblem::KeyTaken)
            }
            EngineError::Nango(Error::MissingScope { .. }) => EngineError::MayNotSetUp,
            _ => error,
        })?;
        self.learn_integrations(&nango).await?;
        Ok(IntegrationView { key: made.unique_key.into(), name: made.display_name.unwrap_or(name) })
    }

    fn provider_of(&self, target: &ConnectTarget) -> Result<ProviderKey, EngineError> {
        Ok(match target {
            ConnectTarget::Connector(slug) => self.manifest(slug)?.provider.clone(),
            ConnectTarget::Provider(key) => key.clone(),
        })
    }

    /// Where providers send people back to: as the last dance told; until one has begun, Nango's default.
    async fn callback(&self, profile: &Profile) -> Result<CallbackView, EngineError> {
        if let Some(url) = self.0.store.callback_url(profile.id).await? {
            let is_ours = Url::parse(&url)
                .is_ok_and(|url| method_for(&url, profile.bridge_url.as_ref()) == Method::DeepLink);
            let words = if is_ours {
                t!(
                    "This environment sends people straight back to Patchbay. Some providers do not take an address like this."
                )
            } else {
                t!("This is the callback of this environment, as the last connection told.")
            };
            return Ok(CallbackView { url, words: words.to_owned() });
        }
        let base = profile.server_url.as_str().trim_end_matches('/');
        Ok(CallbackView {
            url: format!("{base}/oauth/callback"),
            words: t!("Nango’s default for this server. The environment may have another one; its settings in Nango’s dashboard show it.")
                .to_owned(),
        })
    }

    /// The connector's name where its provider is a general one, so that its connections are known by it.
    async fn free_key(
        &self,
        nango: &Nango,
        target: &ConnectTarget,
        provider: &ProviderKey,
    ) -> Result<String, EngineError> {
        let is_general = self.0.catalog.by_provider(provider).count() > 1;
        let first = if is_general { target.as_str() } else { provider.as_str() };
        let offers = self.0.store.offers(nango.profile.id).await?;
        let is_free = |key: &String| {
            let key = IntegrationKey::from(key.as_str());
            !offers.integrations.iter().any(|integration| integration.key == key)
        };
        let numbered = (2..).map(|number| format!("{first}-{number}"));
        let free = std::iter::once(first.to_owned()).chain(numbered).find(is_free);
        Ok(free.unwrap_or_else(|| first.to_owned()))
    }
}

/// The modes whose integration Nango makes only with a developer application, and those that it asks for more
/// than a client of (0.71.4).
fn app_need(definition: &Provider) -> AppNeed {
    match AuthMode::from(definition.auth_mode.as_str()) {
        AuthMode::OAuth1 | AuthMode::OAuth2 | AuthMode::Tba => AppNeed::Client,
        AuthMode::App | AuthMode::Custom | AuthMode::AwsSigV4 | AuthMode::Other(_) => AppNeed::Dashboard,
        _ => AppNeed::Nothing,
    }
}

fn application(definition: &Provider, request: &SetUpIntegration) -> Result<AppCredentials, EngineError> {
    let (id, secret) = (request.client_id.trim(), request.client_secret.expose().trim());
    if id.is_empty() {
        return Err(EngineError::Setup(SetupProblem::NoClientId));
    }
    if secret.is_empty() {
        return Err(EngineError::Setup(SetupProblem::NoClientSecret));
    }
    let scopes = request.scopes.split([' ', ',', '\n']).filter(|scope| !scope.is_empty());
    Ok(AppCredentials {
        mode: wire_mode(&AuthMode::from(definition.auth_mode.as_str())),
        client_id: id.to_owned(),
        client_secret: SecretString::from(secret),
        scopes: scopes.map(str::to_owned).collect(),
    })
}

fn is_key(key: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "~:.@ _-".contains(c);
    !key.is_empty() && key.len() <= LONGEST_KEY && key.chars().all(is_allowed)
}

fn for_operator(
    name: &str,
    provider: &ProviderKey,
    key: &str,
    app: AppNeed,
    scopes: &str,
    callback: &CallbackView,
    profile: &Profile,
) -> String {
    let mut text = t!(
        "Please add an integration for {name} to the Nango environment that I use on {server}:\n- provider: {provider}\n- integration id: {key}\n",
        name,
        server = profile.server_url,
        provider,
        key
    );
    match app {
        AppNeed::Nothing => {}
        AppNeed::Client => {
            text.push_str(t!("- a developer application at the provider, with its client id and secret\n"));
            text.push_str(&t!(
                "- the application’s callback: {url} ({words})\n",
                url = callback.url,
                words = callback.words
            ));
            if !scopes.is_empty() {
                text.push_str(&t!("- scopes: {scopes}\n", scopes));
            }
        }
        AppNeed::Dashboard => {
            text.push_str(t!("- what Nango’s dashboard asks for this provider besides\n"));
        }
    }
    text.push_str(t!(
        "Or give the API key the scope environment:integrations:create; then I can add it from Patchbay.\n"
    ));
    text
}

#[cfg(test)]
mod tests {
    use nango_client::Provider;
    use patchbay_ipc::AppNeed;

    use super::{app_need, is_key};

    #[test]
    fn keys_are_what_nango_takes() {
        for good in ["github", "My key 2", "a~:.@_-z"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "a/b", "größe", &"x".repeat(256)] {
            assert!(!is_key(bad), "{bad}");
        }
    }

    #[test]
    fn what_a_mode_needs_of_an_application() {
        let need = |mode: &str| {
            let json = format!(r#"{{"name": "x", "auth_mode": "{mode}"}}"#);
            app_need(&Provider::from_json(&json).expect("a provider"))
        };
        assert_eq!(need("OAUTH2"), AppNeed::Client);
        assert_eq!(need("TBA"), AppNeed::Client);
        assert_eq!(need("API_KEY"), AppNeed::Nothing);
        assert_eq!(need("MCP_OAUTH2"), AppNeed::Nothing, "it registers itself");
        assert_eq!(need("APP"), AppNeed::Dashboard);
        assert_eq!(need("TOMORROW"), AppNeed::Dashboard);
    }
}
