//! Runs: as exactly whom, what goes wrong, what is kept of it and what never is.

use std::collections::BTreeMap;

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Sandbox};
use patchbay_core::connection::Health;
use patchbay_core::id::{InstanceId, RunId};
use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::edit::Edit;
use patchbay_core::workflow::run::{RunState, TaskState};
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Harness, sandbox, until};

impl Harness {
    /// A workflow of this list of tasks, written by hand.
    async fn written(&self, tasks: &str) -> WorkflowView {
        let view = self.engine.answer(CreateWorkflow { name: "By hand".into() }).await.expect("made");
        let text = view.text.replace("do: []", &format!("do:\n{tasks}"));
        let view = self.edit(&view, Edit::ReplaceText { text }).await;
        assert!(view.problems.iter().all(|problem| problem.line == 0 || !view.outline_is_old), "{view:#?}");
        view
    }

    pub(crate) async fn run(&self, view: &WorkflowView) -> RunView {
        let started = self.start_run(view).await;
        self.ended(started.summary.id).await
    }

    async fn start_run(&self, view: &WorkflowView) -> RunView {
        let request =
            StartRun { workflow: view.id, input: r#"{"greeting": "hi", "password": "pw-1"}"#.into() };
        self.engine.answer(request).await.expect("started")
    }

    async fn look_at_run(&self, run: RunId) -> RunView {
        self.engine.answer(GetRun { run }).await.expect("the run")
    }

    async fn ended(&self, run: RunId) -> RunView {
        until("the end of the run", || async {
            let view = self.look_at_run(run).await;
            (view.summary.state != RunState::Running).then_some(view)
        })
        .await
    }

    async fn labelled(&self, label: &str) -> ConnectionView {
        let all = self.connections().await;
        all.into_iter().find(|connection| connection.label == label).expect("connected")
    }
}

/// A task written by hand that calls `path` as GitHub.
fn call(name: &str, path: &str) -> String {
    format!(
        r#"  - {name}:
      call: http
      with:
        method: get
        endpoint:
          uri: ${{ "\($workflow.input.nango)/proxy{path}" }}
          authentication: {{ use: nango }}
        headers:
          Provider-Config-Key: whatever-the-file-says
          Connection-Id: ${{ $workflow.input.connections.host }}
      metadata:
        patchbay: {{ connector: github, role: host }}
"#
    )
}

/// As whom the proxy was called since: connection and path.
fn proxied(sandbox: &Sandbox, since: usize) -> Vec<(String, String)> {
    let calls =
        sandbox.requests().into_iter().skip(since).filter(|request| request.path.starts_with("/proxy/"));
    calls.map(|call| (call.connection_id.unwrap_or_default(), call.path)).collect()
}

async fn two_accounts(harness: &Harness) -> (ConnectionView, ConnectionView) {
    harness.connect("github", "alex").await;
    harness.connect("github", "sam").await;
    until("whose they are", || async {
        harness.connections().await.iter().all(|connection| connection.account.is_some()).then_some(())
    })
    .await;
    (harness.labelled("GitHub").await, harness.labelled("GitHub 2").await)
}

#[tokio::test]
async fn each_task_acts_as_exactly_whom_it_was_to() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let (alex, sam) = two_accounts(&harness).await;
    harness.connect("gitlab", "alex").await;
    let gitlab = harness.labelled("GitLab").await;
    let view = harness.workflow("Report", &["one", "two"]).await;
    let view = harness.add(&view, "gitlab", "list-projects", "three").await;
    let view = harness.bind(&view, Harness::role(&view), alex.instance).await;
    let view = harness.bind(&view, Slot::Task("two".into()), sam.instance).await;
    let role = view.castings[2].role.clone();
    let view = harness.bind(&view, Slot::Role(role), gitlab.instance).await;

    let since = sandbox.requests().len();
    let run = harness.run(&view).await;
    assert_eq!(run.summary.state, RunState::Completed, "{run:#?}");
    let called: Vec<String> = proxied(&sandbox, since).into_iter().map(|(id, _)| id).collect();
    let chosen = [&alex, &sam, &gitlab].map(|connection| connection.connection_id.to_string());
    assert_eq!(called, chosen);
    let ran: Vec<_> = run.entries.iter().map(|entry| entry.connection.as_ref().map(|c| c.instance)).collect();
    assert_eq!(ran, [Some(alex.instance), Some(sam.instance), Some(gitlab.instance)]);
    assert_eq!(run.entries[0].summary, "GET /repos/octocat/hello-world/issues → 200");
    assert_eq!((run.summary.tasks_begun, run.summary.tasks_ended), (3, 3));
    assert!(harness.labelled("GitHub").await.last_used_at.is_some());

