//! Workflows: documents, the connections their roles stand for, and as whom each task would run.

use jiff::Timestamp;
use patchbay_core::id::{ConnectorSlug, InstanceId, WorkflowId};
use patchbay_core::workflow::binding::{Binding, CastingState, Slot};
use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::outline::{Outline, Pointer};
use patchbay_core::workflow::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command::command;
use crate::{ConnectionView, RunSummary};

/// Lists the workflows of the active profile, the one changed last first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListWorkflows {
    /// Words that must all occur in the name, the title or a connector's name; empty for all.
    pub search: String,
    /// How many to leave out.
    pub offset: u32,
    /// How many at most; up to 200.
    pub limit: u32,
}
command!(ListWorkflows, "list_workflows", WorkflowPage);

/// A page of workflows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowPage {
    /// The page.
    pub workflows: Vec<WorkflowSummary>,
    /// How many match.
    pub matching: u32,
    /// How many there are in all.
    pub total: u32,
}

/// A workflow in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowSummary {
    /// Its id.
    pub id: WorkflowId,
    /// What it is called here: the document's title, else its name, else `Untitled workflow`.
    pub name: String,
    /// The connectors it calls.
    pub connectors: Vec<ConnectorBadge>,
    /// How many tasks it has, nested ones included.
    pub tasks: u32,
    /// How many tasks cannot run because of what they are bound to, or are not.
    pub blocked: u32,
    /// How many errors its document has.
    pub errors: u32,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Its last run.
    pub last_run: Option<RunSummary>,
}

/// A connector where a picture and a name are enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectorBadge {
    /// Its short name.
    pub slug: ConnectorSlug,
    /// Its name; the short name where no manifest has it.
    pub name: String,
    /// Its icon's name.
    pub icon: Option<String>,
}

/// Makes an empty workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateWorkflow {
    /// Its title; empty takes `Untitled workflow`, then `Untitled workflow 2`, …
    pub name: String,
}
command!(CreateWorkflow, "create_workflow", WorkflowView);

/// A workflow with everything the editor shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetWorkflow {
    /// Which.
    pub workflow: WorkflowId,
}
command!(GetWorkflow, "get_workflow", WorkflowView);

/// A workflow as the editor shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowView {
    /// Its id.
    pub id: WorkflowId,
    /// What it is called here.
    pub name: String,
    /// The document as it stands.
    pub text: String,
    /// Its version: every edit makes one, so that it can be undone, also by the next run of the application.
    pub version: u32,
    /// Whether it differs from what was saved last. It is kept on this machine either way.
    pub is_changed: bool,
    /// What undo would take back: `Add task “listIssues”`.
    pub undo: Option<String>,
    /// What redo would do again.
    pub redo: Option<String>,
    /// What the text says. Where it cannot be read: what the last readable version said.
    pub outline: Outline,
    /// Whether the outline is of an earlier version because the text cannot be read.
    pub outline_is_old: bool,
    /// What is wrong with the text, in the order of its lines.
    pub problems: Vec<Problem>,
    /// The connectors it calls.
    pub connectors: Vec<ConnectorBadge>,
    /// As whom each connector task would run.
    pub castings: Vec<CastingView>,
    /// Bindings whose role or task the document does not have any more.
    pub left_over: Vec<BindingView>,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// As whom a task would run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CastingView {
    /// The task.
    pub path: Pointer,
    /// Its name.
    pub task: String,
    /// Its connector.
    pub connector: ConnectorBadge,
    /// Its role.
    pub role: String,
    /// How many tasks have that role.
    pub tasks_of_role: u32,
    /// Whether the task's own binding counts rather than its role's.
    pub is_override: bool,
    /// The connection, even when it is gone; nothing: unbound, or nothing is known of it any more.
    pub connection: Option<ConnectionView>,
    /// Whether it can run.
    pub state: CastingState,
    /// The same in words: `Ready`, `Not bound`, `Deleted`, …
    pub words: String,
}

/// A binding that stands for nothing in the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BindingView {
    /// What is bound.
    pub slot: Slot,
    /// To which connection.
    pub connection: Option<ConnectionView>,
}

