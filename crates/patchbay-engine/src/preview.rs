//! What an expression gives on what a task saw in its last run: a document of one task, run without anything outside.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use patchbay_core::catalog::Catalog;
use patchbay_ipc::{ExpressionPreview, PreviewExpression};
use patchbay_runner::{
    Call, CallFailure, CallFailureKind, Data, EntryBegan, EntryEnded, Exchange, Host, HttpAnswer, HttpCall,
    Limits, NotSaved, Outcome, Program, Retrying, RunLog,
};
use patchbay_texts::t;
use patchbay_workflow::Document;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::error::EngineError;
use crate::failure::runs as words;

/// Longest value that is shown, in bytes.
const LONGEST_VALUE: usize = 4 * 1024;

/// How long an expression may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The world of a preview: there is none.
struct Nothing;

#[async_trait]
impl Call for Nothing {
    async fn call(&self, _call: HttpCall) -> Result<HttpAnswer, CallFailure> {
        Err(CallFailure::new(CallFailureKind::Forbidden, t!("A preview calls nobody.")))
    }
}

#[async_trait]
impl RunLog for Nothing {
    async fn began(&self, _entry: EntryBegan) -> Result<(), NotSaved> {
        Ok(())
    }

    async fn exchanged(&self, _number: u32, _exchange: Exchange) -> Result<(), NotSaved> {
        Ok(())
    }

    async fn retrying(&self, _number: u32, _retrying: Retrying) -> Result<(), NotSaved> {
        Ok(())
    }

    async fn ended(&self, _entry: EntryEnded) -> Result<(), NotSaved> {
        Ok(())
    }
}

fn is_word(each: char) -> bool {
    each.is_ascii_alphanumeric() || each == '_'
}

/// Whether jq takes this as the name of a variable.
fn is_variable(name: &str) -> bool {
    name.chars().all(is_word) && !name.starts_with(|each: char| each.is_ascii_digit()) && !name.is_empty()
}

/// Whether an expression has the variable of this name in it.
fn mentions(expression: &str, name: &str) -> bool {
    let behind = expression.split('$').skip(1);
    behind.filter_map(|rest| rest.strip_prefix(name)).any(|rest| !rest.starts_with(is_word))
}

impl Engine {
    /// Evaluates an expression on what the last run of a task was given and had around it.
    pub(crate) async fn preview_expression(
        &self,
        request: PreviewExpression,
    ) -> Result<ExpressionPreview, EngineError> {
        let profile = self.require_profile().await?.id;
        let PreviewExpression { workflow, path, expression } = request;
        let stored = self.0.store.workflow(profile, workflow).await?;
        let last = self.0.store.last_entry_input(profile, workflow, path.clone()).await?;
        let of_run_at = last.as_ref().map(|last| last.started_at);
        let preview = |value, problem| ExpressionPreview { value, problem, of_run_at };
        let (task_input, run_input, variables) = match last {
            None => (Some(json!({})), json!({}), Some(Map::new())),
            Some(last) => (
                last.entry.input.and_then(|text| serde_json::from_str(&text).ok()),
                serde_json::from_str(&last.run_input).unwrap_or_default(),
                last.entry
                    .variables
                    .map_or_else(|| Some(Map::new()), |text| serde_json::from_str(&text).ok()),
            ),
        };
        let Some(task_input) = task_input else {
            return Ok(preview(None, Some(words::too_long_to_preview())));
        };
        let mut names = self.reading_text(move |_| Document::parse(&stored.text).variables_at(&path)).await?;
        names.push("context".to_owned());
        // Before an export there is no context; what was cut may have had one.
        let known = variables.map(|mut known| {
            known.entry("context").or_insert(Value::Null);
            known
        });
        let known = known.unwrap_or_default();
        let unknown = names.iter().find(|name| !known.contains_key(*name) && mentions(&expression, name));
        if let Some(name) = unknown {
            return Ok(preview(None, Some(words::unknown_variable(name))));
        }
        let given = json!({ "input": task_input, "run": run_input, "variables": known });
        Ok(match self.evaluate(&expression, given).await {
            Ok(value) => preview(Some(Data::from(&value).text(LONGEST_VALUE)), None),
            Err(problem) => preview(None, Some(problem)),
        })
    }

    /// `given` has the task's `input`, the run's input `run`, and the `variables` by their names.
    async fn evaluate(&self, expression: &str, given: Value) -> Result<Value, String> {
        let text = expression.trim();
        let inner =
            text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text).to_owned();
        let names = given["variables"].as_object().into_iter().flat_map(Map::keys);
        let names: Vec<Arc<str>> =
            names.filter(|name| is_variable(name)).map(|name| name.as_str().into()).collect();
        let bound: String =
            names.iter().map(|name| format!("$workflow.input.variables.{name} as ${name} | ")).collect();
        // The data travels as the document's input, because a text in the document itself may be an expression.
        let program = json!({
            "document": { "dsl": "1.0.3", "namespace": "patchbay", "name": "preview", "version": "1.0.0" },
            "do": [{ "preview": {
                "input": { "from": "${ .input }" },
                "set": { "value": format!("${{ {bound}{{input: $workflow.input.run}} as $workflow | ({inner}\n) }}") },
            }}],
        });
        let read = move |_: &Catalog| {
            // By itself first, so that what is wrong is counted from its own beginning.
            patchbay_runner::check_expression(&inner, &names)?;
            Program::new(program).map_err(|error| error.problem)
        };
        let program = self
            .reading_text(read)
            .await
            .map_err(|_| words::preview_stopped())?
            .map_err(|problem| words::preview_problem(&problem))?;
        let nothing = Arc::new(Nothing);
        let host = Host {
            caller: nothing.clone(),
            log: nothing,
            now: self.0.now,
            limits: Limits { entries: 10, ..Limits::default() },
            overrides: HashMap::new(),
        };
        let run = patchbay_runner::run(&program, given, &host, CancellationToken::new());
        match tokio::time::timeout(PATIENCE, run).await {
            Ok(Outcome::Completed(mut output)) => Ok(output["value"].take()),
            Ok(Outcome::Faulted(fault)) => {
                Err(words::preview_problem(fault.error.detail.as_deref().unwrap_or(&fault.error.title)))
            }
            Ok(Outcome::Cancelled) | Err(_) => Err(words::preview_stopped()),
        }
    }
}
