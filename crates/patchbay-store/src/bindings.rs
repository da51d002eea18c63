//! The table `workflow_bindings` and the view `castings`: which connection stands for a role or a task.

use std::collections::HashMap;

use patchbay_core::connection::{Connection, Health};
use patchbay_core::id::{ConnectorSlug, InstanceId, ProfileId, WorkflowId};
use patchbay_core::workflow::binding::{Binding, BoundTo, Slot};
use patchbay_core::workflow::outline::Pointer;
use rusqlite::{Connection as Database, Row, Transaction};

use crate::columns::{all, optional_parsed, parsed};
use crate::{Store, StoreError, connections, workflows};

/// As whom a connector's task runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastingRow {
    /// The task.
    pub path: Pointer,
    /// Its name.
    pub task: String,
    /// Its connector.
    pub connector: ConnectorSlug,
    /// Its role.
    pub role: String,
    /// What it is bound to.
    pub instance: Option<InstanceId>,
    /// Whether the task's own binding counts rather than its role's.
    pub is_override: bool,
    /// The connection of that id, if anything is known of it.
    pub connection: Option<Connection>,
}

/// How many tasks run as a connection of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastingCount {
    /// Whether the tasks are bound.
    pub is_bound: bool,
    /// What is known of their connection.
    pub bound_to: Option<BoundTo>,
    /// How many.
    pub count: u32,
}

/// A task that runs as a connection, and the binding by which it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseRow {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Its name.
    pub name: String,
    /// The binding.
    pub slot: Slot,
    /// The task; nothing: the binding stands for nothing in the document.
    pub task: Option<String>,
}

impl Store {
    /// As whom each connector's task of a profile's workflow runs, in the order they stand.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow.
    pub async fn castings(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
    ) -> Result<Vec<CastingRow>, StoreError> {
        self.read(move |database| {
            workflows::belongs(database, profile, workflow)?;
            let mut statement = database.prepare_cached(
                "SELECT path, task, connector, role, instance_id, is_override FROM castings
                 WHERE workflow_id = ?1 ORDER BY position",
            )?;
            let mut rows = all(&mut statement, [workflow.to_string()], |row| {
                Ok(CastingRow {
                    path: row.get::<_, String>("path")?.into(),
                    task: row.get("task")?,
                    connector: row.get::<_, String>("connector")?.into(),
                    role: row.get("role")?,
                    instance: optional_parsed(row, "instance_id")?,
                    is_override: row.get("is_override")?,
                    connection: None,
                })
            })?;
            let mut known = HashMap::new();
            for row in &mut rows {
                let Some(instance) = row.instance else { continue };
                let connection = match known.get(&instance) {
                    Some(connection) => Option::clone(connection),
                    None => {
                        let connection = connections::look(database, profile, instance)?;
                        known.insert(instance, connection.clone());
                        connection
                    }
                };
                row.connection = connection;
            }
            Ok(rows)
        })
        .await
    }

    /// The bindings of a profile's workflow.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow.
    pub async fn bindings(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
    ) -> Result<Vec<Binding>, StoreError> {
        self.read(move |database| {
            workflows::belongs(database, profile, workflow)?;
            let mut statement = database.prepare_cached(
                "SELECT slot_kind, slot_name, instance_id FROM workflow_bindings
                 WHERE workflow_id = ?1 ORDER BY slot_kind, slot_name",
            )?;
            all(&mut statement, [workflow.to_string()], |row| {
                Ok(Binding { slot: slot(row)?, instance: parsed(row, "instance_id")? })
            })
        })
        .await
    }

    /// Binds a role or a task to a connection of the profile, or to none.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow or connection.
    pub async fn bind(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
        slot: Slot,
        instance: Option<InstanceId>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            workflows::belongs(transaction, profile, workflow)?;
            if let Some(instance) = instance {
                connections::look(transaction, profile, instance)?.ok_or(StoreError::NotFound)?;
            }
            set(transaction, workflow, &slot, instance)
        })
        .await
    }

    /// Binds a role, and takes away the bindings of its single tasks.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such workflow or connection.
    pub async fn bind_all(
        &self,
        profile: ProfileId,
        workflow: WorkflowId,
        role: String,
        instance: InstanceId,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            workflows::belongs(transaction, profile, workflow)?;
            connections::look(transaction, profile, instance)?.ok_or(StoreError::NotFound)?;
            transaction.execute(
                "DELETE FROM workflow_bindings WHERE workflow_id = ?1 AND slot_kind = 'task' AND slot_name IN
                     (SELECT task FROM workflow_calls WHERE workflow_id = ?1 AND role = ?2)",
                (workflow.to_string(), &role),
            )?;
            set(transaction, workflow, &Slot::Role(role), Some(instance))
        })
        .await
    }

    /// What uses a connection of a profile: a row for each task that runs as it, and one for each binding to it
    /// that no task runs by.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn uses(&self, profile: ProfileId, instance: InstanceId) -> Result<Vec<UseRow>, StoreError> {
        self.read(move |database| uses(database, profile, instance)).await
    }
}

/// See [`Store::uses`].
pub(crate) fn uses(
    database: &Database,
    profile: ProfileId,
    instance: InstanceId,
) -> Result<Vec<UseRow>, StoreError> {
    let mut statement = database.prepare_cached(
        "SELECT w.id, w.name, b.slot_kind, b.slot_name, c.task
         FROM workflow_bindings AS b
         JOIN workflows AS w ON w.id = b.workflow_id
         LEFT JOIN castings AS c ON c.workflow_id = b.workflow_id AND c.instance_id = b.instance_id
             AND c.is_override = (b.slot_kind = 'task')
             AND b.slot_name = CASE b.slot_kind WHEN 'task' THEN c.task ELSE c.role END
         WHERE w.profile_id = ?1 AND b.instance_id = ?2 AND w.deleted_at IS NULL
         ORDER BY w.name, w.id, c.position, b.slot_kind, b.slot_name",
    )?;
    all(&mut statement, (profile.to_string(), instance.to_string()), |row| {
        Ok(UseRow {
            workflow: parsed(row, "id")?,
            name: row.get("name")?,
            slot: slot(row)?,
            task: row.get("task")?,
        })
    })
}

