//! What connecting an account asks of a person: from the provider's definition, less what the operator has filled
//! in, and the address where the connector's own server is not known otherwise.

use nango_client::Field;
use patchbay_core::auth_mode::{AuthMode, Way};
use patchbay_core::connector::ConnectorManifest;
use patchbay_core::form::{FieldSpec, Form};
use patchbay_store::Integration;

use crate::Engine;
use crate::error::EngineError;
use crate::profiles::Nango;
use patchbay_texts::t;

/// The parameter under which Nango keeps where a connection's own server answers. Nango gives it no meaning.
pub(crate) const BASE_URL: &str = "base_url";

/// What connecting asks, and how it is done.
pub(crate) struct Asked {
    pub(crate) mode: AuthMode,
    pub(crate) way: Way,
    pub(crate) form: Form,
}

impl Asked {
    pub(crate) fn in_browser(&self) -> bool {
        self.way == Way::Browser
    }
}

impl Engine {
    /// What an integration asks.
    pub(crate) async fn asked_by(
        &self,
        nango: &Nango,
        integration: &Integration,
        manifest: Option<&ConnectorManifest>,
    ) -> Result<Asked, EngineError> {
        let definition = self.definition(nango, &integration.provider).await?;
        let mode = AuthMode::from(definition.auth_mode.as_str());
        let credentials = definition.credentials.map(|fields| fields.into_iter().map(spec).collect());
        let mut config: Vec<FieldSpec> =
            definition.connection_config.unwrap_or_default().into_iter().map(spec).collect();
        if manifest.is_some_and(|manifest| manifest.base_url_per_connection) {
            config.push(own_server());
        }
        let help = definition.docs_connect.as_deref();
        let mut form = Form::for_provider(&mode, credentials, config, help);
        form.leave_out(&integration.preconfigured);
        Ok(Asked { way: mode.way(definition.installation.as_deref()), mode, form })
    }
}

/// The provider's template has one made-up address for all, so that each call has to name the real one.
fn own_server() -> FieldSpec {
    FieldSpec {
        name: BASE_URL.to_owned(),
        title: Some(t!("Server address").to_owned()),
        description: Some(
            t!("Where your server answers, as the machine that runs Nango reaches it.").to_owned(),
        ),
        example: Some("https://ci.example.com".to_owned()),
        pattern: Some("^https?://[^\\s?#@]+$".to_owned()),
        format: Some("uri".to_owned()),
        order: Some(i64::MIN),
        ..FieldSpec::default()
    }
}

fn spec((name, field): (String, Field)) -> FieldSpec {
    FieldSpec {
        name,
        title: field.title,
        description: field.description,
        example: field.example,
        pattern: field.pattern,
        format: field.format,
        choices: field.choices,
        default_value: field.default_value,
        prefix: field.prefix,
        suffix: field.suffix,
        order: field.order,
        optional: field.optional,
        hidden: field.hidden,
        automated: field.automated,
        secret: field.secret,
        doc_section: field.doc_section,
    }
}
