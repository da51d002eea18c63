//! Which connection stands for a role, what a picker offers for it, and as whom each task would run. Nothing is
//! ever bound but by a command that says so.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use patchbay_core::id::{ConnectorSlug, InstanceId, ProfileId, WorkflowId};
use patchbay_core::profile::{Profile, Scope, ScopeState};
use patchbay_core::workflow::binding::{Binding, BoundTo, CastingState, Slot};
use patchbay_core::workflow::outline::Outline;
use patchbay_ipc::{
    Bind, BindAll, BindingView, CandidatePage, CastingView, EmptyPicker, EmptyReason, ListCandidates, Use,
    WorkflowView,
};
use patchbay_store::{CastingCount, CastingRow, StoreError};

use crate::Engine;
use crate::error::EngineError;
use crate::failure::workflows as words;
use crate::workflows::every_task;

/// Most connections in one answer.
const LONGEST_PAGE: u32 = 200;

/// How many tasks cannot run because of what they are bound to, or are not.
pub(crate) fn blocked(counts: &[CastingCount]) -> u32 {
    let blocking =
        counts.iter().filter(|count| CastingState::decide(count.is_bound, count.bound_to.as_ref()).blocks());
    blocking.map(|count| count.count).sum()
}

/// Whether a task can run as what it is bound to.
fn state_of(row: &CastingRow) -> CastingState {
    let bound_to = row.connection.as_ref().map(|found| BoundTo::of(found, &row.connector));
    CastingState::decide(row.instance.is_some(), bound_to.as_ref())
}

impl Engine {
    /// As whom each connector's task of a workflow would run, in the order they stand.
    pub(crate) async fn castings(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
    ) -> Result<Vec<CastingView>, EngineError> {
        Ok(self.casting_views(self.0.store.castings(profile, workflow).await?))
    }

    /// As whom each connector's task of a document runs under these bindings: its own, else its role's.
    pub(crate) async fn cast(
        &self,
        profile: ProfileId,
        outline: &Outline,
        bindings: &[Binding],
    ) -> Result<Vec<CastingRow>, EngineError> {
        let bound = |slot: Slot| bindings.iter().find(|binding| binding.slot == slot).map(|b| b.instance);
        let mut rows = Vec::new();
        every_task(&outline.tasks, &mut |task| {
            let Some(call) = &task.connector else { return };
            let own = bound(Slot::Task(task.name.clone()));
            rows.push(CastingRow {
                path: task.path.clone(),
                task: task.name.clone(),
                connector: call.connector.clone(),
                role: call.role.clone(),
                instance: own.or_else(|| bound(Slot::Role(call.role.clone()))),
                is_override: own.is_some(),
                connection: None,
            });
        });
        let mut known = HashMap::new();
        for row in &mut rows {
            let Some(instance) = row.instance else { continue };
            if let Entry::Vacant(unknown) = known.entry(instance) {
                unknown.insert(match self.0.store.connection(profile, instance).await {
                    Err(StoreError::NotFound) => None,
                    connection => Some(connection?),
                });
            }
            row.connection = known.get(&instance).cloned().flatten();
        }
        Ok(rows)
    }

    pub(crate) fn casting_views(&self, rows: Vec<CastingRow>) -> Vec<CastingView> {
        let mut of_role = HashMap::<String, u32>::new();
        for row in &rows {
            *of_role.entry(row.role.clone()).or_default() += 1;
        }
        let view = |row: CastingRow| {
            let state = state_of(&row);
            CastingView {
                path: row.path,
                task: row.task,
                connector: self.badge(&row.connector),
                tasks_of_role: of_role.get(&row.role).copied().unwrap_or_default(),
                role: row.role,
                is_override: row.is_override,
                connection: row.connection.map(|connection| self.connection_view(connection)),
                state,
                words: words::casting(state).to_owned(),
            }
        };
        rows.into_iter().map(view).collect()
    }

    /// Bindings of a workflow that no role and no task of it is called like.
    pub(crate) async fn left_over(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
        castings: &[CastingView],
    ) -> Result<Vec<BindingView>, EngineError> {
        let mut left_over = Vec::new();
        for binding in self.0.store.bindings(profile, workflow).await? {
            let is_used = castings.iter().any(|casting| match &binding.slot {
                Slot::Role(role) => casting.role == *role,
                Slot::Task(task) => casting.task == *task,
            });
            if !is_used {
                let connection = match self.0.store.connection(profile, binding.instance).await {
                    Ok(connection) => Some(self.connection_view(connection)),
                    Err(StoreError::NotFound) => None,
                    Err(error) => return Err(error.into()),
                };
                left_over.push(BindingView { slot: binding.slot, connection });
            }
        }
        Ok(left_over)
    }