/// Changes a document. The answer is the workflow as it is then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditWorkflow {
    /// Which.
    pub workflow: WorkflowId,
    /// The version the edit was made on. Another one by now is a [`Code::Conflict`](crate::Code::Conflict).
    pub version: u32,
    /// The edit.
    pub edit: Edit,
}
command!(EditWorkflow, "edit_workflow", WorkflowView);

/// One task as its document has it, for a form that shows its members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetTask {
    /// In which workflow.
    pub workflow: WorkflowId,
    /// Where it stands: `/do/0/getPet`.
    pub path: Pointer,
}
command!(GetTask, "get_task", TaskDetails);

/// A task as its document has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskDetails {
    /// Where it stands.
    pub path: Pointer,
    /// The version the document is at. Where its text cannot be read, the task is of the last one that could.
    pub version: u32,
    /// The task's members, aliases resolved. Members whose key is no text are left out.
    pub value: Value,
}

/// Takes the last edit back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UndoEdit {
    /// Whose.
    pub workflow: WorkflowId,
}
command!(UndoEdit, "undo_edit", WorkflowView);

/// Does the edit again that was taken back last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RedoEdit {
    /// Whose.
    pub workflow: WorkflowId,
}
command!(RedoEdit, "redo_edit", WorkflowView);

/// Marks the document as it stands as saved: what the command line runs by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveWorkflow {
    /// Which.
    pub workflow: WorkflowId,
}
command!(SaveWorkflow, "save_workflow", WorkflowView);

/// Makes a copy with the same bindings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DuplicateWorkflow {
    /// Of which.
    pub workflow: WorkflowId,
}
command!(DuplicateWorkflow, "duplicate_workflow", WorkflowView);

/// Puts a workflow away, with its bindings; its runs stay. [`RestoreWorkflow`] brings it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeleteWorkflow {
    /// Which.
    pub workflow: WorkflowId,
}
command!(DeleteWorkflow, "delete_workflow", ());

/// Brings a deleted workflow back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RestoreWorkflow {
    /// Which.
    pub workflow: WorkflowId,
}
command!(RestoreWorkflow, "restore_workflow", WorkflowView);

/// Binds a role or one task to a connection, or to none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bind {
    /// In which workflow.
    pub workflow: WorkflowId,
    /// What.
    pub slot: Slot,
    /// To which connection; nothing takes the binding away.
    pub instance: Option<InstanceId>,
}
command!(Bind, "bind", WorkflowView);

/// Binds a role, and takes away the bindings of its single tasks: *Use for all N tasks with this role*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BindAll {
    /// In which workflow.
    pub workflow: WorkflowId,
    /// The role.
    pub role: String,
    /// To which connection.
    pub instance: InstanceId,
}
command!(BindAll, "bind_all", WorkflowView);

/// The connections a picker offers for a connector. Answered from this machine alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListCandidates {
    /// The connector.
    pub connector: ConnectorSlug,
    /// Words that must all occur in label or account; empty for all.
    pub search: String,
    /// How many to leave out.
    pub offset: u32,
    /// How many at most; up to 200.
    pub limit: u32,
}
command!(ListCandidates, "list_candidates", CandidatePage);

/// What a picker offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidatePage {
    /// The page, by label.
    pub connections: Vec<ConnectionView>,
    /// How many match.
    pub matching: u32,
    /// How many the connector has in this profile.
    pub total: u32,
    /// Why there is nothing, where there is nothing.
    pub empty: Option<EmptyPicker>,
}

/// Why a picker has nothing to offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmptyPicker {
    /// The reason.
    pub reason: EmptyReason,
    /// The same in a sentence, with the next step.
    pub words: String,
}

/// Why a picker has nothing to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyReason {
    /// No account of this connector is connected yet: connect one.
    NoneYet,
    /// There are some, the search finds none: clear it.
    Filtered,
    /// There are some in another profile: switch, or connect one here.
    OtherProfile,
    /// The list at Nango was never read: sync.
    NeverSynced,
}

/// Asks as whom each task would run, and what stands in the way: *Who will this run as*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRun {
    /// Which workflow.
    pub workflow: WorkflowId,
}
command!(PlanRun, "plan_run", RunPlan);

/// As whom a run would act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The workflow's name.
    pub name: String,
    /// Each connector task, in the order they stand.
    pub castings: Vec<CastingView>,
    /// What stands in the way, a sentence each; empty: it can run.
    pub obstacles: Vec<String>,
    /// What the last run was given, as JSON text; `{}` before the first.
    pub last_input: String,
}

