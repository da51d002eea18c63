//! The sandbox as a program: its first line, its state file, how it stops.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A file that is gone when the test ends.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing to do if it was never written.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn start(state_file: &Path) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nango-sandbox"))
        .args(["--stop-with-stdin", "--rate-limit", "0", "--state-file"])
        .arg(state_file)
        .args([
            "--faults",
            r#"[{"matcher":{"path_prefix":"/health"},"times":1,"action":{"status":{"code":503}}}]"#,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let output = child.stdout.take().expect("standard output");
    BufReader::new(output).read_line(&mut line).expect("a line");
    (child, serde_json::from_str(&line).expect("one JSON object"))
}

/// Closes standard input and waits for an orderly end.
fn stop(mut child: Child) {
    drop(child.stdin.take());
    assert!(child.wait().expect("an end").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_announces_itself_keeps_its_state_and_stops_with_its_parent() {
    let file = Scratch(std::env::temp_dir().join(format!("nango-sandbox-{}.json", std::process::id())));
    let (child, told) = start(&file.0);
    let text = |name: &str| told[name].as_str().expect("text").to_owned();
    assert!(told["integrations"].as_array().expect("a list").len() > 80, "{told}");
    // No harness here, so nothing has chosen how to speak TLS yet, which the client wants to know.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let base = text("base_url");
    let health =
        async || http.get(format!("{base}/health")).send().await.expect("an answer").status().as_u16();
    assert_eq!((health().await, health().await), (503, 200), "the fault happens once");
    let seed = json!({ "count": 2, "integration": "notion", "end_user_id": "u1" });
    let request = http.post(format!("{base}/_sandbox/seed")).bearer_auth(text("account_key"));
    assert_eq!(request.json(&seed).send().await.expect("an answer").status().as_u16(), 200);
    stop(child);
    let saved = std::fs::read_to_string(&file.0).expect("a state file");
    assert!(!saved.contains(&text("api_key")), "the state file holds no key");

    let (child, told) = start(&file.0);
    let base = told["base_url"].as_str().expect("text");
    let request =
        http.get(format!("{base}/connections")).bearer_auth(told["api_key"].as_str().expect("text"));
    let list: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(list["connections"].as_array().expect("a list").len(), 2);
    stop(child);
}