    /// Binds a role or a task, or takes its binding away.
    pub(crate) async fn bind(&self, request: Bind) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        let Bind { workflow, slot, instance } = request;
        if let Some(instance) = instance {
            self.require_fitting(profile, workflow, &slot, instance).await?;
        }
        self.0.store.bind(profile, workflow, slot, instance).await?;
        self.workflow_changed(workflow);
        self.workflow_view(profile, workflow).await
    }

    /// Binds a role for all its tasks.
    pub(crate) async fn bind_all(&self, request: BindAll) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        let BindAll { workflow, role, instance } = request;
        self.require_fitting(profile, workflow, &Slot::Role(role.clone()), instance).await?;
        self.0.store.bind_all(profile, workflow, role, instance).await?;
        self.workflow_changed(workflow);
        self.workflow_view(profile, workflow).await
    }

    /// Fails if something of that name is in the document, and all of it is for another connector.
    async fn require_fitting(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
        slot: &Slot,
        instance: InstanceId,
    ) -> Result<(), EngineError> {
        let connection = self.0.store.connection(profile, instance).await?;
        let castings = self.0.store.castings(profile, workflow).await?;
        let mut of_slot = castings.iter().filter(|casting| match slot {
            Slot::Role(role) => casting.role == *role,
            Slot::Task(task) => casting.task == *task,
        });
        let Some(first) = of_slot.next() else { return Ok(()) };
        let fits = |connector: &ConnectorSlug| connection.connector.as_ref() == Some(connector);
        if fits(&first.connector) || of_slot.any(|casting| fits(&casting.connector)) {
            return Ok(());
        }
        Err(EngineError::OtherConnector {
            label: connection.label,
            wanted: self.badge(&first.connector).name,
        })
    }

    /// What a picker offers for a connector.
    pub(crate) async fn list_candidates(
        &self,
        request: ListCandidates,
    ) -> Result<CandidatePage, EngineError> {
        let profile = self.require_profile().await?;
        let ListCandidates { connector, search, offset, limit } = request;
        let name = self.badge(&connector).name;
        let limit = limit.min(LONGEST_PAGE);
        let store = &self.0.store;
        let page =
            store.candidates(profile.id, connector.clone(), name.clone(), search, offset, limit).await?;
        let reason = if page.matching > 0 {
            None
        } else if page.total > 0 {
            Some(EmptyReason::Filtered)
        } else {
            Some(self.why_none(&profile, connector).await?)
        };
        Ok(CandidatePage {
            connections: page.rows.into_iter().map(|connection| self.connection_view(connection)).collect(),
            matching: page.matching,
            total: page.total,
            empty: reason.map(|reason| EmptyPicker { reason, words: words::empty_picker(reason, &name) }),
        })
    }

    /// Why the profile has no connection of a connector.
    async fn why_none(
        &self,
        profile: &Profile,
        connector: ConnectorSlug,
    ) -> Result<EmptyReason, EngineError> {
        let may_list = profile
            .check
            .as_ref()
            .is_none_or(|check| check.state(Scope::ConnectionsList) != ScopeState::Missing);
        if profile.last_synced_at.is_none() && may_list {
            return Ok(EmptyReason::NeverSynced);
        }
        let elsewhere = self.0.store.is_connected_elsewhere(profile.id, connector).await?;
        Ok(if elsewhere { EmptyReason::OtherProfile } else { EmptyReason::NoneYet })
    }

    /// The workflows that use a connection, with the tasks that run as it.
    pub(crate) async fn list_uses(&self, instance: InstanceId) -> Result<Vec<Use>, EngineError> {
        let profile = self.require_profile().await?.id;
        let mut uses: Vec<Use> = Vec::new();
        for row in self.0.store.uses(profile, instance).await? {
            let Some(task) = row.task else { continue };
            match uses.last_mut().filter(|last| last.workflow == row.workflow) {
                Some(last) => last.tasks.push(task),
                None => uses.push(Use { workflow: row.workflow, name: row.name, tasks: vec![task] }),
            }
        }
        Ok(uses)
    }
}
