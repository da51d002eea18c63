//! Makes the calls of a run: those below the profile's proxy through Nango as the connection that was chosen, any
//! other as a plain call, which the key never goes along with.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use nango_client::{
    Error, ProxyBody, ProxyFailure, ProxyRequest, ProxyResponse, Web, WebAuthentication, WebRequest,
};
use patchbay_core::connection::{Connection, Finding, Health};
use patchbay_core::connector::ConnectorManifest;
use patchbay_core::id::InstanceId;
use patchbay_runner::{Auth, Call, CallFailure, HttpAnswer, HttpCall};
use patchbay_texts::t;
use url::Url;

use crate::Engine;
use crate::error::EngineError;
use crate::failure::runs::{self as words, NotMade};
use crate::profiles::Nango;
use crate::run_log::{Cast, Role};

/// The name under which a document authenticates at Nango.
const NANGO: &str = "nango";

/// What a provider's header begins with; the rest of the name is what reaches it.
const FORWARDED: &str = "nango-proxy-";

/// Most tries that a document may have Nango make.
const MOST_RETRIES: u8 = 5;

/// The pause after a 429 that names none.
const UNNAMED_PAUSE: Duration = Duration::from_secs(5);

pub(crate) struct NangoCaller {
    engine: Engine,
    /// Nothing, if no task of the run needs it.
    nango: Option<Nango>,
    cast: Arc<Cast>,
    web: Web,
    /// Connections that were used in this run, and those of them that have worked.
    used: Mutex<HashSet<InstanceId>>,
    worked: Mutex<HashSet<InstanceId>>,
}

impl NangoCaller {
    pub(crate) fn new(engine: &Engine, nango: Option<Nango>, cast: Arc<Cast>) -> Result<Self, EngineError> {
        let web = Web::new(engine.0.timings.limits.connect_timeout).map_err(EngineError::Nango)?;
        Ok(Self {
            engine: engine.clone(),
            nango,
            cast,
            web,
            used: Mutex::default(),
            worked: Mutex::default(),
        })
    }

    /// As whom the tasks of the run act.
    pub(crate) fn cast(&self) -> Arc<Cast> {
        Arc::clone(&self.cast)
    }

    async fn through_nango(
        &self,
        nango: &Nango,
        path: &str,
        call: &HttpCall,
    ) -> Result<HttpAnswer, CallFailure> {
        let role = self.role(call).ok_or_else(|| words::not_made(NotMade::NobodyChosen))?;
        let request = self.request(role, path, call)?;
        self.note_use(role).await;
        let asked_at = self.engine.now();
        let answer = loop {
            match self.engine.call_provider(nango, request.clone()).await {
                // Nango itself had too many calls and has not passed this one on. The runner drops the call when
                // its time is over.
                Err(ProxyFailure::Nango(Error::RateLimited { retry_after })) => {
                    tokio::time::sleep(retry_after.unwrap_or(UNNAMED_PAUSE)).await;
                }
                answer => break answer,
            }
        };
        self.learn(role, &answer, asked_at).await;
        match answer {
            Ok(ProxyResponse { status, headers, body, truncated }) => {
                Ok(HttpAnswer { status, headers, body, truncated })
            }
            Err(failure) => Err(words::proxy_failure(&failure, &role.connector_name)),
        }
    }

    /// As whom a task calls: as it was cast. One that was written by hand may only name a connection that
    /// somebody has chosen for another task of this workflow.
    fn role(&self, call: &HttpCall) -> Option<&Role> {
        self.cast.get(&call.task).or_else(|| {
            let named = header(call, "connection-id")?;
            let integration = header(call, "provider-config-key")?;
            self.cast.values().find(|role| {
                role.connection.connection_id.as_str() == named
                    && role.connection.integration.as_str() == integration
            })
        })
    }

