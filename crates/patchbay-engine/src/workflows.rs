//! Workflows: the list, a document with its versions, and what the editor shows of it. Everything is answered from
//! this machine.

use patchbay_core::catalog::Catalog;
use patchbay_core::id::{ConnectorSlug, ProfileId, WorkflowId};
use patchbay_core::label::default_label;
use patchbay_core::workflow::binding::{Binding, Slot};
use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::outline::{Outline, TaskOutline};
use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_ipc::{
    ConnectorBadge, CreateWorkflow, EditWorkflow, GetTask, ListWorkflows, RunSummary, TaskDetails, Topic,
    WorkflowPage, WorkflowSummary, WorkflowView,
};
use patchbay_store::{NewVersion, Reading, StoredWorkflow, WorkflowCall, WorkflowRow};
use patchbay_texts::{mark, t};
use patchbay_workflow::{Document, apply};
use uuid::Uuid;

use crate::Engine;
use crate::bindings::blocked;
use crate::error::EngineError;
use crate::runs::run_summary;

/// Most workflows in one answer.
const LONGEST_PAGE: u32 = 200;

/// Longest name, in characters.
const LONGEST_NAME: usize = 200;

/// What a workflow without a title and a name is called.
const UNTITLED: &str = "Untitled workflow";

/// What a text says: for the editor, and for what is kept beside it.
pub(crate) struct Read {
    pub(crate) is_readable: bool,
    pub(crate) outline: Outline,
    pub(crate) problems: Vec<Problem>,
}

impl Read {
    pub(crate) fn of(document: &Document, catalog: &Catalog) -> Read {
        Read {
            is_readable: document.is_readable(),
            outline: document.outline(catalog),
            problems: document.problems(catalog),
        }
    }

    pub(crate) fn errors(&self) -> u32 {
        let errors = self.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        u32::try_from(errors).unwrap_or(u32::MAX)
    }

    /// What is kept of it; nothing where the text cannot be read.
    fn reading(&self, catalog: &Catalog) -> Option<Reading> {
        self.is_readable.then(|| reading(&self.outline, catalog))
    }

    /// A version of it to be kept.
    pub(crate) fn version(&self, text: &str, words: String, catalog: &Catalog) -> NewVersion {
        NewVersion {
            text: text.to_owned(),
            words,
            reading: self.reading(catalog),
            errors: self.errors(),
            renames: Vec::new(),
        }
    }
}

fn reading(outline: &Outline, catalog: &Catalog) -> Reading {
    let mut tasks = 0;
    let mut calls = Vec::new();
    every_task(&outline.tasks, &mut |task| {
        tasks += 1;
        if let Some(call) = &task.connector {
            calls.push(WorkflowCall {
                path: task.path.clone(),
                task: task.name.clone(),
                connector: call.connector.clone(),
                role: call.role.clone(),
            });
        }
    });
    let mut names: Vec<&str> = calls.iter().map(|call| name_of(&call.connector, catalog)).collect();
    names.sort_unstable();
    names.dedup();
    Reading { name: name(outline), tasks, search_words: names.join(" "), calls }
}

/// Goes through tasks in the order they stand, those inside others included.
pub(crate) fn every_task<'a>(tasks: &'a [TaskOutline], visit: &mut impl FnMut(&'a TaskOutline)) {
    for task in tasks {
        visit(task);
        for list in &task.lists {
            every_task(&list.tasks, visit);
        }
    }
}

/// What a workflow is called.
pub(crate) fn name(outline: &Outline) -> String {
    let given = [outline.title.as_deref().unwrap_or_default(), &outline.name];
    let given = given.into_iter().map(one_line).find(|name| !name.is_empty());
    given.unwrap_or_else(|| UNTITLED.to_owned())
}

fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect()
}

fn name_of<'a>(slug: &'a ConnectorSlug, catalog: &'a Catalog) -> &'a str {
    catalog.get(slug).map_or(slug.as_str(), |manifest| &manifest.name)
}

impl Engine {
    /// A page of the active profile's workflows.
    pub(crate) async fn list_workflows(&self, request: ListWorkflows) -> Result<WorkflowPage, EngineError> {
        let profile = self.require_profile().await?.id;
        let limit = request.limit.min(LONGEST_PAGE);
        let page = self.0.store.workflows(profile, request.search, request.offset, limit).await?;
        let ids = page.rows.iter().map(|row| row.id).collect();
        let mut last_runs = self.0.store.last_runs(profile, ids).await?;
        let workflows = page.rows.into_iter().map(|row| {
            let last_run = last_runs.remove(&row.id).map(run_summary);
            self.workflow_summary(row, last_run)
        });
        Ok(WorkflowPage { workflows: workflows.collect(), matching: page.matching, total: page.total })
    }

