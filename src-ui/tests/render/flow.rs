//! Workflows and runs to show.

use jiff::{SignedDuration, Timestamp};
use patchbay_core::workflow::binding::{CastingState, Slot};
use patchbay_core::workflow::outline::{
    ConnectorCall, ListRole, Outline, Pointer, RoleOutline, SwitchCase, TaskKind, TaskList, TaskOutline,
};
use patchbay_core::workflow::problem::{Problem, Severity};
use patchbay_core::workflow::run::{RunState, TaskState};
use patchbay_ipc::{
    CastingView, ComparisonLine, ConnectorBadge, ExchangeView, ReplacementChange, ReplacementPlan,
    RunComparison, RunEntryDetails, RunEntryView, RunSummary, RunView, WorkflowSummary, WorkflowView,
};

use super::sample;

const ID: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

pub(crate) fn github() -> ConnectorBadge {
    ConnectorBadge { slug: "github".into(), name: "GitHub".into(), icon: Some("SiGithub".into()) }
}

fn task(path: &str, kind: TaskKind, summary: &str) -> TaskOutline {
    TaskOutline {
        path: path.into(),
        name: path.rsplit('/').next().unwrap_or_default().into(),
        kind,
        summary: summary.into(),
        lines: (3, 9),
        condition: None,
        then: None,
        connector: None,
        lists: vec![],
        cases: vec![],
        position: None,
    }
}

fn call(path: &str, summary: &str) -> TaskOutline {
    let connector = ConnectorCall {
        connector: "github".into(),
        operation: Some("list-issues".into()),
        role: "codeHost".into(),
        integration: None,
        parameters: vec![],
    };
    TaskOutline { connector: Some(connector), ..task(path, TaskKind::CallHttp, summary) }
}

pub(crate) fn casting(path: &str, label: &str, state: CastingState, words: &str) -> CastingView {
    let connection = match state {
        CastingState::Unbound => None,
        CastingState::NeedsReconnect => Some(sample::connection(label)),
        _ => Some(sample::working(label)),
    };
    CastingView {
        path: path.into(),
        task: path.rsplit('/').next().unwrap_or_default().into(),
        connector: github(),
        role: "codeHost".into(),
        tasks_of_role: 2,
        is_override: state == CastingState::Ready,
        connection,
        state,
        words: words.into(),
    }
}

pub(crate) fn view() -> WorkflowView {
    let mut attempt = task("/do/4/attempt", TaskKind::Try, "");
    let list = |at: &str, role, tasks| TaskList {
        pointer: Pointer::from(format!("/do/4/attempt/{at}")),
        role,
        tasks,
    };
    attempt.lists = vec![
        list("try", ListRole::Try, vec![task("/do/4/attempt/try/0/inner", TaskKind::Set, "x")]),
        list("catch/do", ListRole::Catch, vec![]),
    ];
    let mut route = task("/do/3/route", TaskKind::Switch, "a, b");
    let case = |name: &str, when: Option<&str>| SwitchCase {
        name: name.into(),
        when: when.map(str::to_owned),
        then: Some("end".into()),
    };
    route.cases = vec![case("a", Some(".x")), case("b", None)];
    let tasks = vec![
        call("/do/0/listIssues", "List issues"),
        call("/do/1/createIssue", "Create an issue"),
        call("/do/2/closeIssue", "Close an issue"),
        route,
        attempt,
    ];
    let roles = vec![RoleOutline { role: "codeHost".into(), connector: "github".into(), tasks: vec![] }];
    let problem = Problem {
        severity: Severity::Warning,
        line: 12,
        column: 1,
        pointer: "/do/2/closeIssue/with".into(),
        message: "No title.".into(),
    };
    WorkflowView {
        id: ID.parse().expect("an id"),
        name: "Triage".into(),
        text: "do: []\n".into(),
        version: 1,
        is_changed: false,
        undo: None,
        redo: None,
        outline: Outline { name: "triage".into(), tasks, roles, ..Outline::default() },
        outline_is_old: false,
        problems: vec![problem],
        connectors: vec![github()],
        castings: vec![
            casting("/do/0/listIssues", "work", CastingState::Ready, "Ready"),
            casting("/do/1/createIssue", "", CastingState::Unbound, "Not bound"),
            casting("/do/2/closeIssue", "old", CastingState::NeedsReconnect, "Needs reconnect"),
        ],
        left_over: vec![],
        updated_at: sample::now(),
    }
}