    fn request(&self, role: &Role, path: &str, call: &HttpCall) -> Result<ProxyRequest, CallFailure> {
        let wrong =
            |_| CallFailure::new(patchbay_runner::CallFailureKind::Configuration, t!("This is no method."));
        let content_type = header(call, "content-type").unwrap_or("application/json").to_owned();
        let headers = call.headers.iter().filter_map(|(name, value)| {
            let given = name.get(..FORWARDED.len())?;
            given.eq_ignore_ascii_case(FORWARDED).then(|| (name[FORWARDED.len()..].to_owned(), value.clone()))
        });
        let connection = &role.connection;
        Ok(ProxyRequest {
            method: call.method.parse().map_err(wrong)?,
            path: path.to_owned(),
            query: call.url.query_pairs().into_owned().collect(),
            connection_id: connection.connection_id.to_string(),
            integration: connection.integration.to_string(),
            headers: headers.collect(),
            body: call.body.clone().map(|bytes| ProxyBody { bytes, content_type }),
            base_url_override: self.base_url(role, call)?,
            retries: header(call, "retries")
                .and_then(|retries| retries.parse::<u8>().ok())
                .unwrap_or_default()
                .min(MOST_RETRIES),
            timeout: call.timeout,
            response_limit: call.response_limit,
        })
    }

    /// The server that is called in place of the provider's own: the connection's, or the one that a document
    /// names. Nango would give it the connection's credentials, so it has to be one that the connector's
    /// manifest knows, or the connection's own.
    fn base_url(&self, role: &Role, call: &HttpCall) -> Result<Option<Url>, CallFailure> {
        let own = role.connection.base_url.as_deref().and_then(|own| Url::parse(own).ok());
        let Some(base) = header(call, "base-url-override") else { return Ok(own) };
        let known = self.engine.0.catalog.get(&role.connector).into_iter().flat_map(known_bases);
        match Url::parse(base) {
            Ok(parsed) if known.chain(own).any(|known| known == parsed) => Ok(Some(parsed)),
            _ => Err(words::not_made(NotMade::OtherBase { base, name: &role.connector_name })),
        }
    }

    /// The first use of a connection in a run is noted.
    async fn note_use(&self, role: &Role) {
        let Connection { instance, profile, .. } = role.connection;
        if !self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(instance) {
            return;
        }
        let noted = self.engine.0.store.mark_used(profile, instance, self.engine.now()).await;
        if let Err(error) = noted {
            tracing::warn!(%instance, ?error, "the use of a connection was not noted");
        }
    }

    /// What an answer says of the connection is kept: that it works the first time it does, that it does not
    /// every time.
    async fn learn(
        &self,
        role: &Role,
        answer: &Result<ProxyResponse, ProxyFailure>,
        asked_at: jiff::Timestamp,
    ) {
        let reason = || match answer {
            Ok(_) => {
                t!(
                    "{name} does not accept this connection any more. Reconnect it.",
                    name = role.connector_name
                )
            }
            Err(failure) => words::proxy_failure(failure, &role.connector_name).detail,
        };
        let finding = match answer {
            Ok(ProxyResponse { status: 200..300, .. }) => None,
            Ok(ProxyResponse { status: 401, .. }) => {
                Some(Finding::Refused { words: reason(), by_provider: true })
            }
            Err(ProxyFailure::BrokenCredentials { .. } | ProxyFailure::BackingOff) => {
                Some(Finding::Refused { words: reason(), by_provider: false })
            }
            Err(ProxyFailure::UnknownConnection) => Some(Finding::Gone),
            _ => return,
        };
        let Connection { instance, profile, .. } = role.connection;
        {
            let mut worked = self.worked.lock().unwrap_or_else(PoisonError::into_inner);
            if finding.is_some() {
                worked.remove(&instance);
            } else if !worked.insert(instance) {
                return;
            }
        }
        let now = self.engine.now();
        let decide = move |connection: &Connection| {
            // A slow answer may be that of the credentials before a reconnect.
            let is_old = connection.health_learnt_at.is_some_and(|learnt_at| learnt_at > asked_at);
            let change = match finding {
                _ if is_old => return None,
                Some(finding) => connection.after(finding, now),
                None => connection.worked(now),
            };
            Some(change)
        };
        let name = role.connector_name.clone();
        match self.engine.0.store.change_connection(profile, instance, name, now, decide).await {
            Ok(Some(after)) if after.health != role.connection.health || after.health != Health::Works => {
                self.engine.connections_changed();
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%instance, ?error, "what a call says of its connection was not kept")
            }
        }
    }

    async fn plain(&self, call: HttpCall) -> Result<HttpAnswer, CallFailure> {
        let host = call.url.host_str().unwrap_or_default().to_owned();
        let authentication = match call.authentication {
            None => None,
            Some(Auth::Named(name)) if name == NANGO => {
                return Err(words::not_made(NotMade::KeyElsewhere(&host)));
            }
            Some(Auth::Named(name)) => return Err(words::not_made(NotMade::NoSecret(&name))),
            Some(Auth::Basic { username, password }) => Some(WebAuthentication::Basic { username, password }),
            Some(Auth::Bearer { token }) => Some(WebAuthentication::Bearer { token }),
            Some(Auth::Digest { .. }) => return Err(words::not_made(NotMade::Digest)),
        };
        let wrong =
            |_| CallFailure::new(patchbay_runner::CallFailureKind::Configuration, t!("This is no method."));
        let request = WebRequest {
            method: call.method.parse().map_err(wrong)?,
            url: call.url,
            headers: call.headers,
            body: call.body,
            authentication,
            timeout: call.timeout,
            response_limit: call.response_limit,
        };
        let answer = self.web.call(request).await.map_err(|error| words::web_failure(&error, &host))?;
        Ok(HttpAnswer {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            truncated: answer.truncated,
        })
    }
}

