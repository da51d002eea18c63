//! The commands of the contract. Each passes its request to the engine; none decides anything.

use patchbay_engine::{Answers, Engine};
use patchbay_ipc::*;
use tauri::{AppHandle, Builder, Runtime, State};

use crate::deep_link;

macro_rules! commands {
    ($($name:ident($request:ty);)*) => {
        $(
            #[tauri::command]
            async fn $name(
                engine: State<'_, Engine>,
                request: $request,
            ) -> Result<<$request as Command>::Reply, Failure> {
                engine.answer(request).await
            }
        )*
    };
}

commands! {
    get_overview(GetOverview);
    save_profile(SaveProfile);
    check_profile(CheckProfile);
    try_without_account(TryWithoutAccount);
    switch_profile(SwitchProfile);
    delete_profile(DeleteProfile);
    take_notices(TakeNotices);
    list_connectors(ListConnectors);
    list_providers(ListProviders);
    plan_setup(PlanSetup);
    set_up_integration(SetUpIntegration);
    refresh_connectors(RefreshConnectors);
    get_connector_operations(GetConnectorOperations);
    list_operations(ListOperations);
    plan_connection(PlanConnection);
    plan_reconnect(PlanReconnect);
    start_attempt(StartAttempt);
    start_reconnect(StartReconnect);
    cancel_attempt(CancelAttempt);
    check_now(CheckNow);
    reopen_browser(ReopenBrowser);
    paste_link(PasteLink);
    get_attempt(GetAttempt);
    list_attempts(ListAttempts);
    list_connections(ListConnections);
    get_connection(GetConnection);
    test_connection(TestConnection);
    resolve_mismatch(ResolveMismatch);
    get_connection_facets(GetConnectionFacets);
    test_connections(TestConnections);
    cancel_tests(CancelTests);
    get_bulk_test(GetBulkTest);
    export_connections(ExportConnections);
    rename_connection(RenameConnection);
    plan_disconnect(PlanDisconnect);
    disconnect_connection(DisconnectConnection);
    sync_connections(SyncConnections);
    cancel_sync(CancelSync);
    get_sync_progress(GetSyncProgress);
    list_workflows(ListWorkflows);
    create_workflow(CreateWorkflow);
    get_workflow(GetWorkflow);
    edit_workflow(EditWorkflow);
    get_task(GetTask);
    undo_edit(UndoEdit);
    redo_edit(RedoEdit);
    save_workflow(SaveWorkflow);
    duplicate_workflow(DuplicateWorkflow);
    delete_workflow(DeleteWorkflow);
    restore_workflow(RestoreWorkflow);
    bind(Bind);
    bind_all(BindAll);
    list_candidates(ListCandidates);
    list_licences(ListLicences);
    list_uses(ListUses);
    plan_replacement(PlanReplacement);
    replace_connection(ReplaceConnection);
    undo_replacement(UndoReplacement);
    plan_import(PlanImport);
    import_workflow(ImportWorkflow);
    export_workflow(ExportWorkflow);
    plan_run(PlanRun);
    preview_expression(PreviewExpression);
    start_run(StartRun);
    cancel_run(CancelRun);
    list_runs(ListRuns);
    get_run(GetRun);
    get_run_entry(GetRunEntry);
    compare_runs(CompareRuns);
    dismiss_recovery(DismissRecovery);
    set_appearance(SetAppearance);
    set_language(SetLanguage);
    get_texts(GetTexts);
    set_notifications(SetNotifications);
    get_diagnostics(GetDiagnostics);
    test_keyring(TestKeyring);
    use_memory_for_session(UseMemoryForSession);
}

/// Registering is the shell's own work; the engine only words what came of it.
#[tauri::command]
async fn register_deep_link<R: Runtime>(
    app: AppHandle<R>,
    engine: State<'_, Engine>,
    request: RegisterDeepLink,
) -> Result<DeepLinkView, Failure> {
    let RegisterDeepLink {} = request;
    deep_link::register_now(&app, &engine).await;
    Ok(engine.answer(GetDiagnostics {}).await?.deep_link)
}

/// The link goes out through the shell, as the browser's would; the engine waits for it and words the outcome.
#[tauri::command]
async fn test_deep_link<R: Runtime>(
    app: AppHandle<R>,
    engine: State<'_, Engine>,
    request: TestDeepLink,
) -> Result<LinkTestReport, Failure> {
    let TestDeepLink {} = request;
    let test = engine.begin_link_test()?;
    let was_sent = deep_link::send(&app, &test.link).await;
    deep_link::look_who_is_registered(&app, &engine).await;
    Ok(engine.finish_link_test(test, was_sent).await)
}

/// Gives a builder every command of the contract.
#[must_use]
pub fn with_commands<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder.invoke_handler(tauri::generate_handler![
        get_overview,
        save_profile,
        check_profile,
        try_without_account,
        switch_profile,
        delete_profile,
        take_notices,
        list_connectors,
        list_providers,
        plan_setup,
        set_up_integration,
        refresh_connectors,
        get_connector_operations,
        list_operations,
        plan_connection,
        plan_reconnect,
        start_attempt,
        start_reconnect,
        cancel_attempt,
        check_now,
        reopen_browser,
        paste_link,
        get_attempt,
        list_attempts,
        list_connections,
        get_connection,
        test_connection,
        resolve_mismatch,
        get_connection_facets,
        test_connections,
        cancel_tests,
        get_bulk_test,
        export_connections,
        rename_connection,
        plan_disconnect,
        disconnect_connection,
        sync_connections,
        cancel_sync,
        get_sync_progress,
        list_workflows,
        create_workflow,
        get_workflow,
        edit_workflow,
        get_task,
        undo_edit,
        redo_edit,
        save_workflow,
        duplicate_workflow,
        delete_workflow,
        restore_workflow,
        bind,
        bind_all,
        list_candidates,
        list_licences,
        list_uses,
        plan_replacement,
        replace_connection,
        undo_replacement,
        plan_import,
        import_workflow,
        export_workflow,
        plan_run,
        preview_expression,
        start_run,
        cancel_run,
        list_runs,
        get_run,
        get_run_entry,
        compare_runs,
        dismiss_recovery,
        set_appearance,
        set_language,
        get_texts,
        set_notifications,
        get_diagnostics,
        test_keyring,
        use_memory_for_session,
        register_deep_link,
        test_deep_link,
    ])
}
