//! Names of tasks and roles: which are good, and new ones.

use patchbay_core::workflow::edit::EditError;

use crate::expression;

/// Longest name.
const LONGEST: usize = 100;

/// What a `then` can say without meaning a task.
pub(crate) const DIRECTIVES: [&str; 3] = ["continue", "exit", "end"];

/// Checks the name of a task.
pub(super) fn check_task(name: &str) -> Result<(), EditError> {
    let is_fine = !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(|each| each.is_alphanumeric() || matches!(each, '_' | '-'))
        && !DIRECTIVES.contains(&name);
    if is_fine { Ok(()) } else { Err(EditError::NotAName(name.to_owned())) }
}

/// Checks the name of a role.
pub(super) fn check_role(role: &str) -> Result<(), EditError> {
    let is_fine = role.len() <= LONGEST && expression::is_role(role);
    if is_fine { Ok(()) } else { Err(EditError::NotAName(role.to_owned())) }
}

/// `list-issues` as `listIssues`.
pub(super) fn camel_case(kebab: &str) -> String {
    let mut name = String::new();
    for word in kebab.split(|each: char| !each.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if name.is_empty() {
            name.push_str(word);
        } else {
            name.push_str(&word[..1].to_ascii_uppercase());
            name.push_str(&word[1..]);
        }
    }
    name
}

/// The name itself, or with the first number that makes it a new one: `listIssues2`.
pub(super) fn unique(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(name) {
        return name.to_owned();
    }
    let stem = name.trim_end_matches(|each: char| each.is_ascii_digit());
    let stem = if stem.is_empty() { name } else { stem };
    let mut number: u64 = 2;
    loop {
        let numbered = format!("{stem}{number}");
        if !is_taken(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{camel_case, unique};

    #[test]
    fn names_are_made_from_kebab_case() {
        for (kebab, camel) in [
            ("list-issues", "listIssues"),
            ("github", "github"),
            ("microsoft-to-do", "microsoftToDo"),
            ("", ""),
        ] {
            assert_eq!(camel_case(kebab), camel);
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let taken = ["set", "set2", "v1", "7"];
        for (name, expected) in [("new", "new"), ("set", "set3"), ("set2", "set3"), ("v1", "v2"), ("7", "72")]
        {
            assert_eq!(unique(name, |name| taken.contains(&name)), expected);
        }
    }
}
