//! A task in execution: what its expressions see, and the errors it raises.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jaq_core::ValT as _;
use jaq_json::{Map, Val};
use jiff::Timestamp;
use patchbay_core::workflow::outline::Pointer;

use super::{Run, Scope};
use crate::data;
use crate::expression::{Expression, Template, Trouble};
use crate::fault::{ErrorType, Stop};
use crate::host::NotSaved;
use crate::program::{Input, Output, Task};
use crate::schema::{Schema, SchemaProblem};

#[derive(Clone)]
pub(super) struct Frame<'r> {
    run: &'r Run,
    pub(super) scope: &'r Scope,
    /// Where errors say they come from.
    pub(super) path: &'r Pointer,
    task: Option<&'r Task>,
    pub(super) number: Option<u32>,
    started_at: Timestamp,
    pub(super) raw: Val,
    /// `$input`.
    pub(super) input: Val,
    pub(super) raw_output: Val,
    /// `$output`.
    pub(super) output: Val,
}

impl<'r> Frame<'r> {
    pub(super) fn of_workflow(run: &'r Run, scope: &'r Scope, path: &'r Pointer) -> Self {
        Self {
            run,
            scope,
            path,
            task: None,
            number: None,
            started_at: Timestamp::UNIX_EPOCH,
            raw: Val::Null,
            input: Val::Null,
            raw_output: Val::Null,
            output: Val::Null,
        }
    }

    pub(super) fn of_task(run: &'r Run, task: &'r Task, number: u32, scope: &'r Scope, raw: Val) -> Self {
        Self {
            task: Some(task),
            number: Some(number),
            started_at: (run.host.now)(),
            raw,
            ..Self::of_workflow(run, scope, &task.path)
        }
    }

