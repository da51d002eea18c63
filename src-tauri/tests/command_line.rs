//! The built program without a window, against a sandbox. What it is told by `NANGO_SECRET_KEY` needs no keyring.

mod support;

use std::path::Path;
use std::process::{Command, Output};

use nango_sandbox::{Options, Sandbox};
use patchbay_core::id::ConnectTarget;
use patchbay_core::workflow::binding::Slot;
use patchbay_core::workflow::edit::Edit;
use patchbay_engine::{Answers, Engine};
use patchbay_ipc::*;
use patchbay_store::Store;
use serde_json::Value;

/// A home with a profile at a sandbox, two connections that have a token, and the workflow `Report`, as a window
/// would have left them.
struct Home {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
    text: String,
}

const TASK: &str = r#"do:
  - look:
      call: http
      with:
        method: get
        endpoint:
          uri: ${ "\($workflow.input.nango)/proxy/user" }
          authentication: { use: nango }
        headers:
          Provider-Config-Key: openai
          Connection-Id: ${ $workflow.input.connections.model }
      metadata:
        patchbay: { connector: openai, role: model }
"#;

impl Home {
    async fn new() -> Home {
        let folder = tempfile::tempdir().expect("a folder");
        let sample_operations = patchbay_engine::sample_operations().expect("a catalogue");
        let options = Options { rate_limit_per_minute: None, sample_operations, ..Options::default() };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let data = folder.path().join("app.patchbay.desktop");
        std::fs::create_dir_all(&data).expect("a folder");
        let store = Store::open(&data.join("patchbay.db")).await.expect("a database");
        let engine = Engine::new(support::parts(store, &data)).expect("an engine");
        let profile = SaveProfile {
            profile: None,
            server_url: sandbox.base_url().to_string(),
            api_key: Some(SecretInput::from(sandbox.api_key().to_owned())),
            user_id: "alex".to_owned(),
            user_name: String::new(),
            bridge_url: String::new(),
            enabled: true,
            accept_problems: false,
        };
        engine.answer(profile).await.expect("a profile");
        for (label, key) in [("Work", "sk-of-alex"), ("Private", "sk-of-sam")] {
            connect(&engine, label, key).await;
        }
        let view = engine.answer(CreateWorkflow { name: "Report".to_owned() }).await.expect("made");
        let text = view.text.replace("do: []\n", TASK);
        let edit = Edit::ReplaceText { text: text.clone() };
        let view = engine
            .answer(EditWorkflow { workflow: view.id, version: view.version, edit })
            .await
            .expect("edited");
        assert!(!view.outline_is_old, "{:?}", view.problems);
        engine.answer(SaveWorkflow { workflow: view.id }).await.expect("saved");
        engine.stop().await;
        Home { folder, sandbox, text }
    }

    fn patchbay(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_patchbay"))
            .args(arguments)
            .env("XDG_DATA_HOME", self.folder.path())
            .env("HOME", self.folder.path())
            .env("NANGO_SECRET_KEY", self.sandbox.api_key())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .output()
            .expect("it starts")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.patchbay(arguments);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path: &Path = &self.folder.path().join(name);
        std::fs::write(path, text).expect("written");
        path.display().to_string()
    }
}

