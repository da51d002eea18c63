//! Workflows: documents with their versions, bindings, the picker, replacements, files.

use patchbay_core::connection::Health;
use patchbay_core::id::{InstanceId, WorkflowId};
use patchbay_core::workflow::binding::{Binding, CastingState, Slot};
use patchbay_core::workflow::edit::{Edit, NewTask};
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Harness, sandbox, until};

impl Harness {
    /// A workflow with one GitHub task for each name, all of one role.
    pub(crate) async fn workflow(&self, title: &str, tasks: &[&str]) -> WorkflowView {
        let mut view = self.engine.answer(CreateWorkflow { name: title.to_owned() }).await.expect("made");
        for task in tasks {
            view = self.add(&view, "github", "list-issues", task).await;
        }
        view
    }

    /// Adds a task at the end, with the parameters its operation cannot do without.
    pub(crate) async fn add(
        &self,
        view: &WorkflowView,
        connector: &str,
        operation: &str,
        name: &str,
    ) -> WorkflowView {
        let index = u32::try_from(view.outline.tasks.len()).expect("few");
        let task = NewTask::Operation {
            connector: connector.into(),
            operation: operation.to_owned(),
            role: None,
            integration: None,
        };
        let mut view = self.edit(view, Edit::AddTask { list: "/do".into(), index, task }).await;
        let added = view.outline.tasks[index as usize].clone();
        if added.name != name {
            view = self.edit(&view, Edit::RenameTask { path: added.path, name: name.to_owned() }).await;
        }
        for (parameter, value) in [("owner", "octocat"), ("repo", "hello-world")] {
            if connector != "github" {
                break;
            }
            let path = view.outline.tasks[index as usize].path.clone();
            let (name, value) = (parameter.to_owned(), Some(value.to_owned()));
            view = self.edit(&view, Edit::SetParameter { path, name, value }).await;
        }
        view
    }

    pub(crate) async fn edit(&self, view: &WorkflowView, edit: Edit) -> WorkflowView {
        let request = EditWorkflow { workflow: view.id, version: view.version, edit };
        self.engine.answer(request).await.expect("edited")
    }

    pub(crate) async fn look(&self, workflow: WorkflowId) -> WorkflowView {
        self.engine.answer(GetWorkflow { workflow }).await.expect("the workflow")
    }

    pub(crate) async fn bind(&self, view: &WorkflowView, slot: Slot, instance: InstanceId) -> WorkflowView {
        let request = Bind { workflow: view.id, slot, instance: Some(instance) };
        self.engine.answer(request).await.expect("bound")
    }

    /// The role of a workflow's first connector task.
    pub(crate) fn role(view: &WorkflowView) -> Slot {
        Slot::Role(view.outline.roles[0].role.clone())
    }
}

/// Each task, with what it would run as and how that stands.
fn cast(view: &WorkflowView) -> Vec<(&str, Option<&str>, CastingState)> {
    let mut rows = Vec::new();
    for CastingView { task, connection, state, .. } in &view.castings {
        rows.push((task.as_str(), connection.as_ref().map(|c| c.label.as_str()), *state));
    }
    rows
}

#[tokio::test]
async fn what_was_edited_can_be_undone_by_the_next_run_of_the_application() {
    let sandbox = sandbox().await;
    let mut harness = Harness::on(&sandbox).await;
    let empty = harness.engine.answer(CreateWorkflow { name: " ".into() }).await.expect("made");
    assert_eq!((empty.name.as_str(), empty.is_changed, &empty.undo), ("Untitled workflow", true, &None));
    let second = harness.engine.answer(CreateWorkflow { name: String::new() }).await.expect("made");
    assert_eq!(second.name, "Untitled workflow 2");

    let one = harness.add(&empty, "github", "list-issues", "one").await;
    assert_eq!(one.outline.tasks.len(), 1);
    let late = EditWorkflow { workflow: empty.id, version: empty.version, edit: Edit::Tidy };
    let refused = harness.engine.answer(late).await.expect_err("made on an old version");
    assert_eq!(refused.code, Code::Conflict);
    let saved = harness.engine.answer(SaveWorkflow { workflow: empty.id }).await.expect("saved");
    assert!(!saved.is_changed);
    let broken = Edit::ReplaceText { text: format!("{}\n  - : [", one.text) };
    let broken = harness.edit(&saved, broken).await;
    assert!(broken.outline_is_old && broken.is_changed && !broken.problems.is_empty());
    assert_eq!(broken.outline, one.outline, "what the last readable text said is still drawn");

    harness.crash_and_start().await;
    let found = harness.look(empty.id).await;
    assert_eq!(found, broken);
    let undone = harness.engine.answer(UndoEdit { workflow: empty.id }).await.expect("undone");
    assert_eq!(
        (undone.text.as_str(), undone.is_changed, undone.outline_is_old),
        (one.text.as_str(), false, false)
    );
    assert!(undone.redo.is_some());
    let redone = harness.engine.answer(RedoEdit { workflow: empty.id }).await.expect("done again");
    assert_eq!(redone, WorkflowView { updated_at: redone.updated_at, ..broken });
    let nothing = harness.engine.answer(RedoEdit { workflow: empty.id }).await.expect_err("nothing is left");
    assert_eq!(nothing.code, Code::Conflict);

    harness.engine.answer(DeleteWorkflow { workflow: second.id }).await.expect("put away");
    let all = ListWorkflows { search: String::new(), offset: 0, limit: 50 };
    let page = harness.engine.answer(all.clone()).await.expect("a page");
    assert_eq!((page.total, page.workflows[0].id, page.workflows[0].tasks), (1, empty.id, 1));
    harness.engine.answer(RestoreWorkflow { workflow: second.id }).await.expect("back");
    assert_eq!(harness.engine.answer(all).await.expect("a page").total, 2);
}

