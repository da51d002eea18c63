//! Reconnecting: what the dialog asks, the attempt that renews a connection, and the decision about an account
//! that turns out to be another one.
//!
//! What is sent to Nango so that nothing of the connection is lost is in `driver::renewal`.

use patchbay_core::attempt::{Attempt, Method, Purpose, State};
use patchbay_core::connection::{Connection, Finding, Health};
use patchbay_core::form::FieldPart;
use patchbay_core::id::{InstanceId, ProfileId};
use patchbay_ipc::{AttemptView, ConnectionPlan, ConnectionView, ResolveMismatch, StartReconnect};
use patchbay_store::{Integration, StoreError};
use uuid::Uuid;

use crate::Engine;
use crate::catalog::integration_view;
use crate::driver::renewal::present_settings;
use crate::error::EngineError;
use crate::failure::whoami;
use crate::profiles::Nango;

impl Engine {
    /// What the dialog shows: the provider's form without what Nango can tell itself.
    pub(crate) async fn plan_reconnect(&self, instance: InstanceId) -> Result<ConnectionPlan, EngineError> {
        let nango = self.active_nango().await?;
        let connection = self.renewable(&nango, instance).await?;
        let integration = self.integration_of(&connection).await?;
        let manifest = connection.connector.as_ref().and_then(|slug| self.0.catalog.get(slug));
        let asked = self.asked_by(&nango, &integration, manifest).await?;
        let (in_browser, mut form) = (asked.in_browser(), asked.form);
        if form.fields.iter().any(|field| field.part == FieldPart::ConnectionConfig) {
            let id = &connection.connection_id;
            let present = match present_settings(self, &nango, &integration.key, id).await {
                Err(EngineError::ConnectionGone) => {
                    self.mark_gone(nango.profile.id, instance).await?;
                    return Err(EngineError::ConnectionGone);
                }
                present => present?.connection_config,
            };
            form.fields
                .retain(|field| field.part == FieldPart::Credential || !present.contains_key(&field.name));
        }
        Ok(ConnectionPlan {
            connector_name: self.name_of(&connection),
            icon: manifest.and_then(|manifest| manifest.icon.clone()),
            target: connection.target(),
            integration: integration.key.clone(),
            integrations: vec![integration_view(integration)],
            default_label: connection.label,
            form,
            in_browser,
        })
    }

    /// Begins an attempt that renews a connection.
    pub(crate) async fn start_reconnect(&self, request: StartReconnect) -> Result<AttemptView, EngineError> {
        let nango = self.active_nango().await?;
        let connection = self.renewable(&nango, request.instance).await?;
        let integration = self.integration_of(&connection).await?;
        let manifest = connection.connector.as_ref().and_then(|slug| self.0.catalog.get(slug));
        let mut asked = self.asked_by(&nango, &integration, manifest).await?;
        // What was not asked, because Nango can tell it, is not missing.
        asked.form.fields.retain(|field| {
            field.part == FieldPart::Credential
                || request.fields.iter().any(|given| {
                    given.part == field.part && given.name == field.name && !given.value.expose().is_empty()
                })
        });
        let given = super::connect::filled_in(&asked.form, &request.fields)?;
        let now = self.now();
        let attempt = Attempt {
            id: Uuid::new_v4().into(),
            profile: nango.profile.id,
            purpose: Purpose::Reconnect(connection.connection_id),
            instance: connection.instance,
            connector: connection.connector,
            provider: connection.provider,
            integration: connection.integration,
            label: connection.label,
            method: if asked.in_browser() { Method::Undecided } else { Method::Form },
            state: State::Starting,
            started_at: now,
            deadline_at: now.checked_add(self.0.timings.deadlines.browser).unwrap_or(now),
            ended_at: None,
            cleanup_due: false,
        };
        self.begin_attempt(attempt, nango, &asked, given).await
    }

    /// The connection's integration as the server last told it; without its name if it did not.
    async fn integration_of(&self, connection: &Connection) -> Result<Integration, EngineError> {
        let offers = self.0.store.offers(connection.profile).await?;
        let known = offers.integrations.into_iter().find(|known| known.key == connection.integration);
        Ok(known.unwrap_or_else(|| Integration {
            key: connection.integration.clone(),
            provider: connection.provider.clone(),
            display_name: connection.integration.to_string(),
            preconfigured: Vec::new(),
        }))
    }

    /// The connection, if it can be renewed now.
    async fn renewable(&self, nango: &Nango, instance: InstanceId) -> Result<Connection, EngineError> {
        let profile = nango.profile.id;
        let connection = self.0.store.connection(profile, instance).await?;
        match connection.health {
            Health::Gone => return Err(EngineError::ConnectionGone),
            Health::Disconnecting => return Err(EngineError::BeingDisconnected),
            Health::Works | Health::NeedsReconnect | Health::Unknown => {}
        }
        let mut open = self.0.store.open_attempts(profile).await?.into_iter();
        if open.any(|attempt| attempt.instance == instance) {
            return Err(EngineError::ReconnectUnderWay);
        }
        Ok(connection)
    }

    /// Notes that Nango does not have a connection any more.
    pub(crate) async fn mark_gone(
        &self,
        profile: ProfileId,
        instance: InstanceId,
    ) -> Result<(), EngineError> {
        let connection = match self.0.store.connection(profile, instance).await {
            Err(StoreError::NotFound) => return Ok(()),
            connection => connection?,
        };
        let name = self.name_of(&connection);
        let now = self.now();
        let decide = move |connection: &Connection| Some(connection.after(Finding::Gone, now));
        self.0.store.change_connection(profile, instance, name, now, decide).await?;
        self.connections_changed();
        Ok(())
    }

    /// Carries out what the owner decided about another account.
    pub(crate) async fn resolve_mismatch(
        &self,
        request: ResolveMismatch,
    ) -> Result<ConnectionView, EngineError> {
        let profile = self.require_profile().await?.id;
        let connection = self.0.store.connection(profile, request.instance).await?;
        let name = self.name_of(&connection);
        let (now, at) = (self.now(), name.clone());
        let decide = move |connection: &Connection| {
            if !connection.awaits_decision() {
                None
            } else if request.accept {
                connection.with_mismatch_accepted()
            } else {
                connection.with_mismatch_refused(whoami::wrong_account(connection, &at), now)
            }
        };
        let changed = self.0.store.change_connection(profile, request.instance, name, now, decide).await?;
        let connection = changed.ok_or(EngineError::NoMismatch)?;
        self.connections_changed();
        Ok(self.connection_view(connection))
    }
}