async fn connect(engine: &Engine, label: &str, key: &str) {
    let target = ConnectTarget::Connector("openai".into());
    let plan =
        engine.answer(PlanConnection { target: target.clone(), integration: None }).await.expect("a plan");
    let part = plan.form.fields.iter().find(|field| field.name == "apiKey").expect("the field").part;
    let field = FieldInput { name: "apiKey".to_owned(), part, value: SecretInput::from(key.to_owned()) };
    let attempt = engine
        .answer(StartAttempt {
            target,
            integration: plan.integration,
            label: label.to_owned(),
            fields: vec![field],
        })
        .await
        .expect("an attempt");
    let started = std::time::Instant::now();
    while engine.answer(GetAttempt { attempt: attempt.id }).await.expect("it").phase != Phase::Connected {
        assert!(started.elapsed().as_secs() < 20, "it did not connect");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("it was ended: {output:?}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_connected_and_bound_is_listed() {
    let home = Home::new().await;
    let listed = home.patchbay(&["connections"]);
    assert_eq!(code(&listed), 0, "{listed:?}");
    let table = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(table.starts_with("LABEL") && table.contains("Work") && table.contains("Private"), "{table}");
    let all = home.json(&["connections", "--json"]);
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(home.json(&["connections", "work", "--json"])[0]["label"], "Work");

    let bindings = home.json(&["bindings", "report", "--json"]);
    assert_eq!((&bindings[0]["task"], &bindings[0]["state"]), (&"look".into(), &"unbound".into()));
    let nobody = home.patchbay(&["bindings", "nothing like it"]);
    assert_eq!(code(&nobody), 1, "{nobody:?}");
    assert!(said(&nobody).contains("nothing like it"));
    assert_eq!(code(&home.patchbay(&["bindings"])), 2, "it says what is missing");
    let help = home.patchbay(&["--help"]);
    assert!(code(&help) == 0 && said(&help).contains("Exit codes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_acts_as_whom_it_is_told_and_says_how_it_ended() {
    let home = Home::new().await;
    let blocked = home.patchbay(&["run", "Report"]);
    assert_eq!(code(&blocked), 3, "{blocked:?}");
    assert!(said(&blocked).contains("“look”"), "{blocked:?}");

    let id = |label: &str| {
        let all = home.json(&["connections", label, "--json"]);
        all[0]["connection_id"].as_str().expect("an id").to_owned()
    };
    let called = || {
        let calls = home.sandbox.requests();
        calls.into_iter().rfind(|call| call.path.starts_with("/proxy/")).and_then(|call| call.connection_id)
    };
    let ran = home.patchbay(&["run", "report", "--as", "model=private"]);
    assert_eq!(code(&ran), 0, "{ran:?}");
    assert_eq!(called(), Some(id("Private")));
    let output: Value = serde_json::from_slice(&ran.stdout).expect("the output alone");
    assert!(
        output["received_headers"]["authorization"].is_string(),
        "whole, as the service gave it: {output}"
    );
    assert!(String::from_utf8_lossy(&ran.stderr).contains("as “Private”"), "{ran:?}");

    let file = home.write("other.yaml", &home.text.replace("- look:", "- look-around:"));
    let input = home.write("input.json", r#"{"greeting": "hi"}"#);
    let run =
        home.json(&["run", &file, "--as", &format!("model={}", id("Work")), "--input", &input, "--json"]);
    assert_eq!(called(), Some(id("Work")));
    let summary = &run["summary"];
    assert_eq!((&summary["name"], &summary["state"]), (&"other".into(), &"completed".into()));
    assert_eq!(
        (&run["input"], &run["entries"][0]["task"]),
        (&r#"{"greeting":"hi"}"#.into(), &"look-around".into())
    );

    let failing = home.write("failing.yaml", &home.text.replace("/proxy/user", "/proxy/404"));
    let failed = home.patchbay(&["run", &failing, "--as", "model=Work"]);
    assert_eq!(code(&failed), 4, "{failed:?}");
    for wrong in [["run", "Report", "--as", "nobody=Work"], ["run", "Report", "--as", "model=nobody"]] {
        assert_eq!(code(&home.patchbay(&wrong)), 1, "{wrong:?}");
    }
    assert_eq!(code(&home.patchbay(&["run", "Report", "--as", "model"])), 2);
    let list = home.write("list.json", "[1]");
    assert_eq!(code(&home.patchbay(&["run", "Report", "--as", "model=Work", "--input", &list])), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_made_in_the_window_is_what_runs() {
    let home = Home::new().await;
    let id: Value = home.json(&["connections", "Work", "--json"])[0]["instance"].clone();
    let data = home.folder.path().join("app.patchbay.desktop/patchbay.db");
    let store = Store::open(&data).await.expect("beside the program");
    let profile = store.profiles().await.expect("read")[0].id;
    let (workflow, _) = store.workflow_names(profile).await.expect("read")[0].clone();
    let instance = id.as_str().and_then(|id| id.parse().ok());
    store.bind(profile, workflow, Slot::Role("model".to_owned()), instance).await.expect("bound");
    let ran = home.patchbay(&["run", "Report"]);
    assert_eq!(code(&ran), 0, "{ran:?}");
    assert!(said(&ran).contains("as “Work”"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_everything() {
    let home = Home::new().await;
    let findings = home.json(&["doctor", "--json"]);
    let of = |what: &str| {
        let found = findings.as_array().expect("a list").iter().find(|finding| finding["what"] == what);
        found.unwrap_or_else(|| panic!("nothing on {what}: {findings}")).clone()
    };
    assert_eq!(of("server")["is_well"], true);
    assert!(of("key")["message"].is_string());
    assert_eq!(of("keyring")["is_well"], false, "there is no session bus here");
    assert!(of("deep link")["message"].is_string());
    assert_eq!(code(&home.patchbay(&["doctor"])), 3);
}