    let plan = harness.engine.answer(PlanRun { workflow: view.id }).await.expect("a plan");
    assert_eq!(plan.last_input, r#"{"greeting":"hi"}"#, "a password is not kept");
    let page = ListRuns { workflow: Some(view.id), state: None, offset: 0, limit: 10 };
    let page = harness.engine.answer(page).await.expect("a page");
    assert_eq!((page.matching, page.total, page.runs[0].id), (1, 1, run.summary.id));
    let listed = ListWorkflows { search: String::new(), offset: 0, limit: 10 };
    let listed = harness.engine.answer(listed).await.expect("a page");
    assert_eq!(listed.workflows[0].last_run.as_ref().map(|run| run.state), Some(RunState::Completed));

    let other = harness.bind(&view, Harness::role(&view), sam.instance).await;
    let second = harness.run(&other).await;
    let request = CompareRuns { left: run.summary.id, right: second.summary.id };
    let comparison = harness.engine.answer(request).await.expect("a comparison");
    let differences: Vec<&[String]> =
        comparison.lines.iter().map(|line| line.differences.as_slice()).collect();
    assert_eq!(differences, [&["Ran as “GitHub 2” instead of “GitHub”".to_owned()][..], &[], &[]]);
}

#[tokio::test]
async fn what_the_log_keeps_holds_no_secret() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let alex = harness.connection().await;
    // This one repeats the token that it was asked with.
    let view = harness.written(&call("echo", "/echo")).await;
    let view = harness.bind(&view, Slot::Role("host".into()), alex.instance).await;
    let run = harness.run(&view).await;
    assert_eq!(run.summary.state, RunState::Completed, "{run:#?}");
    let request = GetRunEntry { run: run.summary.id, number: run.entries[0].number };
    let details = harness.engine.answer(request).await.expect("details");
    let exchange = &details.exchanges[0];
    assert_eq!((exchange.method.as_str(), exchange.status), ("GET", Some(200)));
    let header = |name: &str| {
        let found = exchange.request_headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(
        header("Provider-Config-Key").as_deref(),
        Some("github"),
        "what was used, not what the file says"
    );
    assert_eq!(header("Connection-Id"), Some(alex.connection_id.to_string()));
    let body = exchange.response_body.as_deref().expect("a body");
    assert!(body.contains("authorization") && body.contains("redacted"), "{body}");

    let mut kept = Vec::new();
    for file in std::fs::read_dir(harness.database().parent().expect("a folder")).expect("the folder") {
        let path = file.expect("a file").path();
        if path.is_file() {
            kept.extend(std::fs::read(path).expect("bytes"));
        }
    }
    let kept = String::from_utf8_lossy(&kept);
    assert!(kept.contains("/proxy/echo"), "the log was written");
    for secret in [sandbox.api_key(), "Bearer at_", "at_", "pw-1"] {
        assert!(!kept.contains(secret), "{secret} was kept");
    }
}

#[tokio::test]
async fn a_revoked_connection_fails_its_task_and_offers_the_reconnect() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let (alex, sam) = two_accounts(&harness).await;
    let view = harness.workflow("Report", &["one", "two"]).await;
    let view = harness.bind(&view, Harness::role(&view), alex.instance).await;
    let view = harness.bind(&view, Slot::Task("two".into()), sam.instance).await;
    sandbox.revoke_grants(sam.connection_id.as_str());
    let run = harness.run(&view).await;
    assert_eq!(run.summary.state, RunState::Faulted);
    let states: Vec<_> = run.entries.iter().map(|entry| (entry.state, entry.reconnect)).collect();
    let nobody: Option<InstanceId> = None;
    assert_eq!(states, [(TaskState::Completed, nobody), (TaskState::Faulted, Some(sam.instance))]);
    let failure = run.entries[1].failure.as_ref().expect("a reason");
    assert!(failure.hint.contains("Reconnect “GitHub 2”"), "{failure:?}");
    assert!(run.summary.problem.as_ref().is_some_and(|problem| problem.contains("“two”")), "{run:#?}");
    assert_eq!(harness.labelled("GitHub 2").await.health, Health::NeedsReconnect);
    assert_eq!(harness.labelled("GitHub").await.health, Health::Works);

    harness.reconnect(sam.instance, "sam").await;
    let run = harness.run(&view).await;
    assert_eq!(run.summary.state, RunState::Completed, "{run:#?}");
}

