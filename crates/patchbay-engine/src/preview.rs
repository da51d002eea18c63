//! What an expression gives on what a task saw in its last run: a document of one task, run without anything outside.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use patchbay_ipc::{ExpressionPreview, PreviewExpression};
use patchbay_runner::{
    Call, CallFailure, CallFailureKind, Data, EntryBegan, EntryEnded, Exchange, Host, HttpAnswer, HttpCall,
    Limits, NotSaved, Outcome, Program, Retrying, RunLog,
};
use serde_json::{Value, json};
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
        Err(CallFailure::new(CallFailureKind::Forbidden, "A preview calls nobody."))
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

impl Engine {
    /// Evaluates an expression on what the last run of a task was given. Its context is not kept, so `$context` is
    /// null.
    pub(crate) async fn preview_expression(
        &self,
        request: PreviewExpression,
    ) -> Result<ExpressionPreview, EngineError> {
        let profile = self.require_profile().await?.id;
        let PreviewExpression { workflow, path, expression } = request;
        self.0.store.workflow(profile, workflow).await?;
        let last = self.0.store.last_entry_input(profile, workflow, path).await?;
        let of_run_at = last.as_ref().map(|(.., started_at)| *started_at);
        let preview = |value, problem| ExpressionPreview { value, problem, of_run_at };
        let (task_input, run_input) = match last {
            None => (Some(json!({})), json!({})),
            Some((task_input, run_input, _)) => (
                task_input.and_then(|text| serde_json::from_str(&text).ok()),
                serde_json::from_str(&run_input).unwrap_or_default(),
            ),
        };
        let Some(task_input) = task_input else {
            return Ok(preview(None, Some(words::too_long_to_preview())));
        };
        Ok(match self.evaluate(&expression, task_input, run_input).await {
            Ok(value) => preview(Some(Data::from(&value).text(LONGEST_VALUE)), None),
            Err(problem) => preview(None, Some(problem)),
        })
    }

    async fn evaluate(&self, expression: &str, input: Value, run_input: Value) -> Result<Value, String> {
        let text = expression.trim();
        let inner =
            text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text).to_owned();
        // The data travels as the document's input, because a text in the document itself may be an expression.
        let program = json!({
            "document": { "dsl": "1.0.3", "namespace": "patchbay", "name": "preview", "version": "1.0.0" },
            "do": [{ "preview": {
                "input": { "from": "${ .input }" },
                "set": { "value": format!("${{ {{input: $workflow.input.run}} as $workflow | ({inner}\n) }}") },
            }}],
        });
        let program = self
            .reading_text(move |_| Program::new(program))
            .await
            .map_err(|_| words::preview_stopped())?
            .map_err(|error| words::preview_problem(&error.problem))?;
        let nothing = Arc::new(Nothing);
        let host = Host {
            caller: nothing.clone(),
            log: nothing,
            now: self.0.now,
            limits: Limits { entries: 10, ..Limits::default() },
            overrides: HashMap::new(),
        };
        let given = json!({ "input": input, "run": run_input });
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
