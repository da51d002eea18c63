//! What can be added to a workflow, and how it is found as one types.

use std::rc::Rc;

use patchbay_core::id::ConnectorSlug;
use patchbay_core::workflow::edit::NewTask;
use patchbay_core::workflow::outline::TaskKind;
use patchbay_ipc::OperationList;

use super::find;
use patchbay_texts::t;

/// Choices shown at once; more are found by typing.
pub const SHOWN: usize = 60;

/// Something that can be added.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What is added.
    pub task: NewTask,
    /// What it does.
    pub title: String,
    /// Of what: a connector's name, or what the kind is for.
    pub about: String,
    /// The connector's name and icon, where it has one.
    pub connector: Option<(ConnectorSlug, String, Option<String>)>,
    /// In lower case, what it is found by.
    words: String,
}

/// Everything that can be added: the language's kinds, then the connectors the document calls already, then the others.
#[must_use]
pub fn choices(operations: &OperationList, used: &[ConnectorSlug]) -> Rc<[Choice]> {
    let kinds = TaskKind::OFFERED.into_iter().map(|kind| {
        let (title, about) = (kind_words(kind), kind_about(kind));
        Choice {
            task: NewTask::Kind(kind),
            words: format!("{title} {about}").to_lowercase(),
            title: title.to_owned(),
            about: about.to_owned(),
            connector: None,
        }
    });
    let (mut familiar, mut others) = (Vec::new(), Vec::new());
    for connector in &operations.connectors {
        let into = if used.contains(&connector.connector) { &mut familiar } else { &mut others };
        into.extend(connector.operations.iter().map(|operation| Choice {
            task: NewTask::Operation {
                connector: connector.connector.clone(),
                operation: operation.id.clone(),
                role: None,
                integration: None,
            },
            title: operation.title.clone(),
            about: format!("{} {}", operation.method.name(), operation.path),
            words: format!("{} {} {}", connector.name, operation.title, operation.id).to_lowercase(),
            connector: Some((connector.connector.clone(), connector.name.clone(), connector.icon.clone())),
        }));
    }
    familiar.into_iter().chain(kinds).chain(others).collect()
}

/// The choices in whose words all of a search occur.
#[must_use]
pub fn found<'a>(choices: &'a [Choice], search: &str) -> Vec<&'a Choice> {
    find::found(choices, search, |choice| &choice.words)
}

/// A kind in words.
#[must_use]
pub fn kind_words(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::CallHttp => t!("HTTP call"),
        TaskKind::CallOther => t!("Call"),
        TaskKind::Do => t!("Group"),
        TaskKind::Emit => t!("Emit"),
        TaskKind::For => t!("For each"),
        TaskKind::Fork => t!("Fork"),
        TaskKind::Listen => t!("Listen"),
        TaskKind::Raise => t!("Raise an error"),
        TaskKind::Run => t!("Run"),
        TaskKind::Set => t!("Set values"),
        TaskKind::Switch => t!("Switch"),
        TaskKind::Try => t!("Try"),
        TaskKind::Wait => t!("Wait"),
        TaskKind::Unknown => t!("Unknown task"),
    }
}

fn kind_about(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::CallHttp => t!("Calls any address, without a connection"),
        TaskKind::Do => t!("Tasks one after the other, as one"),
        TaskKind::Emit => t!("Adds an event to the output"),
        TaskKind::For => t!("Does tasks once for each item of a list"),
        TaskKind::Fork => t!("Does branches at the same time"),
        TaskKind::Raise => t!("Ends with an error of your own"),
        TaskKind::Set => t!("Makes values for what follows"),
        TaskKind::Switch => t!("Goes one of several ways"),
        TaskKind::Try => t!("Catches errors and tries again"),
        TaskKind::Wait => t!("Pauses for a time"),
        TaskKind::CallOther | TaskKind::Listen | TaskKind::Run | TaskKind::Unknown => {
            t!("Is kept and not run here")
        }
    }
}

#[cfg(test)]
mod tests {
    use patchbay_core::connector::Method;
    use patchbay_ipc::{OperationList, OperationTitle, OperationsOf};

    use super::{choices, found};

    fn operations() -> OperationList {
        let of = |slug: &str, name: &str, titles: &[&str]| OperationsOf {
            connector: slug.into(),
            name: name.into(),
            icon: None,
            operations: titles
                .iter()
                .map(|title| OperationTitle {
                    id: title.to_lowercase().replace(' ', "-"),
                    title: (*title).into(),
                    method: Method::Get,
                    path: "/x".into(),
                })
                .collect(),
        };
        OperationList {
            connectors: vec![
                of("slack", "Slack", &["Post a message", "List channels"]),
                of("github", "GitHub", &["List issues", "Create an issue"]),
            ],
        }
    }

    #[test]
    fn all_words_have_to_be_found_in_any_order() {
        let all = choices(&operations(), &["github".into()]);
        let titles = |search: &str| -> Vec<String> {
            found(&all, search).into_iter().map(|choice| choice.title.clone()).collect()
        };
        assert_eq!(titles("issue GIT"), ["List issues", "Create an issue"]);
        assert_eq!(titles("slack post"), ["Post a message"]);
        assert_eq!(titles("nothing like it"), Vec::<String>::new());
        assert_eq!(titles("fork")[0], "Fork");
        assert_eq!(titles("")[0], "List issues", "what the document calls already comes first");
    }
}
