//! New tasks: an operation of a connector, or the smallest body of a kind that is valid.

use patchbay_core::catalog::Catalog;
use patchbay_core::id::ConnectorSlug;
use patchbay_core::workflow::edit::{EditError, NewTask};
use patchbay_core::workflow::outline::{Pointer, TaskKind};
use patchbay_texts::t;
use serde_json::{Value, json};

use super::draft::{Draft, Step};
use super::{names, task};
use crate::operation;
use crate::walk;
use crate::yaml::Yaml;

/// Adds a task and gives its name.
pub(super) fn add(
    draft: &mut Draft,
    list: &Pointer,
    index: u32,
    new: &NewTask,
    catalog: &Catalog,
) -> Result<String, EditError> {
    let (name, body) = match new {
        NewTask::Kind(kind) => of_kind(*kind)?,
        NewTask::Operation { connector, operation, role, integration } => {
            let manifest = catalog.get(connector).ok_or_else(|| EditError::Unknown(connector.to_string()))?;
            let operation =
                manifest.operation(operation).ok_or_else(|| EditError::Unknown(operation.clone()))?;
            let role = match role {
                Some(role) => {
                    names::check_role(role)?;
                    role.clone()
                }
                None => role_for(draft.value(), connector, catalog),
            };
            let body = operation::write(manifest, operation, &role, integration.as_ref());
            (names::camel_case(&operation.id), body)
        }
    };
    let name = {
        let taken = task::all_names(draft.value());
        names::unique(&name, |name| taken.contains(name))
    };
    let item = Yaml::Map(vec![(name.clone(), body)]);
    draft.run(list, &[Step::Insert(list.clone(), index as usize, item)])?;
    if let NewTask::Operation { .. } = new {
        name_nango(draft)?;
    }
    Ok(name)
}

/// The role that tasks of a connector have already, or a new one.
fn role_for(document: &Value, connector: &ConnectorSlug, catalog: &Catalog) -> String {
    let calls: Vec<_> =
        walk::all(document).iter().filter_map(|task| operation::read(task, catalog)).collect();
    let own = calls.iter().find(|call| call.connector == *connector && !call.role.is_empty());
    if let Some(call) = own {
        return call.role.clone();
    }
    let name = names::camel_case(connector.as_str());
    names::unique(&name, |role| calls.iter().any(|call| call.role == role))
}

/// Has the document name the secret and the authentication that connectors' tasks use.
fn name_nango(draft: &mut Draft) -> Result<(), EditError> {
    let uses = Pointer::from("/use");
    let secrets = uses.child("secrets");
    let is_named = |draft: &Draft| {
        let secrets = draft.value().pointer(secrets.as_str()).and_then(Value::as_array);
        secrets.is_some_and(|secrets| secrets.contains(&json!("nango")))
    };
    if !is_named(draft) {
        let has_some = draft.value().pointer(secrets.as_str()).is_some_and(Value::is_array);
        let step = if has_some {
            Step::Insert(secrets.clone(), usize::MAX, "nango".into())
        } else {
            Step::Set(secrets.clone(), json!(["nango"]).into())
        };
        draft.run(&secrets, &[step])?;
    }
    let authentication = uses.child("authentications").child("nango");
    if draft.value().pointer(authentication.as_str()).is_none() {
        let policy = json!({ "bearer": { "use": "nango" } });
        draft.run(&authentication, &[Step::Set(authentication.clone(), policy.into())])?;
    }
    Ok(())
}

/// The name and the smallest valid body of a new task of a kind.
fn of_kind(kind: TaskKind) -> Result<(String, Yaml), EditError> {
    let none = || Yaml::List(Vec::new());
    let (name, body) = match kind {
        TaskKind::CallHttp => {
            let endpoint = map([("uri", "https://example.com/".into())]);
            let with = map([("method", "get".into()), ("endpoint", endpoint)]);
            ("request", map([("call", "http".into()), ("with", with)]))
        }
        TaskKind::Do => ("steps", map([("do", none())])),
        TaskKind::Emit => {
            let event = map([("with", map([("type", "com.example.event".into())]))]);
            ("emit", map([("emit", map([("event", event)]))]))
        }
        TaskKind::For => {
            let items = map([("each", "item".into()), ("in", "${ .items }".into())]);
            ("forEach", map([("for", items), ("do", none())]))
        }
        TaskKind::Fork => ("fork", map([("fork", map([("branches", none())]))])),
        TaskKind::Raise => {
            let error = map([
                ("type", "https://open-workflow-specification.org/dsl/errors/types/runtime".into()),
                ("status", json!(500).into()),
                ("title", "Something is wrong".into()),
            ]);
            ("raise", map([("raise", map([("error", error)]))]))
        }
        TaskKind::Set => ("set", map([("set", map([("value", "${ . }".into())]))])),
        TaskKind::Switch => {
            let otherwise = map([("otherwise", map([("then", "continue".into())]))]);
            ("choose", map([("switch", Yaml::List(vec![otherwise]))]))
        }
        TaskKind::Try => ("attempt", map([("try", none()), ("catch", map([]))])),
        TaskKind::Wait => ("wait", map([("wait", map([("seconds", json!(1).into())]))])),
        TaskKind::CallOther => return Err(EditError::Unknown("call".to_owned())),
        TaskKind::Listen => return Err(EditError::Unknown("listen".to_owned())),
        TaskKind::Run => return Err(EditError::Unknown("run".to_owned())),
        TaskKind::Unknown => return Err(EditError::Unknown(t!("the kind of task").to_owned())),
    };
    Ok((name.to_owned(), body))
}

fn map<const COUNT: usize>(members: [(&str, Yaml); COUNT]) -> Yaml {
    Yaml::Map(members.map(|(name, value)| (name.to_owned(), value)).into())
}
