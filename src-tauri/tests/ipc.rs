//! Every command of the contract, asked over Tauri's mock runtime, which needs no display.

mod support;

use patchbay_engine::Engine;
use patchbay_store::Store;
use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow, WebviewWindowBuilder};

struct Shell {
    app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    _folder: tempfile::TempDir,
}

impl Shell {
    fn new() -> Shell {
        let folder = tempfile::tempdir().expect("a folder");
        let store = tauri::async_runtime::block_on(Store::in_memory()).expect("a database");
        let engine = Engine::new(support::parts(store, folder.path())).expect("an engine");
        let app = patchbay_lib::with_commands(mock_builder())
            .plugin(tauri_plugin_deep_link::init())
            .plugin(tauri_plugin_shell::init())
            .manage(engine)
            .build(mock_context(noop_assets()))
            .expect("an application");
        let window =
            WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default()).build().expect("a window");
        Shell { app, window, _folder: folder }
    }

    fn ask(&self, command: &str, request: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: "tauri://localhost".parse().expect("a URL"),
            body: InvokeBody::Json(json!({ "request": request })),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(&self.window, request).map(|body| body.deserialize::<Value>().expect("JSON"))
    }
}

/// The names the window may call, from the permission file.
fn permitted() -> Vec<String> {
    let text = include_str!("../permissions/window.toml");
    let names = text.lines().map(str::trim).filter_map(|line| line.strip_prefix('"')?.strip_suffix("\","));
    names.map(str::to_owned).collect()
}

#[test]
fn every_permitted_command_is_answered_and_no_other_exists() {
    let shell = Shell::new();
    let permitted = permitted();
    assert!(permitted.len() > 20, "the permission file is read: {permitted:?}");
    for name in &permitted {
        // An empty request fits some; to the others the answer names the member that is missing.
        let answer = shell.ask(name, json!({}));
        let text = answer.as_ref().err().and_then(Value::as_str).unwrap_or_default();
        assert!(!text.contains("not found"), "{name}: {text}");
    }
    let unknown = shell.ask("read_secret", json!({})).expect_err("there is no such command");
    assert!(unknown.as_str().is_some_and(|text| text.contains("not found")), "{unknown}");
}

#[test]
fn a_reply_and_a_failure_arrive_as_the_contract_has_them() {
    let shell = Shell::new();
    let overview = shell.ask("get_overview", json!({})).expect("an overview");
    let overview: patchbay_ipc::Overview = serde_json::from_value(overview).expect("of the contract");
    assert!(overview.profile.is_none());
    let failure = shell.ask("list_connectors", json!({})).expect_err("there is no profile");
    let failure: patchbay_ipc::Failure = serde_json::from_value(failure).expect("of the contract");
    assert_eq!(failure.code, patchbay_ipc::Code::NoProfile);
    let form = json!({
        "profile": null, "server_url": "nowhere", "api_key": "not-a-real-key", "user_id": "a",
        "user_name": "", "bridge_url": "", "enabled": true, "accept_problems": false,
    });
    let failure = shell.ask("save_profile", form).expect_err("not an address");
    assert_eq!(failure["field"], "server_url");
    assert!(!failure.to_string().contains("not-a-real-key"), "a failure repeats no secret");
    drop(shell.app);
}