/// Evaluates an expression on what the last run of a task saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewExpression {
    /// In which workflow.
    pub workflow: WorkflowId,
    /// For which task: its input, context and arguments in the last run; nothing ran yet: `{}`.
    pub path: Pointer,
    /// A text with `${ … }`, or a bare jq expression where the DSL takes one.
    pub expression: String,
}
command!(PreviewExpression, "preview_expression", ExpressionPreview);

/// What an expression gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpressionPreview {
    /// The value, as JSON text, shortened.
    pub value: Option<String>,
    /// Why there is none, for people.
    pub problem: Option<String>,
    /// When the run was from whose data it was computed; nothing: there was none.
    pub of_run_at: Option<Timestamp>,
}

/// What uses a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListUses {
    /// Which connection.
    pub instance: InstanceId,
}
command!(ListUses, "list_uses", Vec<Use>);

/// A workflow that uses a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Use {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Its name.
    pub name: String,
    /// The names of the tasks that run as the connection.
    pub tasks: Vec<String>,
}

/// Asks what *Replace connection A by B* would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanReplacement {
    /// The connection bound now.
    pub from: InstanceId,
    /// The one to bind instead; of the same connector.
    pub to: InstanceId,
}
command!(PlanReplacement, "plan_replacement", ReplacementPlan);

/// What a replacement would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplacementPlan {
    /// The connection bound now.
    pub from: ConnectionView,
    /// The one to bind instead.
    pub to: ConnectionView,
    /// Every binding that would change.
    pub changes: Vec<ReplacementChange>,
}

/// One binding a replacement changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacementChange {
    /// In which workflow.
    pub workflow: WorkflowId,
    /// Its name.
    pub name: String,
    /// What is bound.
    pub slot: Slot,
    /// The names of the tasks that run as something else then.
    pub tasks: Vec<String>,
}

/// Does a replacement, in one transaction: those changes of the plan and no others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplaceConnection {
    /// The connection bound now.
    pub from: InstanceId,
    /// The one to bind instead.
    pub to: InstanceId,
    /// The changes as they were reviewed. If the bindings have changed since, nothing is done.
    pub changes: Vec<(WorkflowId, Slot)>,
}
command!(ReplaceConnection, "replace_connection", ReplacementDone);

/// A replacement that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplacementDone {
    /// By which it is undone.
    pub replacement: u32,
    /// What was done, in a sentence.
    pub summary: String,
}

/// Undoes a replacement: every binding is what it was before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UndoReplacement {
    /// Which.
    pub replacement: u32,
}
command!(UndoReplacement, "undo_replacement", ());

/// Looks at a file before it is imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanImport {
    /// The file's text, at most 4 MiB.
    pub text: String,
}
command!(PlanImport, "plan_import", ImportPlan);

/// What an import would bring, for the mapping table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportPlan {
    /// What the workflow would be called.
    pub name: String,
    /// What is wrong with the document; it can be imported all the same.
    pub problems: Vec<Problem>,
    /// Its roles, and behind them the tasks that the file binds on their own.
    pub places: Vec<ImportPlace>,
}

/// What of an imported file can be bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportPlace {
    /// The role, or the task.
    pub slot: Slot,
    /// Its connector.
    pub connector: ConnectorBadge,
    /// The names of the tasks that it is about.
    pub tasks: Vec<String>,
    /// How many connections of this profile could stand for it.
    pub candidates: u32,
    /// The one that the file's own bindings mean, if it was exported from this profile with them.
    pub suggested: Option<ConnectionView>,
}

/// Imports a file with the bindings its user chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportWorkflow {
    /// The file's text.
    pub text: String,
    /// Which connection stands for each place; roles left out stay unbound, tasks left out run as their role.
    pub bindings: Vec<Binding>,
}
command!(ImportWorkflow, "import_workflow", WorkflowView);

/// Writes a workflow's file to the downloads folder; an existing file is never overwritten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportWorkflow {
    /// Which.
    pub workflow: WorkflowId,
    /// Whether its bindings go along, under `document.metadata.patchbay`: ids, never secrets.
    pub with_bindings: bool,
}
command!(ExportWorkflow, "export_workflow", ExportedFile);

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Where it is.
    pub path: String,
}