pub(crate) fn summary(blocked: u32, errors: u32) -> WorkflowSummary {
    WorkflowSummary {
        id: ID.parse().expect("an id"),
        name: "Triage".into(),
        connectors: vec![github()],
        tasks: 5,
        blocked,
        errors,
        updated_at: sample::now(),
        last_run: None,
    }
}

pub(crate) fn replacement() -> ReplacementPlan {
    let change = |slot, tasks: &[&str]| ReplacementChange {
        workflow: ID.parse().expect("an id"),
        name: "Triage".into(),
        slot,
        tasks: tasks.iter().map(|task| (*task).to_owned()).collect(),
    };
    ReplacementPlan {
        from: sample::connection("old"),
        to: sample::working("work"),
        changes: vec![
            change(Slot::Role("codeHost".into()), &["listIssues", "closeIssue"]),
            change(Slot::Task("createIssue".into()), &["createIssue"]),
        ],
    }
}

fn at(seconds: i64) -> Timestamp {
    sample::now() + SignedDuration::from_secs(seconds)
}

fn entry(number: u32, name: &str, state: TaskState, from: i64, until: i64) -> RunEntryView {
    RunEntryView {
        number,
        parent: number.checked_sub(1),
        path: Pointer::from(format!("/do/{number}/{name}")),
        task: name.into(),
        state,
        started_at: at(from),
        ended_at: Some(at(until)),
        attempts: 1,
        connector: None,
        connection: None,
        connection_id: None,
        summary: "3 items".into(),
        failure: None,
        reconnect: None,
    }
}

fn failed() -> RunEntryView {
    let connection = sample::connection("work");
    RunEntryView {
        attempts: 3,
        summary: "GET /x → 401".into(),
        failure: Some(sample::failure()),
        reconnect: Some(connection.instance),
        connection_id: Some("conn-1".into()),
        connection: Some(connection),
        connector: Some(github()),
        ..entry(1, "listIssues", TaskState::Faulted, 5, 10)
    }
}

pub(crate) fn run(state: RunState) -> RunView {
    RunView {
        summary: RunSummary {
            id: ID.parse().expect("an id"),
            workflow: ID.parse().expect("an id"),
            name: "Triage".into(),
            state,
            words: state.words().into(),
            started_at: at(0),
            ended_at: Some(at(10)),
            tasks_ended: 2,
            tasks_begun: 2,
            problem: Some("“listIssues” failed.".into()),
        },
        input: "{}".into(),
        output: None,
        failure: Some(sample::failure()),
        error: None,
        entries: vec![entry(0, "loop", TaskState::Completed, 0, 10), failed()],
        entries_total: 2,
    }
}

pub(crate) fn entry_details() -> RunEntryDetails {
    let exchange = ExchangeView {
        at: at(5),
        method: "GET".into(),
        url: "https://nango.example.test/proxy/x".into(),
        request_headers: vec![("authorization".into(), "redacted".into())],
        request_body: None,
        status: Some(401),
        response_headers: vec![],
        response_body: Some("<b>no</b>".into()),
        took_ms: 120,
        problem: None,
    };
    RunEntryDetails {
        entry: failed(),
        input: None,
        output: None,
        error: None,
        exchanges: vec![exchange.clone(), exchange],
    }
}

pub(crate) fn comparison() -> RunComparison {
    let line = |right: Option<RunEntryView>, differences: &[&str]| ComparisonLine {
        task: "listIssues".into(),
        left: Some(failed()),
        right,
        differences: differences.iter().map(|words| (*words).to_owned()).collect(),
    };
    RunComparison {
        left: run(RunState::Faulted).summary,
        right: run(RunState::Completed).summary,
        lines: vec![line(None, &["Ran as “work” instead of “private”"]), line(Some(failed()), &[])],
    }
}
