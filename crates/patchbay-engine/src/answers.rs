//! Every command of the contract and what answers it. A host's command has nothing left to do but to pass
//! the request on.

use patchbay_ipc::*;

use crate::workflows::Direction;
use crate::{Engine, failure, languages, licences};

/// Answers one kind of request.
pub trait Answers<Request: Command> {
    /// Does what is asked; a failure is already worded for people.
    fn answer(&self, request: Request) -> impl Future<Output = Result<Request::Reply, Failure>> + Send;
}

macro_rules! answers {
    ($($request:ident => |$engine:ident, $argument:pat_param| $work:expr;)*) => {
        $(
            impl Answers<$request> for Engine {
                async fn answer(
                    &self,
                    $argument: $request,
                ) -> Result<<$request as Command>::Reply, Failure> {
                    let $engine = self;
                    $work.map_err(|error| {
                        tracing::info!(command = $request::NAME, ?error, "a command failed");
                        failure::of(&error)
                    })
                }
            }
        )*
    };
}

type Never<T> = Result<T, crate::error::EngineError>;

answers! {
    GetOverview => |engine, _| engine.overview().await;
    SaveProfile => |engine, request| engine.save_profile(request).await;
    CheckProfile => |engine, _| engine.check_profile().await;
    TryWithoutAccount => |engine, _| engine.try_without_account().await;
    SwitchProfile => |engine, request| engine.switch_profile(request.profile).await;
    DeleteProfile => |engine, request| engine.delete_profile(request.profile).await;
    TakeNotices => |engine, _| Never::Ok(engine.take_notices());

    ListConnectors => |engine, _| engine.list_connectors().await;
    ListProviders => |engine, _| engine.list_providers().await;
    PlanSetup => |engine, request| engine.plan_setup(request.target).await;
    SetUpIntegration => |engine, request| engine.set_up_integration(request).await;
    RefreshConnectors => |engine, _| engine.refresh_connectors().await;
    ListLicences => |_engine, _| Never::Ok(licences::all());
    GetConnectorOperations => |engine, request| engine.connector_operations(request);
    ListOperations => |engine, _| Never::Ok(engine.list_operations());

    PlanConnection => |engine, request| engine.plan_connection(request).await;
    PlanReconnect => |engine, request| engine.plan_reconnect(request.instance).await;
    StartReconnect => |engine, request| engine.start_reconnect(request).await;
    StartAttempt => |engine, request| engine.start_attempt(request).await;
    CancelAttempt => |engine, request| engine.cancel_attempt(request.attempt).await;
    CheckNow => |engine, request| engine.check_now(request.attempt).await;
    ReopenBrowser => |engine, request| engine.reopen_browser(request.attempt).await;
    PasteLink => |engine, request| engine.paste_link(request.link.expose()).await;
    GetAttempt => |engine, request| engine.attempt_view(request.attempt).await;
    ListAttempts => |engine, request| engine.list_attempts(request.offset, request.limit).await;

    ListConnections => |engine, request| engine.list_connections(request).await;
    GetConnectionFacets => |engine, _| engine.connection_facets().await;
    TestConnections => |engine, request| engine.test_connections(request.choice).await;
    CancelTests => |engine, _| {
        engine.cancel_tests();
        Never::Ok(())
    };
    GetBulkTest => |engine, _| engine.bulk_test().await;
    ExportConnections => |engine, request| engine.export_connections(request).await;
    GetConnection => |engine, request| engine.get_connection(request.instance).await;
    TestConnection => |engine, request| engine.test_connection(request.instance).await;
    ResolveMismatch => |engine, request| engine.resolve_mismatch(request).await;
    RenameConnection => |engine, request| engine.rename_connection(request).await;
    PlanDisconnect => |engine, request| engine.plan_disconnect(request.instance).await;
    DisconnectConnection => |engine, request| engine.disconnect(request.instance).await;
    SyncConnections => |engine, _| engine.sync().await;
    CancelSync => |engine, _| {
        engine.cancel_sync();
        Never::Ok(())
    };
    GetSyncProgress => |engine, _| Never::Ok(engine.sync_progress());

    ListWorkflows => |engine, request| engine.list_workflows(request).await;
    CreateWorkflow => |engine, request| engine.create_workflow(request).await;
    GetWorkflow => |engine, request| engine.get_workflow(request.workflow).await;
    EditWorkflow => |engine, request| engine.edit_workflow(request).await;
    GetTask => |engine, request| engine.get_task(request).await;
    UndoEdit => |engine, request| engine.step_back_or_forth(request.workflow, Direction::Back).await;
    RedoEdit => |engine, request| engine.step_back_or_forth(request.workflow, Direction::Forth).await;
    SaveWorkflow => |engine, request| engine.save_workflow(request.workflow).await;
    DuplicateWorkflow => |engine, request| engine.duplicate_workflow(request.workflow).await;
    DeleteWorkflow => |engine, request| engine.delete_workflow(request.workflow).await;
    RestoreWorkflow => |engine, request| engine.restore_workflow(request.workflow).await;
    Bind => |engine, request| engine.bind(request).await;
    BindAll => |engine, request| engine.bind_all(request).await;
    ListCandidates => |engine, request| engine.list_candidates(request).await;
    ListUses => |engine, request| engine.list_uses(request.instance).await;
    PlanReplacement => |engine, request| engine.plan_replacement(request).await;
    ReplaceConnection => |engine, request| engine.replace_connection(request).await;
    UndoReplacement => |engine, request| engine.undo_replacement(request.replacement).await;
    PlanImport => |engine, request| engine.plan_import(request.text).await;
    ImportWorkflow => |engine, request| engine.import_workflow(request).await;
    PlanRun => |engine, request| engine.plan_run(request.workflow).await;
    PreviewExpression => |engine, request| engine.preview_expression(request).await;
    StartRun => |engine, request| engine.start_run(request).await;
    CancelRun => |engine, request| engine.cancel_run(request.run).await;
    ListRuns => |engine, request| engine.list_runs(request).await;
    GetRun => |engine, request| engine.get_run(request.run).await;
    GetRunEntry => |engine, request| engine.get_run_entry(request).await;
    CompareRuns => |engine, request| engine.compare_runs(request).await;
    ExportWorkflow => |engine, request| engine.export_workflow(request).await;

    DismissRecovery => |engine, _request| engine.dismiss_recovery().await;
    SetAppearance => |engine, request| engine.set_appearance(request.appearance).await;
    SetLanguage => |engine, request| engine.set_language(request.language).await;
    GetTexts => |_engine, request| Never::Ok(languages::texts(request.language));
    SetNotifications => |engine, request| engine.set_notifications(request.on).await;
    GetDiagnostics => |engine, _| engine.diagnostics().await;
    TestKeyring => |engine, _| Never::Ok(engine.test_keyring().await);
    UseMemoryForSession => |engine, _| {
        engine.use_memory();
        Never::Ok(engine.keyring_view())
    };
}