#[tokio::test]
async fn an_error_of_the_provider_is_told_from_one_of_nango() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let alex = harness.connection().await;
    let view = harness.written(&call("missing", "/404")).await;
    let view = harness.bind(&view, Slot::Role("host".into()), alex.instance).await;
    let run = harness.run(&view).await;
    let entry = &run.entries[0];
    let said = entry.failure.as_ref().expect("a reason");
    assert_eq!((said.code, entry.summary.as_str()), (Code::NotFound, "GET /404 → 404"));
    assert!(said.message.starts_with("GitHub does not have"), "{said:?}");
    assert_eq!(run.error.as_ref().map(|error| error.status), Some(404));

    // Nango's own limit is waited for; the call was not passed on.
    let busy = r#"{"error":{"code":"too_many_request","message":"Too many requests"}}"#;
    let headers = BTreeMap::from([("Retry-After".to_owned(), "1".to_owned())]);
    sandbox.set_faults(vec![Fault {
        matcher: FaultMatcher { method: None, path_prefix: "/proxy/".into() },
        times: Some(1),
        action: FaultAction::Status { code: 429, body: busy.to_owned(), headers },
    }]);
    let fine = harness.written(&call("fine", "/me")).await;
    let fine = harness.bind(&fine, Slot::Role("host".into()), alex.instance).await;
    let run = harness.run(&fine).await;
    assert_eq!(run.summary.state, RunState::Completed, "{run:#?}");
    sandbox.clear_faults();

    let elsewhere = crate::harness::elsewhere(&sandbox);
    elsewhere.delete_connection(alex.connection_id.as_str(), "github").await.expect("deleted");
    let run = harness.run(&fine).await;
    let said = run.entries[0].failure.as_ref().expect("a reason");
    assert!(said.message.starts_with("Nango does not have"), "{said:?}");
    assert_eq!(harness.connection().await.health, Health::Gone);
    harness.crash_and_start().await;
    assert_eq!(harness.look_at_run(run.summary.id).await, run, "what has ended stays as it was");
}

#[tokio::test]
async fn a_document_gets_neither_the_key_nor_a_connection_that_nobody_chose() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let (alex, sam) = two_accounts(&harness).await;
    let good = call("one", "/me");
    let base =
        good.replace("      metadata:", "          Base-Url-Override: https://evil.test\n      metadata:");
    let to_nango_itself = good.replace("/proxy/me", "/connections");
    let climbing = good.replace("/proxy/me", "/proxy/../connections");
    let elsewhere = good.replace(r#"\($workflow.input.nango)/proxy/me"#, sandbox.provider_url().as_str());
    let mut by_id = good.replace("${ $workflow.input.connections.host }", sam.connection_id.as_str());
    by_id.truncate(by_id.find("      metadata:").expect("there is some"));
    let by_id = by_id.replace("whatever-the-file-says", "github");
    for (what, tasks, code) in [
        ("another base", base, Code::MissingScope),
        ("Nango itself", to_nango_itself, Code::MissingScope),
        ("a climb out of the proxy", climbing, Code::InvalidInput),
        ("another server", elsewhere, Code::MissingScope),
        ("another id", by_id, Code::MissingScope),
    ] {
        let view = harness.written(&tasks).await;
        if !view.castings.is_empty() {
            harness.bind(&view, Slot::Role("host".into()), alex.instance).await;
        }
        let since = sandbox.requests().len();
        let run = harness.run(&view).await;
        assert_eq!(run.summary.state, RunState::Faulted, "{what}: {run:#?}");
        let said = run.entries[0].failure.as_ref().expect("a reason");
        assert_eq!(said.code, code, "{what}: {said:?}");
        assert_eq!(sandbox.requests().len(), since, "{what}: nobody was called");
    }
}

#[tokio::test]
async fn a_run_is_cancelled_at_once() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let alex = harness.connection().await;
    let view = harness.written(&call("slow", "/slow?s=300")).await;
    let view = harness.bind(&view, Slot::Role("host".into()), alex.instance).await;
    let started = harness.start_run(&view).await;
    let run = started.summary.id;
    until("the call", || async { (!harness.look_at_run(run).await.entries.is_empty()).then_some(()) }).await;
    let cancelled = harness.engine.answer(CancelRun { run }).await.expect("cancelled");
    assert_eq!(cancelled.summary.state, RunState::Cancelled);
    assert_eq!(cancelled.entries[0].state, TaskState::Cancelled);
    let again = harness.engine.answer(CancelRun { run }).await.expect("it has ended");
    assert_eq!(again, cancelled);
}