#[tokio::test]
async fn a_task_runs_as_what_was_chosen_and_nothing_is_chosen_by_itself() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    let view = harness.workflow("Two accounts", &["one", "two"]).await;
    harness.connect("github", "alex").await;
    let alex = harness.connection().await;
    let view = harness.look(view.id).await;
    assert_eq!(cast(&view), [("one", None, CastingState::Unbound), ("two", None, CastingState::Unbound)]);
    assert_eq!(view.castings[0].tasks_of_role, 2);
    let plan = harness.engine.answer(PlanRun { workflow: view.id }).await.expect("a plan");
    assert_eq!((plan.obstacles.len(), plan.last_input.as_str()), (1, "{}"), "{:?}", plan.obstacles);
    assert!(plan.obstacles[0].contains("“one”, “two”"), "{:?}", plan.obstacles);

    harness.connect("github", "sam").await;
    let sam = harness.connections().await.into_iter().find(|c| c.instance != alex.instance).expect("another");
    let view = harness.bind(&view, Harness::role(&view), alex.instance).await;
    let view = harness.bind(&view, Slot::Task("two".into()), sam.instance).await;
    assert_eq!(
        cast(&view),
        [("one", Some("GitHub"), CastingState::Ready), ("two", Some("GitHub 2"), CastingState::Ready)]
    );
    let path = view.outline.tasks[1].path.clone();
    let renamed = harness.edit(&view, Edit::RenameTask { path, name: "zwei".into() }).await;
    assert_eq!(cast(&renamed)[1], ("zwei", Some("GitHub 2"), CastingState::Ready));
    let plan = harness.engine.answer(PlanRun { workflow: view.id }).await.expect("a plan");
    assert!(plan.obstacles.is_empty(), "{:?}", plan.obstacles);
    let uses = harness.engine.answer(ListUses { instance: sam.instance }).await.expect("uses");
    assert_eq!((uses.len(), &uses[0].tasks), (1, &vec!["zwei".to_owned()]));

    let Slot::Role(role) = Harness::role(&view) else { panic!("a role") };
    let all = BindAll { workflow: view.id, role, instance: sam.instance };
    let view = harness.engine.answer(all).await.expect("bound");
    assert!(view.castings.iter().all(|casting| !casting.is_override), "{:?}", view.castings);

    harness.connect("gitlab", "alex").await;
    let gitlab = harness.connections().await.into_iter().find(|c| c.label == "GitLab").expect("one");
    let wrong = Bind { workflow: view.id, slot: Harness::role(&view), instance: Some(gitlab.instance) };
    assert_eq!(harness.engine.answer(wrong).await.expect_err("GitLab is no GitHub").code, Code::InvalidInput);
}