#[async_trait]
impl Call for NangoCaller {
    async fn call(&self, call: HttpCall) -> Result<HttpAnswer, CallFailure> {
        let is_cast = self.cast.contains_key(&call.task);
        match &self.nango {
            Some(nango) => match below_proxy(&nango.profile.server_url, &call.url) {
                Some(path) => {
                    let path = path.to_owned();
                    self.through_nango(nango, &path, &call).await
                }
                None => self.plain(call).await,
            },
            None if is_cast => Err(words::not_made(NotMade::Offline)),
            None => self.plain(call).await,
        }
    }
}

/// The path behind `<server>/proxy/`, if the address is below it.
fn below_proxy<'a>(server: &Url, url: &'a Url) -> Option<&'a str> {
    let is_same = server.scheme() == url.scheme()
        && server.host() == url.host()
        && server.port_or_known_default() == url.port_or_known_default();
    let prefix = server.path().trim_end_matches('/');
    if is_same { url.path().strip_prefix(prefix)?.strip_prefix("/proxy/") } else { None }
}

fn header<'a>(call: &'a HttpCall, name: &str) -> Option<&'a str> {
    let found = call.headers.iter().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn known_bases(manifest: &ConnectorManifest) -> impl Iterator<Item = Url> {
    let operations = manifest.operations.iter().map(|operation| operation.base_url.as_deref());
    let bases =
        operations.chain([None, manifest.whoami.as_ref().and_then(|whoami| whoami.base_url.as_deref())]);
    bases.filter_map(|base| manifest.base_url_override_for(base)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::below_proxy;

    #[rstest]
    #[case("https://n.test/", "https://n.test/proxy/user?a=1", Some("user"))]
    #[case("https://n.test/", "https://n.test:443/proxy/a/b", Some("a/b"))]
    #[case("https://n.test/base", "https://n.test/base/proxy/user", Some("user"))]
    #[case::the_server_itself("https://n.test/", "https://n.test/connections", None)]
    #[case::climbing_out("https://n.test/", "https://n.test/proxy/../connections", None)]
    #[case::climbing_out_encoded("https://n.test/", "https://n.test/proxy/%2e%2e/connections", None)]
    #[case::another_port("https://n.test/", "https://n.test:8443/proxy/user", None)]
    #[case::another_scheme("https://n.test/", "http://n.test/proxy/user", None)]
    #[case::another_host("https://n.test/", "https://n.test.evil/proxy/user", None)]
    #[case::user_information("https://n.test/", "https://n.test@evil/proxy/user", None)]
    #[case::another_base("https://n.test/base", "https://n.test/proxy/user", None)]
    fn what_goes_through_nango(#[case] server: &str, #[case] url: &str, #[case] expected: Option<&str>) {
        let url = url.parse().expect("an address");
        assert_eq!(below_proxy(&server.parse().expect("an address"), &url), expected);
    }
}
