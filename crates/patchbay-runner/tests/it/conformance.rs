//! The scenarios of the specification's conformance kit, from its own feature files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use axum::extract::{Path as At, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use gherkin::{Feature, GherkinEnv, Scenario};
use patchbay_runner::{Outcome, Program, run};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Bench, yaml};

/// Scenarios that are not to pass, and why.
const REFUSED: [(&str, &str); 2] = [
    (
        "Call OpenAPI With Content Output",
        "`call: openapi` is not part of the profile; it is refused when it is reached",
    ),
    ("Call OpenAPI With Response Output", "the same"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_conformance_kit() {
    let Some(folder) = kit() else {
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "feature"));
    files.sort();

    let mut table = String::new();
    let mut problems = Vec::new();
    let (mut passed, mut total) = (0, 0);
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let feature = Feature::parse_path(file, GherkinEnv::default()).unwrap();
        for scenario in &feature.scenarios {
            total += 1;
            let expected = REFUSED.iter().find(|(refused, _)| *refused == scenario.name);
            let result = check(scenario).await;
            passed += usize::from(result.is_ok());
            let verdict = match (&result, expected) {
                (Ok(()), None) => "passes".to_owned(),
                (Err(problem), Some((_, why))) if problem.contains("is not run here") => {
                    format!("refused: {why}")
                }
                (Err(problem), _) => format!("fails: {problem}"),
                (Ok(()), Some(_)) => "passes, although it is named as refused".to_owned(),
            };
            if !verdict.starts_with("passes") && expected.is_none() || result.is_ok() && expected.is_some() {
                problems.push(format!("{}: {verdict}", scenario.name));
            }
            writeln!(table, "| `{name}` | {} | {verdict} |", scenario.name).unwrap();
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!((passed, total), (19, 21), "scenarios that pass, and all of them");
    compare(&format!(
        "# Conformance\n\n\
         What the runner makes of the scenarios of the conformance kit of the Open Workflow Specification, DSL 1.0.3.\n\
         A test runs them from the kit's own files and compares this page with what came out; with\n\
         `PATCHBAY_WRITE_DOCS=1` it writes the page. The services they call are a server in the test.\n\n\
         {passed} of {total} pass.\n\n\
         | file | scenario | |\n|---|---|---|\n{table}"
    ));
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The kit is not part of this repository; `PATCHBAY_CTK` names the folder that has it.
fn kit() -> Option<PathBuf> {
    let folder = std::env::var_os("PATCHBAY_CTK")
        .map_or_else(|| root().join("../shared/openworkflow/ctk"), PathBuf::from);
    if !folder.is_dir() {
        eprintln!(
            "NOT RUN: the_conformance_kit, because {} cannot be read; set PATCHBAY_CTK",
            folder.display()
        );
        return None;
    }
    Some(folder)
}

fn compare(page: &str) {
    let path = root().join("docs/CONFORMANCE.md");
    if std::env::var_os("PATCHBAY_WRITE_DOCS").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/CONFORMANCE.md is not what came out; write it with PATCHBAY_WRITE_DOCS=1");
}

/// Runs one scenario. An error is what is not as it says.
async fn check(scenario: &Scenario) -> Result<(), String> {
    let bench = Bench::with(services()).await;
    let (mut definition, mut input, mut outcome) = (Value::Null, json!({}), None);
    for step in &scenario.steps {
        let text = step.value.trim();
        let doc = || {
            let doc = step.docstring.as_deref().ok_or("a text is missing")?;
            let doc = doc.trim_start().strip_prefix("yaml").unwrap_or(doc);
            yaml(doc)
        };
        match text {
            "a workflow with definition:" => definition = doc()?,
            "given the workflow input is:" => input = doc()?,
            "the workflow is executed" => {
                let program = Program::new(definition.take()).map_err(|error| error.to_string())?;
                outcome = Some(run(&program, input.take(), &bench.host, CancellationToken::new()).await);
            }
            _ => {
                let outcome = outcome.as_ref().ok_or("it was not executed yet")?;
                holds(text, outcome, &bench, doc)?;
            }
        }
    }
    Ok(())
}

fn holds(
    text: &str,
    outcome: &Outcome,
    bench: &Bench,
    doc: impl Fn() -> Result<Value, String>,
) -> Result<(), String> {
    let output = match outcome {
        Outcome::Completed(output) => Ok(output),
        Outcome::Faulted(fault) => {
            Err(format!("it faulted: {}", fault.error.detail.as_deref().unwrap_or_default()))
        }
        Outcome::Cancelled => Err("it was cancelled".to_owned()),
    };
    let quoted: Vec<&str> = text.split('\'').skip(1).step_by(2).collect();
    let order = bench.log.order();
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["the", "workflow", "should", "complete"] => output.map(|_| ()),
        ["the", "workflow", "should", "fault"] => output.err().map(|_| ()).ok_or("it completed".to_owned()),
        ["the", "workflow", "should", "complete", "with", "output:"] => same(output?, &doc()?),
        ["the", "workflow", "should", "fault", "with", "error:"] => match outcome {
            Outcome::Faulted(fault) => {
                let error = serde_json::to_value(&fault.error).unwrap();
                let expected = doc()?;
                expected.as_object().unwrap().iter().try_for_each(|(name, value)| same(&error[name], value))
            }
            other => Err(format!("it did not fault: {other:?}")),
        },
        ["the", "workflow", "output", "should", "have", "properties", ..] => {
            let output = output?;
            quoted.iter().try_for_each(|path| at(output, path).map(|_| ()))
        }
        ["the", "workflow", "output", "should", "have", "a", _, "property", "with", "value:"] => {
            same(at(output?, quoted[0])?, &doc()?)
        }
        ["the", "workflow", "output", "should", "have", "a", _, "property", "containing", count, "items"] => {
            same(
                &json!(at(output?, quoted[0])?.as_array().map(Vec::len)),
                &json!(count.parse::<usize>().unwrap()),
            )
        }
        [task, "should", "run", "first"] => same(&json!(order.first()), &json!(task)),
        [task, "should", "run", "last"] => same(&json!(order.last()), &json!(task)),
        [task, "should", "run", "after", other] => {
            let place = |name| order.iter().position(|ran| ran == name);
            let is_after = place(task).zip(place(other)).is_some_and(|(task, other)| task > other);
            is_after.then_some(()).ok_or_else(|| format!("{task} did not run after {other}: {order:?}"))
        }
        _ => Err(format!("this step is not known: {text}")),
    }
}

fn at<'v>(value: &'v Value, path: &str) -> Result<&'v Value, String> {
    let pointer = format!("/{}", path.replace('.', "/"));
    value.pointer(&pointer).ok_or_else(|| format!("{path} is missing in {value}"))
}

fn same(is: &Value, expected: &Value) -> Result<(), String> {
    if is == expected { Ok(()) } else { Err(format!("{is} instead of {expected}")) }
}

/// What the scenarios call at petstore.swagger.io and httpbin.org.
fn services() -> Router {
    let pet = |id: u64, status: &str| json!({"id": id, "name": "Milou", "status": status});
    Router::new()
        .route("/v2/pet/{id}", get(move |At(id): At<u64>| async move { Json(pet(id, "available")) }))
        .route(
            "/v2/pet/findByStatus",
            get(move |Query(query): Query<std::collections::HashMap<String, String>>| async move {
                Json(vec![pet(1, &query["status"])])
            }),
        )
        .route(
            "/basic-auth/{user}/{password}",
            get(async |At((user, password)): At<(String, String)>, headers: HeaderMap| {
                use base64::Engine as _;
                let expected = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
                let given = headers.get("authorization").and_then(|value| value.to_str().ok());
                match given == Some(&format!("Basic {expected}")) {
                    true => Ok(Json(json!({"authenticated": true, "user": user}))),
                    false => Err(StatusCode::UNAUTHORIZED),
                }
            }),
        )
}