#[tokio::test]
async fn a_disconnect_names_the_tasks_and_keeps_the_entry() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let alex = harness.connection().await;
    let view = harness.workflow("Nightly report", &["one"]).await;
    let view = harness.bind(&view, Harness::role(&view), alex.instance).await;
    let plan = harness.engine.answer(PlanDisconnect { instance: alex.instance }).await.expect("a plan");
    let named = |sentence: &String| sentence.contains("Nightly report") && sentence.contains("“one”");
    assert!(plan.consequences.iter().any(named), "{:?}", plan.consequences);
    let report =
        harness.engine.answer(DisconnectConnection { instance: alex.instance }).await.expect("a report");
    assert_eq!((report.at_nango, report.removed_here), (AtNango::Deleted, false));
    assert_eq!(harness.connection().await.health, Health::Gone);
    assert_eq!(cast(&harness.look(view.id).await), [("one", Some("GitHub"), CastingState::Gone)]);
    let page = ListWorkflows { search: "report github".into(), offset: 0, limit: 50 };
    let page = harness.engine.answer(page).await.expect("a page");
    assert_eq!((page.matching, page.workflows[0].blocked), (1, 1));
    let start = StartRun { workflow: view.id, input: "{}".into() };
    let refused = harness.engine.answer(start).await.expect_err("blocked");
    assert_eq!(refused.code, Code::Conflict);
    assert!(refused.message.contains("was deleted"), "{refused:?}");
}

async fn pick(harness: &Harness, search: &str) -> CandidatePage {
    let request =
        ListCandidates { connector: "github".into(), search: search.to_owned(), offset: 0, limit: 50 };
    harness.engine.answer(request).await.expect("a page")
}

#[tokio::test]
async fn an_empty_picker_says_why() {
    let mut sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    until("the first sync", || async {
        let overview = harness.engine.answer(GetOverview {}).await.expect("an overview");
        overview.profile.and_then(|profile| profile.last_synced_at)
    })
    .await;
    let reason = |page: CandidatePage| page.empty.map(|empty| empty.reason);
    assert_eq!(reason(pick(&harness, "").await), Some(EmptyReason::NoneYet));
    harness.connect("github", "alex").await;
    sandbox.stop_nango().await;
    let page = pick(&harness, "hub").await;
    assert_eq!((page.matching, page.total, &page.empty), (1, 1, &None), "with the network unplugged");
    assert_eq!(reason(pick(&harness, "nobody").await), Some(EmptyReason::Filtered));

    sandbox.restart_nango().await.expect("it starts again");
    let other = crate::harness::sandbox().await;
    let never =
        other.create_api_key(&["environment:connect_sessions:write", "environment:integrations:list"]);
    harness.save(other.base_url(), &never).await.expect("another profile");
    assert_eq!(reason(pick(&harness, "").await), Some(EmptyReason::OtherProfile), "this key cannot sync");
    let mut unreachable = crate::harness::profile_form("http://127.0.0.1:9/", other.api_key());
    unreachable.accept_problems = true;
    harness.engine.answer(unreachable).await.expect("a third profile");
    let page = pick(&harness, "").await;
    let empty = page.empty.expect("empty");
    assert_eq!(empty.reason, EmptyReason::NeverSynced);
    assert!(empty.words.contains("GitHub") && empty.words.contains("Sync"), "{}", empty.words);
}

/// The bindings of every workflow, read past the engine.
fn bindings(harness: &Harness) -> Vec<String> {
    let database = rusqlite::Connection::open(harness.database()).expect("the database");
    let mut statement = database
        .prepare(
            "SELECT workflow_id || slot_kind || slot_name || instance_id FROM workflow_bindings
             UNION ALL SELECT 'replacement ' || id FROM replacements ORDER BY 1",
        )
        .expect("a query");
    statement.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("a row")).collect()
}