#[tokio::test]
async fn a_run_whose_process_ended_is_interrupted_and_never_begun_again() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let alex = harness.connection().await;
    let view = harness.written(&call("slow", "/slow?s=300")).await;
    let view = harness.bind(&view, Slot::Role("host".into()), alex.instance).await;
    let run = harness.start_run(&view).await.summary.id;
    until("the call", || async { (!harness.look_at_run(run).await.entries.is_empty()).then_some(()) }).await;

    // Another one beside it, as the command line is, leaves it alone and cannot cancel it.
    let beside = harness.beside().await;
    beside.resume().await;
    let seen = beside.answer(GetRun { run }).await.expect("the run");
    assert_eq!(seen.summary.state, RunState::Running);
    let refused = beside.answer(CancelRun { run }).await.expect_err("it is not its own");
    assert_eq!(refused.code, Code::Conflict);
    beside.stop().await;

    let calls = sandbox.requests().len();
    harness.crash_and_start().await;
    let found = harness.look_at_run(run).await;
    assert_eq!(
        (found.summary.state, found.entries[0].state),
        (RunState::Interrupted, TaskState::Interrupted)
    );
    assert!(found.summary.problem.is_some() && found.summary.ended_at.is_some());
    let made = proxied(&sandbox, calls);
    assert!(made.is_empty(), "nothing is run again by itself: {made:?}");
}

#[tokio::test]
async fn an_expression_is_tried_on_what_the_last_run_saw() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let tasks = "  - first:\n      set: { items: [1, 2, 3] }\n  - second:\n      set: { n: '${ .items | length }' }\n";
    let view = harness.written(tasks).await;
    let preview = |expression: &str| {
        let path = view.outline.tasks[1].path.clone();
        harness.engine.answer(PreviewExpression {
            workflow: view.id,
            path,
            expression: expression.to_owned(),
        })
    };
    let before = preview("${ . }").await.expect("a preview");
    assert_eq!((before.value.as_deref(), before.of_run_at), (Some("{}"), None));
    let run = harness.run(&view).await;
    assert_eq!((run.summary.state, run.output.as_deref()), (RunState::Completed, Some(r#"{"n":3}"#)));
    let after = preview("${ .items | add }").await.expect("a preview");
    assert_eq!((after.value.as_deref(), after.of_run_at), (Some("6"), Some(run.summary.started_at)));
    assert_eq!(
        preview("$workflow.input.greeting").await.expect("a preview").value.as_deref(),
        Some(r#""hi""#)
    );
    let half = preview("${ .items | }").await.expect("a preview").problem.unwrap_or_default();
    assert_eq!(half, "this is not jq: expected term at the end");
    let apart = preview("1) | (2").await.expect("a preview");
    assert!(apart.problem.is_some(), "it is one expression: {apart:?}");
    let wrong = preview("${ .items | nothing_like_it }").await.expect("a preview");
    assert!(wrong.value.is_none() && wrong.problem.is_some(), "{wrong:?}");
}

#[tokio::test]
async fn an_expression_is_tried_with_the_context_and_the_variables_around_it() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let tasks = r#"  - first:
      set: { names: [a, b] }
      export: { as: '${ {greeting: "hi"} }' }
  - each:
      for: { each: name, in: '${ .names }' }
      do:
        - say:
            set: { said: '${ $context.greeting + " " + $name }' }
"#;
    let view = harness.written(tasks).await;
    let preview = async |expression: &str| {
        let path = view.outline.tasks[1].lists[0].tasks[0].path.clone();
        let request = PreviewExpression { workflow: view.id, path, expression: expression.to_owned() };
        let shown = harness.engine.answer(request).await.expect("a preview");
        shown.value.ok_or(shown.problem.unwrap_or_default())
    };
    let unknown = preview("${ $name }").await.expect_err("nothing has run");
    assert!(unknown.starts_with("What $name is here is known only once"), "{unknown}");
    assert_eq!(preview("${ $context }").await.as_deref(), Ok("null"));
    assert_eq!(harness.run(&view).await.summary.state, RunState::Completed);
    assert_eq!(
        preview("${ [$context.greeting, $name, $index, $workflow.input.greeting] }").await.as_deref(),
        Ok(r#"["hi","b",1,"hi"]"#)
    );
    assert!(preview("${ $names }").await.is_err(), "there is no such variable");
}
