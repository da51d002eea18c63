//! Workflows as files: what an import would bring, the import with its mapping, the export.

use std::io::Write;
use std::path::{Path, PathBuf};

use patchbay_core::workflow::binding::{Binding, Slot};
use patchbay_core::workflow::edit::{EditError, LONGEST_TEXT};
use patchbay_core::workflow::outline::{Outline, RoleOutline};
use patchbay_ipc::{ExportWorkflow, ExportedFile, ImportPlace, ImportPlan, ImportWorkflow, WorkflowView};
use patchbay_store::StoreError;
use patchbay_texts::{mark, t};
use patchbay_workflow::Document;

use crate::Engine;
use crate::error::EngineError;
use crate::workflows::{Read, name};

/// Most numbers that are tried to find a file name nobody has: `report.yaml`, `report-2.yaml`, …
const MOST_NAMES: u32 = 1000;

impl Engine {
    /// Looks at a file before it is imported.
    pub(crate) async fn plan_import(&self, text: String) -> Result<ImportPlan, EngineError> {
        let profile = self.require_profile().await?.id;
        let (read, bindings) = self.read_file(text).await?;
        let roles = read.outline.roles.iter().map(|role| (Slot::Role(role.role.clone()), role));
        let overrides = bindings.iter().filter_map(|binding| match &binding.slot {
            Slot::Task(task) => Some((binding.slot.clone(), role_of(&read.outline, task)?)),
            Slot::Role(_) => None,
        });
        let mut places = Vec::new();
        for (slot, role) in roles.chain(overrides) {
            let connector = self.badge(&role.connector);
            let name = connector.name.clone();
            let store = &self.0.store;
            let candidates =
                store.candidates(profile, role.connector.clone(), name, String::new(), 0, 0).await?;
            let suggested = match bindings.iter().find(|binding| binding.slot == slot) {
                // Another profile's, or another machine's, means nothing here.
                Some(binding) => match store.connection(profile, binding.instance).await {
                    Ok(connection) if connection.connector.as_ref() == Some(&role.connector) => {
                        Some(self.connection_view(connection))
                    }
                    Ok(_) | Err(StoreError::NotFound) => None,
                    Err(error) => return Err(error.into()),
                },
                None => None,
            };
            let tasks = match &slot {
                Slot::Role(_) => role.tasks.clone(),
                Slot::Task(task) => vec![task.clone()],
            };
            places.push(ImportPlace { slot, connector, tasks, candidates: candidates.total, suggested });
        }
        Ok(ImportPlan { name: name(&read.outline), problems: read.problems, places })
    }

    /// What a file says, and which connections its own bindings mean.
    async fn read_file(&self, text: String) -> Result<(Read, Vec<Binding>), EngineError> {
        if text.len() > LONGEST_TEXT {
            return Err(EditError::TooLong.into());
        }
        self.reading_text(move |catalog| {
            let document = Document::parse(&text);
            (Read::of(&document, catalog), document.file_bindings())
        })
        .await
    }

    /// Imports a file with the bindings its user chose.
    pub(crate) async fn import_workflow(&self, request: ImportWorkflow) -> Result<WorkflowView, EngineError> {
        let profile = self.require_profile().await?.id;
        let ImportWorkflow { text, bindings } = request;
        let (read, _) = self.read_file(text.clone()).await?;
        for binding in &bindings {
            let connection = self.0.store.connection(profile, binding.instance).await?;
            let wanted = match &binding.slot {
                Slot::Role(role) => read.outline.roles.iter().find(|known| known.role == *role),
                Slot::Task(task) => role_of(&read.outline, task),
            };
            let wanted = wanted.ok_or(EngineError::NotFound(mark!("role")))?;
            if connection.connector.as_ref() != Some(&wanted.connector) {
                let wanted = self.badge(&wanted.connector).name;
                return Err(EngineError::OtherConnector { label: connection.label, wanted });
            }
        }
        let version = self
            .reading_text(move |catalog| read.version(&text, t!("Import the file").to_owned(), catalog))
            .await?;
        self.keep_new(profile, version, bindings).await
    }

    /// Writes a workflow's file.
    pub(crate) async fn export_workflow(&self, request: ExportWorkflow) -> Result<ExportedFile, EngineError> {
        let profile = self.require_profile().await?.id;
        let stored = self.0.store.workflow(profile, request.workflow).await?;
        let mut bindings = Vec::new();
        if request.with_bindings {
            bindings = self.0.store.bindings(profile, request.workflow).await?;
        }
        let folder = self.0.places.downloads.clone();
        let path = self
            .reading_text(move |catalog| {
                let document = Document::parse(&stored.text);
                let stem = file_stem(&document.outline(catalog).name, &stored.name);
                let file = match document.with_bindings(&bindings) {
                    // A text that cannot be read is written as it is.
                    Err(EditError::Unreadable { .. }) if bindings.is_empty() => document,
                    file => file?,
                };
                write_new(&folder, &stem, "yaml", file.text()).map_err(EngineError::Export)
            })
            .await??;
        Ok(ExportedFile { path: path.display().to_string() })
    }
}

/// The role that a task has.
fn role_of<'a>(outline: &'a Outline, task: &str) -> Option<&'a RoleOutline> {
    outline.roles.iter().find(|role| role.tasks.iter().any(|name| name == task))
}

/// What the file is called: the document's name, else what the workflow is called, in letters that every file
/// system takes.
fn file_stem(document_name: &str, workflow_name: &str) -> String {
    let plain = |text: &str| {
        let text: String = text
            .chars()
            .map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' })
            .take(80)
            .collect();
        text.trim_matches('-').to_lowercase()
    };
    let stem = [document_name, workflow_name].into_iter().map(plain).find(|stem| !stem.is_empty());
    stem.unwrap_or_else(|| "workflow".to_owned())
}

/// Writes a file that was not there before.
pub(crate) fn write_new(folder: &Path, stem: &str, extension: &str, text: &str) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for number in 1..=MOST_NAMES {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let name = format!("{stem}{suffix}.{extension}");
        let path = folder.join(name);
        let mut file = match std::fs::File::create_new(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
            drop(std::fs::remove_file(&path));
            return Err(error);
        }
        return Ok(path);
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}
