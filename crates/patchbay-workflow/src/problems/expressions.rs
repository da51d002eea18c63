//! Expressions, wherever they stand.

use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::problem::Severity;
use serde_json::Value;

use super::Problems;
use super::schema::nearest;
use crate::expression;
use crate::jq::{self, Trouble};
use patchbay_texts::t;

/// Checks the expressions in a value. `steps` leads to it from the task or the document; the tasks in it are left
/// out, because their expressions can name other variables.
pub(super) fn check(
    problems: &mut Problems<'_>,
    value: &Value,
    at: &Pointer,
    steps: &[&str],
    variables: &[String],
) {
    if is_passed_over(steps) {
        return;
    }
    let deeper = |step: &'_ str| {
        steps.iter().map(|step| (*step).to_owned()).chain([step.to_owned()]).collect::<Vec<_>>()
    };
    match value {
        Value::String(text) => {
            if let Some(jq) = expression::inside(text) {
                report(problems, jq, at, steps, variables);
            } else if is_expression_anyway(steps) {
                report(problems, text, at, steps, variables);
            } else if text.trim_start().starts_with("${") {
                let message =
                    t!("This begins like an expression and does not end with “}”, so it is taken as text.");
                problems.about(Severity::Warning, at, message.to_owned());
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let steps = deeper(&index.to_string());
                let steps: Vec<_> = steps.iter().map(String::as_str).collect();
                check(problems, item, &at.child(index), &steps, variables);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let steps = deeper(name);
                let steps: Vec<_> = steps.iter().map(String::as_str).collect();
                check(problems, member, &at.child(name), &steps, variables);
            }
        }
        _ => {}
    }
}

/// Lists of tasks, and members that are data whatever they look like.
fn is_passed_over(steps: &[&str]) -> bool {
    matches!(
        steps,
        ["do"]
            | ["try"]
            | ["catch", "do"]
            | ["fork", "branches"]
            | ["foreach", "do"]
            | ["metadata"]
            | ["use", "functions" | "extensions"]
            | ["input" | "output" | "export", "schema"]
    )
}

/// Members that are expressions also without `${ }`.
fn is_expression_anyway(steps: &[&str]) -> bool {
    matches!(
        steps,
        ["if" | "while"]
            | ["input", "from"]
            | ["output" | "export", "as"]
            | ["for", "in"]
            | ["switch", _, _, "when"]
            | ["catch", "when" | "exceptWhen"]
            | ["catch", "retry", "when" | "exceptWhen"]
            | ["use", "retries", _, "when" | "exceptWhen"]
    )
}

fn report(problems: &mut Problems<'_>, jq: &str, at: &Pointer, steps: &[&str], variables: &[String]) {
    for trouble in problems.of_expression(jq, variables) {
        let (severity, message) = match trouble {
            Trouble::Syntax(what) => (Severity::Error, t!("This is no jq expression: {what}.", what)),
            Trouble::TooLarge => {
                (Severity::Warning, t!("This expression is too large to be checked before a run.").to_owned())
            }
            Trouble::Variable(name) => (Severity::Error, t!("There is no variable {name} here.", name)),
            Trouble::Function { name, arguments: 0, other: Some(count) } => {
                (Severity::Error, t!("The function {name} needs {count}.", name, count = counted(count)))
            }
            Trouble::Function { name, arguments, other: Some(count) } => {
                let (count, arguments) = (counted(count), counted(arguments));
                (
                    Severity::Error,
                    t!("The function {name} takes {count}, not {arguments}.", name, count, arguments),
                )
            }
            Trouble::Function { name, other: None, .. } => {
                let hint =
                    nearest(&name, &jq::names()).map(|near| format!(" {}", t!("Did you mean {near}?", near)));
                (
                    Severity::Error,
                    format!("{}{}", t!("There is no function {name}.", name), hint.unwrap_or_default()),
                )
            }
            Trouble::Secrets if matches!(steps, ["use", "authentications", "nango", ..]) => continue,
            Trouble::Secrets => {
                let message = t!("A run here gives no secrets to expressions: $secrets is empty.");
                (Severity::Warning, message.to_owned())
            }
        };
        problems.about(severity, at, message);
    }
}

fn counted(arguments: usize) -> String {
    match arguments {
        0 => t!("no argument").to_owned(),
        count => t!("1 argument" | "{count} arguments" % count, count),
    }
}