#[tokio::test]
async fn one_connection_takes_the_place_of_another_in_three_workflows_and_back() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    for account in ["alex", "sam"] {
        harness.connect("github", account).await;
    }
    let labelled = |label: &'static str| {
        let harness = &harness;
        async move {
            let all = harness.connections().await;
            all.into_iter().find(|connection| connection.label == label).expect("connected").instance
        }
    };
    let (from, to) = (labelled("GitHub").await, labelled("GitHub 2").await);
    for (title, slot) in [("A", None), ("B", Some("two")), ("C", None)] {
        let view = harness.workflow(title, &["one", "two"]).await;
        let slot = slot.map_or_else(|| Harness::role(&view), |task| Slot::Task(task.into()));
        harness.bind(&view, slot, from).await;
    }
    let before = bindings(&harness);
    let plan = harness.engine.answer(PlanReplacement { from, to }).await.expect("a plan");
    let shown: Vec<(&str, Vec<&str>)> = plan
        .changes
        .iter()
        .map(|change| (change.name.as_str(), change.tasks.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(shown, [("A", vec!["one", "two"]), ("B", vec!["two"]), ("C", vec!["one", "two"])]);
    let changes: Vec<_> = plan.changes.iter().map(|change| (change.workflow, change.slot.clone())).collect();
    let request = ReplaceConnection { from, to, changes };
    let done = harness.engine.answer(request.clone()).await.expect("done");
    assert!(done.summary.contains("3 bindings in 3 workflows"), "{}", done.summary);
    assert_ne!(bindings(&harness), before);
    assert!(harness.engine.answer(ListUses { instance: from }).await.expect("uses").is_empty());
    let again = harness.engine.answer(request).await.expect_err("it was reviewed on other bindings");
    assert_eq!(again.code, Code::Conflict);
    let undo = UndoReplacement { replacement: done.replacement };
    harness.engine.answer(undo).await.expect("undone");
    assert_eq!(bindings(&harness), before);
}

#[tokio::test]
async fn a_file_is_exported_and_imported_with_a_mapping() {
    let sandbox = sandbox().await;
    let harness = Harness::on(&sandbox).await;
    harness.connect("github", "alex").await;
    let alex = harness.connection().await;
    let view = harness.workflow("Weekly report", &["one", "two"]).await;
    let view = harness.bind(&view, Harness::role(&view), alex.instance).await;
    let export = |with_bindings| {
        let (harness, workflow) = (&harness, view.id);
        async move {
            let request = ExportWorkflow { workflow, with_bindings };
            let file = harness.engine.answer(request).await.expect("exported");
            (std::fs::read_to_string(&file.path).expect("the file"), file.path)
        }
    };
    let (plain, first) = export(false).await;
    let (with_bindings, second) = export(true).await;
    assert_eq!(plain, view.text, "not a byte more");
    assert_ne!(first, second, "nothing is overwritten");
    assert!(
        with_bindings.contains(&alex.instance.to_string()) && !plain.contains(&alex.instance.to_string())
    );

    let plan = |text: &str| PlanImport { text: text.to_owned() };
    let seen = harness.engine.answer(plan(&plain)).await.expect("a plan");
    assert_eq!((seen.name.as_str(), seen.places.len()), ("Weekly report", 1));
    assert_eq!((seen.places[0].candidates, &seen.places[0].suggested), (1, &None));
    assert_eq!(seen.places[0].tasks, ["one", "two"]);
    let seen = harness.engine.answer(plan(&with_bindings)).await.expect("a plan");
    assert_eq!(seen.places[0].suggested.as_ref().map(|c| c.instance), Some(alex.instance));

    let unbound = ImportWorkflow { text: plain.clone(), bindings: Vec::new() };
    let unbound = harness.engine.answer(unbound).await.expect("imported");
    assert!(unbound.castings.iter().all(|casting| casting.state == CastingState::Unbound));
    let slot = seen.places[0].slot.clone();
    let mapped =
        ImportWorkflow { text: plain.clone(), bindings: vec![Binding { slot, instance: alex.instance }] };
    let mapped = harness.engine.answer(mapped).await.expect("imported");
    assert!(mapped.castings.iter().all(|casting| casting.state == CastingState::Ready));
    assert_eq!((mapped.text.as_str(), mapped.is_changed), (plain.as_str(), false));

    // A task that runs as somebody else than its role travels along.
    let own = Binding { slot: Slot::Task("two".into()), instance: alex.instance };
    harness.bind(&view, own.slot.clone(), alex.instance).await;
    let (with_own, _) = export(true).await;
    let seen = harness.engine.answer(plan(&with_own)).await.expect("a plan");
    let slots: Vec<_> = seen.places.iter().map(|place| (place.slot.clone(), place.tasks.join(" "))).collect();
    assert_eq!(slots, [(Harness::role(&view), "one two".to_owned()), (own.slot.clone(), "two".to_owned())]);
    assert_eq!(seen.places[1].suggested.as_ref().map(|c| c.instance), Some(alex.instance));
    let mapped = ImportWorkflow { text: with_own, bindings: vec![own] };
    let mapped = harness.engine.answer(mapped).await.expect("imported");
    let states: Vec<_> = mapped.castings.iter().map(|casting| (casting.state, casting.is_override)).collect();
    assert_eq!(states, [(CastingState::Unbound, false), (CastingState::Ready, true)]);
    harness.engine.answer(DeleteWorkflow { workflow: mapped.id }).await.expect("deleted");

    let copy = harness.engine.answer(DuplicateWorkflow { workflow: view.id }).await.expect("copied");
    assert_eq!(copy.name, "Weekly report 2");
    assert_eq!(cast(&copy), cast(&view));

    let hopeless = ImportWorkflow { text: "{{{".into(), bindings: Vec::new() };
    let hopeless = harness.engine.answer(hopeless).await.expect("kept as it is");
    assert!(hopeless.outline_is_old && hopeless.text == "{{{");
    let endless = harness.engine.answer(plan(&"x".repeat(5 * 1024 * 1024))).await.expect_err("too long");
    assert_eq!(endless.code, Code::InvalidInput);
}
