//! What each state of gnome-keyring comes to.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use patchbay_secrets::{EntryName, Keyring, SecretError, SecretStore, try_out};
use secrecy::{ExposeSecret, SecretString};

const CASE: &str = "PATCHBAY_KEYRING_CASE";

/// Runs a case in a child process, in a home of its own; with or without a session bus.
fn in_a_session(case: &str, with_bus: bool) {
    // The daemon has been seen to leave a prompter's call unanswered for good, once in some hundred times.
    for _ in 0..TRIES {
        let output = session(case, with_bus);
        if output.status.code() == Some(SILENT) {
            eprintln!("{case}: the keyring fell silent; once more");
            continue;
        }
        assert!(
            output.status.success(),
            "{case}:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    panic!("{case}: the keyring fell silent {TRIES} times");
}

/// How often a case is tried whose keyring falls silent.
const TRIES: u32 = 3;

/// How long a case may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a case ends that takes longer.
const SILENT: i32 = 9;

fn session(case: &str, with_bus: bool) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    let this = std::env::current_exe().expect("this binary");
    let mut command = if with_bus {
        let mut command = Command::new("dbus-run-session");
        command.arg("--").arg(this);
        command
    } else {
        Command::new(this)
    };
    let folder = |name: &str| -> std::path::PathBuf { home.path().join(name) };
    command
        .args(["--exact", "gnome_keyring::a_case_of_the_others", "--nocapture", "--include-ignored"])
        .env(CASE, case)
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", folder("data"))
        .env("XDG_CONFIG_HOME", folder("config"))
        .env("XDG_CACHE_HOME", folder("cache"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .output()
        .expect("dbus-run-session is installed by `cargo xtask setup`")
}

/// Starts the daemon in this session, with its login keyring unlocked by the password.
fn unlock(password: &str) {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--unlock", "--components=secrets", "--daemonize"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("gnome-keyring is installed by `cargo xtask setup`");
    daemon.stdin.take().expect("a pipe").write_all(password.as_bytes()).expect("written");
    assert!(daemon.wait().expect("it ends").success());
}

fn case_unlocked() {
    unlock("pw");
    let keyring = Keyring::default();
    let name = EntryName::api_key("1");
    assert!(keyring.get(&name).expect("it answers").is_none());
    for secret in ["first".to_owned(), "x".repeat(2000), "ünïcödé 🔌".to_owned()] {
        keyring.set(&name, &SecretString::from(secret.clone())).expect("kept");
        let read = keyring.get(&name).expect("it answers").expect("it is there");
        assert_eq!(read.expose_secret(), secret);
    }
    keyring.delete(&name).expect("deleted");
    keyring.delete(&name).expect("deleting twice is no error");
    assert!(keyring.get(&name).expect("it answers").is_none());
    try_out(&keyring).expect("it works");
}

fn case_no_collection() {
    // The bus starts the daemon by itself, but nobody has ever made a keyring.
    let keyring = Keyring::default();
    let failed = try_out(&keyring).expect_err("nothing to store into");
    assert!(matches!(failed, SecretError::NoCollection | SecretError::Locked), "{failed:?}");
}

fn case_locked() {
    unlock("pw");
    let keyring = Keyring::default();
    let name = EntryName::api_key("1");
    keyring.set(&name, &SecretString::from("kept")).expect("kept");
    lock_login_keyring();
    assert_eq!(keyring.get(&name).map(|_| ()).expect_err("it is locked"), SecretError::Locked);
    // Neither is it overwritten by something that only looks like a first time.
    assert_eq!(keyring.set(&name, &SecretString::from("other")), Err(SecretError::Locked));
}

/// A prompter whose person says no to whatever is asked.
struct SayingNo;

/// What a prompter and the keyring exchange before a password is sent: half of a key agreement.
const EXCHANGE: &str = "[sx-aes-1]\npublic=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\n";

impl SayingNo {
    /// Answers the keyring, which waits for it with an object of its own.
    fn answer(
        bus: &zbus::Connection,
        header: &zbus::message::Header<'_>,
        callback: &zbus::zvariant::ObjectPath<'_>,
        method: &'static str,
        reply: Option<&'static str>,
    ) {
        let bus = zbus::blocking::Connection::from(bus.clone());
        let keyring = header.sender().expect("a sender").to_owned();
        let callback = callback.to_owned();
        std::thread::spawn(move || {
            let interface = Some("org.gnome.keyring.internal.Prompter.Callback");
            let properties = std::collections::HashMap::<&str, zbus::zvariant::Value<'_>>::new();
            let answered = match reply {
                Some(reply) => {
                    let body = (reply, properties, EXCHANGE);
                    bus.call_method(Some(keyring), callback, interface, method, &body)
                }
                None => bus.call_method(Some(keyring), callback, interface, method, &()),
            };
            if let Err(error) = answered {
                eprintln!("{method}: {error}");
            }
        });
    }
}

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl SayingNo {
    fn begin_prompting(
        &self,
        callback: zbus::zvariant::ObjectPath<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) {
        Self::answer(bus, &header, &callback, "PromptReady", Some(""));
    }

    fn perform_prompt(
        &self,
        callback: zbus::zvariant::ObjectPath<'_>,
        kind: &str,
        properties: std::collections::HashMap<String, zbus::zvariant::OwnedValue>,
        exchange: &str,
        #[zbus(connection)] bus: &zbus::Connection,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) {
        assert!(kind == "password" && !properties.is_empty() && exchange.starts_with("[sx-aes-1]"), "{kind}");
        Self::answer(bus, &header, &callback, "PromptReady", Some("no"));
    }

    fn stop_prompting(
        &self,
        callback: zbus::zvariant::ObjectPath<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) {
        Self::answer(bus, &header, &callback, "PromptDone", None);
    }
}

/// However quickly the person says no, it is not taken for a keyring that could not ask.
fn case_dismissed() {
    unlock("pw");
    let keyring = Keyring::default();
    let name = EntryName::api_key("1");
    keyring.set(&name, &SecretString::from("kept")).expect("kept");
    lock_login_keyring();
    let _prompter = zbus::blocking::connection::Builder::session()
        .and_then(|bus| bus.serve_at("/org/gnome/keyring/Prompter", SayingNo))
        .and_then(|bus| bus.name("org.gnome.keyring.SystemPrompter"))
        .and_then(zbus::blocking::connection::Builder::build)
        .expect("a prompter on the bus");
    assert_eq!(keyring.get(&name).map(|_| ()).expect_err("no was said"), SecretError::Dismissed);
    assert_eq!(keyring.set(&name, &SecretString::from("other")), Err(SecretError::Dismissed));
    assert_eq!(try_out(&keyring), Err(SecretError::Dismissed));
}

/// Locks the collection by the Secret Service's own call.
fn lock_login_keyring() {
    let service = secret_service::blocking::SecretService::connect(secret_service::EncryptionType::Plain)
        .expect("the service");
    let collection = service.get_default_collection().expect("the login keyring");
    collection.lock().expect("locked");
}

fn case_missing() {
    let keyring = Keyring::default();
    assert_eq!(try_out(&keyring).expect_err("no bus, no service"), SecretError::Missing);
    assert_eq!(try_out(&keyring).expect_err("and it says so again"), SecretError::Missing);
}

/// The child's half of every case. Without a case it has nothing to do.
#[test]
#[ignore = "is run by the others, in a session bus of its own"]
fn a_case_of_the_others() {
    let case = std::env::var(CASE);
    if case.is_ok() {
        std::thread::spawn(|| {
            std::thread::sleep(PATIENCE);
            std::process::exit(SILENT);
        });
    }
    match case.as_deref() {
        Ok("unlocked") => case_unlocked(),
        Ok("no collection") => case_no_collection(),
        Ok("locked") => case_locked(),
        Ok("dismissed") => case_dismissed(),
        Ok("missing") => case_missing(),
        _ => {}
    }
}

#[test]
fn unlocked_it_keeps_secrets() {
    in_a_session("unlocked", true);
}

#[test]
fn without_a_keyring_it_says_so() {
    in_a_session("no collection", true);
}

#[test]
fn locked_is_not_absent() {
    in_a_session("locked", true);
}

#[test]
fn dismissed_is_neither_locked_nor_absent() {
    in_a_session("dismissed", true);
}

#[test]
fn without_a_service_it_is_missing() {
    in_a_session("missing", false);
}