    /// The same with the variables and the cancellation of a scope inside.
    pub(super) fn in_scope<'s>(&self, scope: &'s Scope) -> Frame<'s>
    where
        'r: 's,
    {
        Frame { scope, ..self.clone() }
    }

    pub(super) fn number(&self) -> u32 {
        self.number.unwrap_or_default()
    }

    pub(super) fn error(&self, error_type: ErrorType, detail: impl Into<String>) -> Stop {
        error_type.raise(self.path, self.number, detail).into()
    }

    /// What cannot be remembered ends the run.
    pub(super) fn saved(&self, result: Result<(), NotSaved>) -> Result<(), Stop> {
        result.map_err(|not_saved| {
            let detail = format!("What happened could not be saved: {not_saved}.");
            Stop::Broken(Box::new(ErrorType::Runtime.raise(self.path, self.number, detail)))
        })
    }

    /// The value of a variable: those of loops and caught errors first.
    fn variable(&self, name: &str) -> Val {
        if let Some((_, value)) = self.scope.variables.iter().rev().find(|(known, _)| &**known == name) {
            return value.clone();
        }
        match name {
            "context" => self.run.context().clone(),
            "input" => self.input.clone(),
            "output" => self.output.clone(),
            "workflow" => self.workflow(),
            "task" => self.task.map_or(Val::Null, |task| self.descriptor(task)),
            "runtime" => data::object([
                ("name", data::text("patchbay")),
                ("version", data::text(env!("CARGO_PKG_VERSION"))),
                ("metadata", Val::obj(Map::default())),
            ]),
            _ => Val::Null,
        }
    }

    /// `$workflow`, in which a task's own connection stands in place of its role's.
    fn workflow(&self) -> Val {
        let own = self.task.and_then(|task| {
            let connection = self.run.host.overrides.get(&*task.name)?;
            Some((task.role.as_deref()?, connection))
        });
        let workflow = &self.run.workflow;
        let Some((role, connection)) = own else {
            return workflow.clone();
        };
        let input = data::member(workflow, "input");
        let connections =
            data::with_member(&data::member(&input, "connections"), role, data::text(connection.as_str()));
        data::with_member(workflow, "input", data::with_member(&input, "connections", connections))
    }

    fn descriptor(&self, task: &Task) -> Val {
        data::object([
            ("name", data::text(&*task.name)),
            ("reference", data::text(task.path.as_str())),
            ("definition", task.definition.clone()),
            ("input", self.raw.clone()),
            ("output", self.raw_output.clone()),
            ("startedAt", moment(self.started_at)),
        ])
    }

    pub(super) async fn evaluate(&self, expression: &Arc<Expression>, input: &Val) -> Result<Val, Stop> {
        let stopped = self.scope.cancel.cancelled();
        let result = expression.evaluate(input, |name| self.variable(name), &self.run.bounds, stopped).await;
        let detail = match result {
            Ok(value) => return Ok(value),
            Err(Trouble::Stopped) => return Err(Stop::Cancelled),
            Err(Trouble::Secrets) => {
                let detail = "Secrets are not given to expressions.";
                return Err(self.error(ErrorType::Authorization, detail));
            }
            Err(Trouble::Failed(problem)) => format!("An expression failed: {problem}"),
            Err(Trouble::Steps) => "An expression took too many steps.".to_owned(),
            Err(Trouble::Stack) => "An expression recursed too deeply.".to_owned(),
            Err(Trouble::Data) => "An expression made too much data.".to_owned(),
        };
        Err(self.error(ErrorType::Expression, detail))
    }

    pub(super) async fn is_true(&self, condition: &Arc<Expression>, input: &Val) -> Result<bool, Stop> {
        Ok(self.evaluate(condition, input).await?.as_bool())
    }

    /// Boxed where a template contains templates.
    pub(super) fn template<'a>(
        &'a self,
        template: &'a Template,
        input: &'a Val,
    ) -> BoxFuture<'a, Result<Val, Stop>> {
        async move {
            match template {
                Template::Literal(value) => Ok(value.clone()),
                Template::Expression(expression) => self.evaluate(expression, input).await,
                Template::Array(items) => {
                    let mut values = Vec::with_capacity(items.len());
                    for item in items {
                        values.push(self.template(item, input).await?);
                    }
                    Ok(values.into_iter().collect())
                }
                Template::Object(members) => {
                    let mut values = Map::default();
                    for (name, member) in members {
                        values.insert(data::text(name.as_str()), self.template(member, input).await?);
                    }
                    Ok(Val::obj(values))
                }
            }
        }
        .boxed()
    }

    /// The text a template gives; nothing where there is none, or it gives `null`.
    pub(super) async fn optional_text(
        &self,
        template: Option<&Template>,
        input: &Val,
    ) -> Result<Option<String>, Stop> {
        let Some(template) = template else {
            return Ok(None);
        };
        let value = self.template(template, input).await?;
        Ok((value != Val::Null).then(|| data::text_of(&value)))
    }

    /// What a task or the workflow works on.
    pub(super) async fn input(&self, input: &Input, raw: Val) -> Result<Val, Stop> {
        self.check(input.schema.as_ref(), &raw)?;
        match &input.from {
            Some(from) => self.template(from, &raw).await,
            None => Ok(raw),
        }
    }

    /// What it gives.
    pub(super) async fn output(&self, output: &Output, raw: Val) -> Result<Val, Stop> {
        let given = match &output.transform {
            Some(transform) => self.template(transform, &raw).await?,
            None => raw,
        };
        self.check(output.schema.as_ref(), &given)?;
        self.bounded(&given)?;
        Ok(given)
    }

    pub(super) fn check(&self, schema: Option<&Schema>, value: &Val) -> Result<(), Stop> {
        schema.map_or(Ok(()), |schema| schema.check(value)).map_err(|problem| match problem {
            SchemaProblem::Violated(detail) => self.error(ErrorType::Validation, detail),
            SchemaProblem::Elsewhere => {
                self.error(ErrorType::Configuration, "A schema that stands elsewhere is not fetched here.")
            }
        })
    }

    pub(super) fn bounded(&self, value: &Val) -> Result<(), Stop> {
        let fits = data::is_bounded(value, self.run.bounds.data);
        if fits { Ok(()) } else { Err(self.error(ErrorType::Runtime, "There is too much data.")) }
    }
}

/// A moment as the specification describes it to expressions.
pub(super) fn moment(moment: Timestamp) -> Val {
    let seconds = data::from_json(&moment.as_second().into());
    let milliseconds = data::from_json(&moment.as_millisecond().into());
    data::object([
        ("iso8601", data::text(super::moment_text(moment))),
        ("epoch", data::object([("seconds", seconds), ("milliseconds", milliseconds)])),
    ])
}
