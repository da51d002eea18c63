//! The parameters of a connector's task.

use patchbay_core::catalog::Catalog;
use patchbay_core::connector::{BodyFormat, ParameterPlace};
use patchbay_core::workflow::edit::EditError;
use patchbay_core::workflow::outline::Pointer;
use serde_json::Value;

use super::draft::{Draft, Step};
use crate::operation::{self, Address, Form};
use crate::walk;

/// Gives a parameter a value as typed, or takes it away.
pub(super) fn set(
    draft: &mut Draft,
    path: &Pointer,
    name: &str,
    value: Option<&str>,
    catalog: &Catalog,
) -> Result<(), EditError> {
    let task = walk::all(draft.value()).into_iter().find(|task| task.path == *path);
    let task = task.ok_or_else(|| EditError::NotThere(path.clone()))?;
    let unknown = || EditError::Unknown(name.to_owned());
    let call = operation::read(&task, catalog).ok_or_else(unknown)?;
    let manifest =
        catalog.get(&call.connector).ok_or_else(|| EditError::Unknown(call.connector.to_string()))?;
    let operation = call.operation.as_deref().and_then(|id| manifest.operation(id)).ok_or_else(unknown)?;
    let parameter = operation.parameters.iter().find(|each| each.name == name).ok_or_else(unknown)?;

    let with = path.child("with");
    let only_in_source = |pointer: &Pointer| EditError::OnlyInSource(pointer.clone());
    let step = match parameter.place {
        ParameterPlace::Path => {
            let pointer = address_at(path, task.body);
            let address = operation::uri(task.body).and_then(|uri| Address::read(uri, &operation.path));
            let mut address = address.ok_or_else(|| only_in_source(&pointer))?;
            address.set(name, value);
            Some(Step::Set(pointer, address.write().into()))
        }
        ParameterPlace::Header => {
            let key = operation::header_key(task.body, &operation::header_name(parameter));
            member(task.body, path, &["with", "headers"], &key, value.map(Value::from), false)?
        }
        ParameterPlace::Query => {
            member(task.body, path, &["with", "query"], name, value.map(Value::from), true)?
        }
        ParameterPlace::Body if operation.body == Some(BodyFormat::Form) => {
            let pointer = with.child("body");
            let body = task.body.pointer("/with/body");
            let mut form = Form::read(body).ok_or_else(|| only_in_source(&pointer))?;
            form.set(name, value);
            Some(Step::Set(pointer, form.write().into()))
        }
        ParameterPlace::Body => {
            let value = value.map(|text| operation::untyped(text, parameter.kind));
            member(task.body, path, &["with", "body"], name, value, true)?
        }
    };
    match step {
        Some(step) => draft.run(path, &[step]),
        None => Ok(()),
    }
}

/// Where a task has its address.
pub(super) fn address_at(path: &Pointer, body: &Value) -> Pointer {
    let endpoint = path.child("with").child("endpoint");
    let is_short = body.pointer("/with/endpoint").is_some_and(Value::is_string);
    if is_short { endpoint } else { endpoint.child("uri") }
}

/// The step that gives a member of a mapping a value or takes it away, the mapping along with its last member if
/// it may go. No step where there is nothing to take away.
fn member(
    body: &Value,
    path: &Pointer,
    map: &[&str],
    name: &str,
    value: Option<Value>,
    may_go: bool,
) -> Result<Option<Step>, EditError> {
    let pointer = map.iter().fold(path.clone(), |pointer, step| pointer.child(step));
    let members = match map.iter().try_fold(body, |value, step| value.get(step)) {
        None | Some(Value::Null) => None,
        Some(Value::Object(members)) => Some(members),
        // One expression for all of them.
        Some(_) => return Err(EditError::OnlyInSource(pointer)),
    };
    Ok(match value {
        Some(value) => Some(Step::Set(pointer.child(name), value.into())),
        None => members.filter(|members| members.contains_key(name)).map(|members| {
            Step::Remove(if may_go && members.len() == 1 { pointer } else { pointer.child(name) })
        }),
    })
}