/// Whether any workflow of the profile binds a connection, those that were put away included: they can be brought
/// back.
pub(crate) fn is_bound(
    database: &Database,
    profile: ProfileId,
    instance: InstanceId,
) -> Result<bool, StoreError> {
    let mut statement = database.prepare_cached(
        "SELECT 1 FROM workflow_bindings AS b JOIN workflows AS w ON w.id = b.workflow_id
         WHERE w.profile_id = ?1 AND b.instance_id = ?2",
    )?;
    Ok(statement.exists((profile.to_string(), instance.to_string()))?)
}

/// How many tasks of each of these workflows run as a connection of which kind.
pub(crate) fn casting_counts(
    database: &Database,
    profile: &str,
    ids: &[String],
) -> Result<HashMap<WorkflowId, Vec<CastingCount>>, StoreError> {
    let mut statement = database.prepare(&format!(
        "SELECT c.workflow_id, c.instance_id IS NOT NULL AS is_bound, k.health,
             k.connector IS c.connector AS is_of_connector, k.pending_account_id IS NOT NULL AS is_mismatch,
             count(*) AS tasks
         FROM castings AS c
         LEFT JOIN connections AS k ON k.instance_id = c.instance_id AND k.profile_id = ?
         WHERE c.workflow_id IN ({}) GROUP BY 1, 2, 3, 4, 5",
        vec!["?"; ids.len()].join(", ")
    ))?;
    let parameters = std::iter::once(profile).chain(ids.iter().map(String::as_str));
    let read = |row: &Row<'_>| {
        let bound_to = match row.get::<_, Option<String>>("health")? {
            Some(health) => Some(BoundTo {
                health: Health::from_name(&health).ok_or(StoreError::Unreadable("health"))?,
                is_of_connector: row.get("is_of_connector")?,
                is_mismatch: row.get("is_mismatch")?,
            }),
            None => None,
        };
        let count = CastingCount { is_bound: row.get("is_bound")?, bound_to, count: row.get("tasks")? };
        Ok((parsed(row, "workflow_id")?, count))
    };
    let mut counts = HashMap::<WorkflowId, Vec<CastingCount>>::new();
    for (id, count) in all(&mut statement, rusqlite::params_from_iter(parameters), read)? {
        counts.entry(id).or_default().push(count);
    }
    Ok(counts)
}

/// Binds, or takes a binding away.
pub(crate) fn set(
    transaction: &Transaction<'_>,
    workflow: WorkflowId,
    slot: &Slot,
    instance: Option<InstanceId>,
) -> Result<(), StoreError> {
    let (kind, name) = slot_columns(slot);
    match instance {
        Some(instance) => transaction
            .prepare_cached(
                "INSERT INTO workflow_bindings (workflow_id, slot_kind, slot_name, instance_id)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (workflow_id, slot_kind, slot_name) DO UPDATE SET instance_id = excluded.instance_id",
            )?
            .execute((workflow.to_string(), kind, name, instance.to_string()))?,
        None => transaction
            .prepare_cached(
                "DELETE FROM workflow_bindings
                 WHERE workflow_id = ?1 AND slot_kind = ?2 AND slot_name = ?3",
            )?
            .execute((workflow.to_string(), kind, name))?,
    };
    Ok(())
}

/// The binding of `from` becomes that of `to`; where others are still called so, they keep theirs.
pub(crate) fn rename(
    transaction: &Transaction<'_>,
    workflow: WorkflowId,
    from: &Slot,
    to: &Slot,
) -> Result<(), StoreError> {
    let ((kind, from), (to_kind, to)) = (slot_columns(from), slot_columns(to));
    let workflow = workflow.to_string();
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO workflow_bindings (workflow_id, slot_kind, slot_name, instance_id)
             SELECT workflow_id, ?3, ?5, instance_id FROM workflow_bindings
             WHERE workflow_id = ?1 AND slot_kind = ?2 AND slot_name = ?4",
        )?
        .execute((&workflow, kind, to_kind, from, to))?;
    transaction
        .prepare_cached(
            "DELETE FROM workflow_bindings WHERE workflow_id = ?1 AND slot_kind = ?2 AND slot_name = ?3
                 AND NOT EXISTS (SELECT 1 FROM workflow_calls AS c WHERE c.workflow_id = ?1
                     AND ?3 = CASE ?2 WHEN 'task' THEN c.task ELSE c.role END)",
        )?
        .execute((&workflow, kind, from))?;
    Ok(())
}

/// The columns of a slot.
pub(crate) fn slot_columns(slot: &Slot) -> (&'static str, &str) {
    match slot {
        Slot::Role(name) => ("role", name),
        Slot::Task(name) => ("task", name),
    }
}

/// A slot from its columns.
pub(crate) fn slot(row: &Row<'_>) -> Result<Slot, StoreError> {
    let name = row.get("slot_name")?;
    match row.get::<_, String>("slot_kind")?.as_str() {
        "role" => Ok(Slot::Role(name)),
        "task" => Ok(Slot::Task(name)),
        _ => Err(StoreError::Unreadable("slot_kind")),
    }
}