    fn workflow_summary(&self, row: WorkflowRow, last_run: Option<RunSummary>) -> WorkflowSummary {
        WorkflowSummary {
            id: row.id,
            name: row.name,
            connectors: row.connectors.iter().map(|slug| self.badge(slug)).collect(),
            tasks: row.tasks,
            blocked: blocked(&row.castings),
            errors: row.errors,
            updated_at: row.updated_at,
            last_run,
        }
    }

    /// A connector where a picture and a name are enough.
    pub(crate) fn badge(&self, slug: &ConnectorSlug) -> ConnectorBadge {
        let manifest = self.0.catalog.get(slug);
        ConnectorBadge {
            slug: slug.clone(),
            name: name_of(slug, &self.0.catalog).to_owned(),
            icon: manifest.and_then(|manifest| manifest.icon.clone()),
        }
    }

    /// Makes an empty workflow.
    pub(crate) async fn create_workflow(&self, request: CreateWorkflow) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        let mut title = one_line(&request.name);
        if title.is_empty() {
            title = self.free_name(profile, UNTITLED).await?;
        }
        let version = self
            .reading_text(move |catalog| {
                let document = Document::new_workflow(&title);
                Read::of(&document, catalog).version(
                    document.text(),
                    t!("Create the workflow").to_owned(),
                    catalog,
                )
            })
            .await?;
        let id = WorkflowId::from(Uuid::new_v4());
        self.0.store.insert_workflow(profile, id, version, Vec::new(), false, self.now()).await?;
        self.workflow_changed(id);
        self.workflow_view(profile, id).await
    }

    /// The name, or the first of `<name> 2`, … that no workflow of the profile has.
    async fn free_name(&self, profile: ProfileId, name: &str) -> Result<String, EngineError> {
        let names = self.0.store.workflow_names(profile).await?;
        Ok(default_label(name, names.iter().map(|(_, name)| name.as_str())))
    }

    /// A workflow with everything the editor shows.
    pub(crate) async fn get_workflow(&self, id: WorkflowId) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        self.workflow_view(profile, id).await
    }

    pub(crate) async fn workflow_view(
        &self,
        profile: ProfileId,
        id: WorkflowId,
    ) -> Result<WorkflowView, EngineError> {
        let stored = self.0.store.workflow(profile, id).await?;
        let (text, readable) = (stored.text.clone(), stored.readable_text.clone());
        let read = self.reading_text(move |catalog| read_both(&text, readable.as_deref(), catalog)).await?;
        self.editor_view(profile, stored, read).await
    }

    async fn editor_view(
        &self,
        profile: ProfileId,
        stored: StoredWorkflow,
        read: Read,
    ) -> Result<WorkflowView, EngineError> {
        let castings = self.castings(profile, stored.id).await?;
        let left_over = self.left_over(profile, stored.id, &castings).await?;
        let mut connectors: Vec<ConnectorBadge> = Vec::new();
        for casting in &castings {
            if connectors.iter().all(|known| known.slug != casting.connector.slug) {
                connectors.push(casting.connector.clone());
            }
        }
        Ok(WorkflowView {
            id: stored.id,
            name: stored.name,
            is_changed: stored.saved_text.as_ref() != Some(&stored.text),
            text: stored.text,
            version: stored.version,
            undo: stored.undo.map(|(words, _)| words),
            redo: stored.redo.map(|(words, _)| words),
            outline: read.outline,
            outline_is_old: !read.is_readable,
            problems: read.problems,
            connectors,
            castings,
            left_over,
            updated_at: stored.updated_at,
        })
    }

    /// One task as its document has it.
    pub(crate) async fn get_task(&self, request: GetTask) -> Result<TaskDetails, EngineError> {
        let profile = self.require_profile().await?.id;
        let GetTask { workflow, path } = request;
        let stored = self.0.store.workflow(profile, workflow).await?;
        let version = stored.version;
        let value = {
            let path = path.clone();
            self.reading_text(move |_| {
                let now = Document::parse(stored.text);
                let before = || stored.readable_text.map(Document::parse);
                let document = if now.is_readable() { Some(now) } else { before() };
                document?.value()?.pointer(path.as_str()).cloned()
            })
            .await?
        };
        let value = value.ok_or(EngineError::NotFound(mark!("task")))?;
        Ok(TaskDetails { path, version, value })
    }

    /// Changes a document.
    pub(crate) async fn edit_workflow(&self, request: EditWorkflow) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        let EditWorkflow { workflow, version: base, edit } = request;
        let stored = self.0.store.workflow(profile, workflow).await?;
        if stored.version != base {
            return Err(EngineError::EditedMeanwhile);
        }
        let before = stored.text;
        let version = self
            .reading_text(move |catalog| {
                let edited = apply(&Document::parse(&before), &edit, catalog)?;
                if edited.document.text() == before {
                    return Ok(None);
                }
                let read = Read::of(&edited.document, catalog);
                let mut version = read.version(edited.document.text(), edited.words, catalog);
                let tasks =
                    edited.renamed_tasks.into_iter().map(|(from, to)| (Slot::Task(from), Slot::Task(to)));
                let roles =
                    edited.renamed_roles.into_iter().map(|(from, to)| (Slot::Role(from), Slot::Role(to)));
                version.renames = tasks.chain(roles).collect();
                Ok::<_, EngineError>(Some(version))
            })
            .await??;
        if let Some(version) = version {
            if !self.0.store.append_version(profile, workflow, base, version, self.now()).await? {
                return Err(EngineError::EditedMeanwhile);
            }
            self.workflow_changed(workflow);
        }
        self.workflow_view(profile, workflow).await
    }

    /// Takes the last edit back, or does the one again that was taken back last.
    pub(crate) async fn step_back_or_forth(
        &self,
        workflow: WorkflowId,
        direction: Direction,
    ) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        let stored = self.0.store.workflow(profile, workflow).await?;
        let target = match direction {
            Direction::Back => stored.undo.ok_or(EngineError::NothingToUndo)?.1,
            Direction::Forth => stored.redo.ok_or(EngineError::NothingToRedo)?.1,
        };
        let there = self.0.store.workflow_version(profile, workflow, target).await?;
        let (reading, errors) = self
            .reading_text(move |catalog| {
                let read = read_both(&there.text, there.readable_text.as_deref(), catalog);
                (Some(reading(&read.outline, catalog)), read.errors())
            })
            .await?;
        let now = self.now();
        if !self.0.store.step_version(profile, workflow, stored.version, target, reading, errors, now).await?
        {
            return Err(EngineError::EditedMeanwhile);
        }
        self.workflow_changed(workflow);
        self.workflow_view(profile, workflow).await
    }

    /// Marks a document as it stands as saved.
    pub(crate) async fn save_workflow(&self, workflow: WorkflowId) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        self.0.store.save_workflow(profile, workflow).await?;
        self.workflow_changed(workflow);
        self.workflow_view(profile, workflow).await
    }

    /// Makes a copy with the same bindings.
    pub(crate) async fn duplicate_workflow(&self, workflow: WorkflowId) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        let stored = self.0.store.workflow(profile, workflow).await?;
        let bindings = self.0.store.bindings(profile, workflow).await?;
        let title = self.free_name(profile, &stored.name).await?;
        let version = self
            .reading_text(move |catalog| {
                let original = Document::parse(&stored.text);
                let renamed = Edit::Set { pointer: "/document/title".into(), value: title.into() };
                // A text that cannot be read is copied as it is.
                let copy = apply(&original, &renamed, catalog).map_or(original, |edited| edited.document);
                Read::of(&copy, catalog).version(copy.text(), t!("Make a copy").to_owned(), catalog)
            })
            .await?;
        self.keep_new(profile, version, bindings).await
    }

    /// Keeps a workflow that comes as a whole, and counts as saved.
    pub(crate) async fn keep_new(
        &self,
        profile: ProfileId,
        mut version: NewVersion,
        bindings: Vec<Binding>,
    ) -> Result<WorkflowView, EngineError> {
        let id = WorkflowId::from(Uuid::new_v4());
        // Its calls are kept even so, that the list can show it.
        if version.reading.is_none() {
            version.reading = Some(reading(&Outline::default(), &self.0.catalog));
        }
        self.0.store.insert_workflow(profile, id, version, bindings, true, self.now()).await?;
        self.workflow_changed(id);
        self.workflow_view(profile, id).await
    }

    /// Puts a workflow away.
    pub(crate) async fn delete_workflow(&self, workflow: WorkflowId) -> Result<(), EngineError> {
        let profile = self.require_profile().await?.id;
        self.0.store.put_workflow_away(profile, workflow, Some(self.now())).await?;
        self.workflow_changed(workflow);
        Ok(())
    }

    /// Brings a workflow back.
    pub(crate) async fn restore_workflow(&self, workflow: WorkflowId) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        self.0.store.put_workflow_away(profile, workflow, None).await?;
        self.workflow_changed(workflow);
        self.workflow_view(profile, workflow).await
    }

    /// Reads a document on a thread that may take its time: it can have 4 MiB.
    pub(crate) async fn reading_text<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Catalog) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let engine = self.clone();
        tokio::task::spawn_blocking(move || read(&engine.0.catalog)).await.map_err(|_| EngineError::Fault)
    }

    /// A workflow, or what it is bound to, is no longer what it was.
    pub(crate) fn workflow_changed(&self, workflow: WorkflowId) {
        self.stale([Topic::Workflow(workflow), Topic::Workflows]);
    }
}

/// Which way one goes through the versions of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Back,
    Forth,
}

/// The problems of a text, and the outline of the readable one.
fn read_both(text: &str, readable: Option<&str>, catalog: &Catalog) -> Read {
    let document = Document::parse(text);
    let read = Read::of(&document, catalog);
    match readable {
        Some(readable) if !read.is_readable => {
            Read { outline: Document::parse(readable).outline(catalog), ..read }
        }
        _ => read,
    }
}
