//! Nothing of one profile is visible in another. Every function of the store is named here: one that is added and not
//! sorted in fails the first test, one that touches a profile's rows without naming the profile the second.

use std::collections::BTreeSet;
use std::path::Path;

/// Functions that name no profile, and why they may.
const OF_NO_PROFILE: &[(&str, &str)] = &[
    ("open", "the database itself"),
    ("open_or_recover", "the database itself"),
    ("in_memory", "the database itself"),
    ("back_up_if_due", "the database itself"),
    ("setting", "belongs to the machine"),
    ("set_setting", "belongs to the machine"),
    ("clear_setting", "belongs to the machine"),
    ("profiles", "the list of profiles, to choose from"),
    ("profile", "takes the profile's id as its own"),
    ("save_profile", "takes the profile itself"),
    ("save_check", "takes the profile's id as its own"),
    ("delete_profile", "takes the profile's id as its own"),
    ("websockets_path", "takes the profile's id as its own"),
    ("save_websockets_path", "takes the profile's id as its own"),
    ("insert_attempt", "takes the attempt, which names its profile"),
    ("advance_attempt", "takes the attempt, which names its profile"),
    ("complete_attempt", "takes the attempt and the connection, which name their profile"),
    ("set_state_hash", "takes an attempt that its driver holds"),
    ("add_step", "takes an attempt that its driver holds"),
    ("cleanup_done", "takes an attempt that its driver holds"),
    ("attempt_by_state", "a link names no profile: it belongs to whichever waits for it"),
    ("unfinished_attempts", "what a start takes up, of every profile"),
    ("timelines", "takes attempts that were read with their profile"),
    ("append_log", "takes a run that its runner holds"),
    ("end_run", "takes a run that its runner holds"),
    ("running_runs", "what a start closes, of every profile"),
    ("attempt_steps", "takes an attempt that was read with its profile"),
];

/// Tables whose rows belong to a profile.
const OWNED: &[&str] = &["connections", "attempts", "integrations", "providers", "workflows", "runs"];

struct Function {
    name: String,
    signature: String,
    file: String,
}

fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = std::fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("a file").path());
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        (name, std::fs::read_to_string(&path).expect("a source"))
    })
    .collect()
}

/// The functions with which others reach the store's rows.
fn functions() -> Vec<Function> {
    let mut found = Vec::new();
    for (file, text) in sources() {
        for part in text.split("pub async fn ").skip(1) {
            let signature = part.split('{').next().unwrap_or_default().to_owned();
            let name = signature.split(['(', '<']).next().unwrap_or_default().to_owned();
            found.push(Function { name, signature, file: file.clone() });
        }
    }
    assert!(found.len() > 40, "the sources are read: {}", found.len());
    found
}

#[test]
fn every_function_names_the_profile_or_says_why_it_need_not() {
    let functions = functions();
    let unsorted: Vec<String> = functions
        .iter()
        .filter(|function| {
            let names_it = function.signature.contains("ProfileId");
            let is_excused = OF_NO_PROFILE.iter().any(|(name, _)| *name == function.name);
            !names_it && !is_excused
        })
        .map(|function| format!("{} in {}", function.name, function.file))
        .collect();
    assert!(unsorted.is_empty(), "for which profile? {unsorted:#?}");
    let names: BTreeSet<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let stale: Vec<&str> =
        OF_NO_PROFILE.iter().map(|(name, _)| *name).filter(|name| !names.contains(name)).collect();
    assert!(stale.is_empty(), "these are no more: {stale:?}");
}

/// SQL statements: the texts in quotes that begin like one.
fn statements(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let is_sql = |text: &&str| {
        let text = text.trim_start();
        ["SELECT ", "UPDATE ", "DELETE ", "INSERT "].iter().any(|verb| text.starts_with(verb))
    };
    code.split('"').skip(1).step_by(2).filter(is_sql).collect()
}

/// Statements that name no profile, by how they begin, and why they may: the row they touch was found with it.
const BY_ROW: &[(&str, &str)] = &[
    ("UPDATE connections SET label", "the row was found in the same transaction, with its profile"),
    ("UPDATE connections SET account_id", "the row was found in the same transaction, with its profile"),
    (
        "UPDATE connections SET health = ?2, health_learnt_at = ?3 WHERE instance_id",
        "found by the sync of its profile",
    ),
    ("SELECT {COLUMNS} FROM connections WHERE rowid", "found by the index of its profile"),
    ("UPDATE attempts SET method", "moves on an attempt that its driver holds"),
    ("UPDATE attempts SET state_hash", "an attempt that its driver holds"),
    ("UPDATE attempts SET cleanup_due", "an attempt that its driver holds"),
    ("SELECT * FROM attempts WHERE state_hash", "a link names no profile"),
    ("SELECT * FROM attempts WHERE ended_at IS NULL", "what a start takes up"),
    ("UPDATE runs SET", "a run that its runner holds"),
    ("UPDATE run_entries SET attempts", "a run that its runner holds; its column is called like a table"),
    ("INSERT INTO run_entries", "a run that its runner holds; its column is called like a table"),
    ("SELECT id, owner FROM runs WHERE state", "what a start closes"),
    ("UPDATE workflows SET last_number", "the row was found in the same transaction, with its profile"),
    ("UPDATE workflows SET version", "the row was found in the same transaction, with its profile"),
    ("UPDATE workflows SET name", "the row was found in the same transaction, with its profile"),
];

#[test]
fn every_statement_on_a_profiles_rows_names_the_profile() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for (file, text) in sources() {
        for statement in statements(&text) {
            let words: BTreeSet<&str> = statement
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .collect();
            if !OWNED.iter().any(|table| words.contains(table)) {
                continue;
            }
            seen += 1;
            let flat = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            let names_it = words.contains("profile_id") || flat.contains("{condition}");
            let is_excused = BY_ROW.iter().any(|(begins, _)| flat.starts_with(begins));
            if !names_it && !is_excused {
                faults.push(format!("{file}: {flat}"));
            }
        }
    }
    assert!(seen > 25, "the statements are read: {seen}");
    assert!(faults.is_empty(), "for which profile? {faults:#?}");
}
