//! The tables `replacements` and `replacement_changes`: one connection in place of another, and the way back.

use jiff::Timestamp;
use patchbay_core::id::{InstanceId, ProfileId, WorkflowId};
use patchbay_core::workflow::binding::Slot;
use rusqlite::Transaction;

use crate::bindings::{self, slot, slot_columns};
use crate::columns::{all, one, parsed};
use crate::{Store, StoreError, connections, workflows};

/// Most replacements of a profile that can be undone.
const MOST_KEPT: u32 = 100;

impl Store {
    /// Binds `to` wherever `changes` says that `from` is bound, in one transaction. Answers the number by which
    /// it is undone; nothing, and nothing is changed, if one of them is not bound to `from` any more.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such connection or workflow; then nothing has changed.
    pub async fn replace_connection(
        &self,
        profile: ProfileId,
        from: InstanceId,
        to: InstanceId,
        changes: Vec<(WorkflowId, Slot)>,
        now: Timestamp,
    ) -> Result<Option<u32>, StoreError> {
        self.write(move |transaction| {
            connections::look(transaction, profile, to)?.ok_or(StoreError::NotFound)?;
            for (workflow, slot) in &changes {
                workflows::belongs(transaction, profile, *workflow)?;
                if !is_bound_to(transaction, *workflow, slot, from)? {
                    return Ok(None);
                }
            }
            transaction.execute(
                "INSERT INTO replacements (profile_id, from_instance, to_instance, at) VALUES (?1, ?2, ?3, ?4)",
                (profile.to_string(), from.to_string(), to.to_string(), now.as_millisecond()),
            )?;
            let number = transaction.last_insert_rowid();
            for (workflow, slot) in &changes {
                bindings::set(transaction, *workflow, slot, Some(to))?;
                let (kind, name) = slot_columns(slot);
                transaction
                    .prepare_cached("INSERT OR IGNORE INTO replacement_changes VALUES (?1, ?2, ?3, ?4)")?
                    .execute((number, workflow.to_string(), kind, name))?;
            }
            transaction.execute(
                "DELETE FROM replacements WHERE profile_id = ?1 AND id <=
                     (SELECT id FROM replacements WHERE profile_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                (profile.to_string(), MOST_KEPT),
            )?;
            u32::try_from(number).map(Some).map_err(|_| StoreError::Unreadable("id"))
        })
        .await
    }

    /// Takes a replacement back: every binding is what it was before, and the rows about it go. Answers the
    /// workflows it changed; nothing, and nothing is changed, if one of the bindings is another by now.
    ///
    /// # Errors
    /// `NotFound` when this profile has no such replacement.
    pub async fn undo_replacement(
        &self,
        profile: ProfileId,
        number: u32,
    ) -> Result<Option<Vec<WorkflowId>>, StoreError> {
        self.write(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT from_instance, to_instance FROM replacements WHERE profile_id = ?1 AND id = ?2",
            )?;
            let ends = one(&mut statement, (profile.to_string(), number), |row| {
                Ok((parsed::<InstanceId>(row, "from_instance")?, parsed::<InstanceId>(row, "to_instance")?))
            })?;
            let (from, to) = ends.ok_or(StoreError::NotFound)?;
            let mut statement = transaction.prepare_cached(
                "SELECT workflow_id, slot_kind, slot_name FROM replacement_changes WHERE replacement_id = ?1",
            )?;
            let changes = all(&mut statement, [number], |row| {
                Ok((parsed::<WorkflowId>(row, "workflow_id")?, slot(row)?))
            })?;
            for (workflow, slot) in &changes {
                if !is_bound_to(transaction, *workflow, slot, to)? {
                    return Ok(None);
                }
            }
            for (workflow, slot) in &changes {
                bindings::set(transaction, *workflow, slot, Some(from))?;
            }
            transaction.execute("DELETE FROM replacements WHERE id = ?1", [number])?;
            let mut workflows: Vec<WorkflowId> = changes.into_iter().map(|(workflow, _)| workflow).collect();
            workflows.dedup();
            Ok(Some(workflows))
        })
        .await
    }
}

fn is_bound_to(
    transaction: &Transaction<'_>,
    workflow: WorkflowId,
    slot: &Slot,
    instance: InstanceId,
) -> Result<bool, StoreError> {
    let (kind, name) = slot_columns(slot);
    let mut statement = transaction.prepare_cached(
        "SELECT 1 FROM workflow_bindings
         WHERE workflow_id = ?1 AND slot_kind = ?2 AND slot_name = ?3 AND instance_id = ?4",
    )?;
    Ok(statement.exists((workflow.to_string(), kind, name, instance.to_string()))?)
}
