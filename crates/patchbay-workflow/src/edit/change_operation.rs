//! Another operation of the same connector for a task.

use patchbay_core::catalog::Catalog;
use patchbay_core::connector::{BodyFormat, Operation, Parameter, ParameterPlace};
use patchbay_core::workflow::edit::EditError;
use patchbay_core::workflow::outline::{ConnectorCall, Pointer};
use serde_json::Value;

use super::draft::{Draft, Step};
use super::task::{self, Place};
use super::{names, parameter};
use crate::operation::{self, Address, BASE_URL, BODY_TYPES, FORM};
use crate::walk;
use crate::yaml::Yaml;

/// What an operation is called, and the name a task should have that was named after its old one.
type Changed = (String, Option<String>);

/// Has a task call another operation.
pub(super) fn change(
    draft: &mut Draft,
    place: &Place,
    id: &str,
    catalog: &Catalog,
) -> Result<Changed, EditError> {
    let path = place.path();
    let unknown = || EditError::Unknown(id.to_owned());
    let call = call(draft.value(), &path, catalog).ok_or_else(unknown)?;
    let manifest = catalog.get(&call.connector).ok_or_else(unknown)?;
    let after = manifest.operation(id).ok_or_else(unknown)?;
    let before = call.operation.as_deref().and_then(|id| manifest.operation(id));
    let before = before.ok_or_else(|| EditError::OnlyInSource(path.clone()))?;
    if before.id == after.id {
        return Ok((after.title.clone(), None));
    }
    // As long as the task is of the old operation: what the new one does not have goes.
    for held in &call.parameters {
        if !before.parameters.iter().any(|each| each.name == held.name && stays(each, before, after)) {
            parameter::set(draft, &path, &held.name, None, catalog)?;
        }
    }
    let steps = steps(
        &path,
        place.body(draft.value())?,
        (before, after),
        manifest.base_url_override_for(before.base_url.as_deref()),
        manifest.base_url_override_for(after.base_url.as_deref()),
    )?;
    for step in steps {
        draft.run(&path, &[step])?;
    }
    for each in &after.parameters {
        let held = call.parameters.iter().find(|held| held.name == each.name);
        if held.is_some()
            && before.parameters.iter().any(|old| old.name == each.name && stays(old, before, after))
        {
            continue;
        }
        let text = held.map(|held| held.text.as_str()).or(each.default.as_deref());
        if let Some(text) = text {
            parameter::set(draft, &path, &each.name, Some(text), catalog)?;
        }
    }
    let new_name = new_name(draft.value(), &place.name, before, after);
    Ok((after.title.clone(), new_name))
}

/// The name for a task of the new operation, where the old one is that of the old operation, with or without a number.
fn new_name(document: &Value, name: &str, before: &Operation, after: &Operation) -> Option<String> {
    let rest = name.strip_prefix(&names::camel_case(&before.id))?;
    rest.chars().all(|each| each.is_ascii_digit()).then(|| {
        let taken = task::all_names(document);
        names::unique(&names::camel_case(&after.id), |name| taken.contains(name))
    })
}

fn call(document: &Value, path: &Pointer, catalog: &Catalog) -> Option<ConnectorCall> {
    let tasks = walk::all(document);
    let task = tasks.iter().find(|task| task.path == *path)?;
    operation::read(task, catalog)
}

/// Whether the value of a parameter of one operation can stay where it is for another.
fn stays(parameter: &Parameter, before: &Operation, after: &Operation) -> bool {
    let same =
        after.parameters.iter().any(|each| each.name == parameter.name && each.place == parameter.place);
    same && (parameter.place != ParameterPlace::Body || before.body == after.body)
}

/// What makes a task one of another operation, but for its parameters.
fn steps(
    path: &Pointer,
    body: &Value,
    (before, after): (&Operation, &Operation),
    old_base: Option<&str>,
    new_base: Option<&str>,
) -> Result<Vec<Step>, EditError> {
    let with = path.child("with");
    let address_at = parameter::address_at(path, body);
    let address = operation::uri(body).and_then(|uri| Address::read(uri, &before.path));
    let address = address.ok_or_else(|| EditError::OnlyInSource(address_at.clone()))?;
    let mut steps = vec![
        Step::Set(with.child("method"), after.method.name().to_ascii_lowercase().into()),
        Step::Set(address_at, address.for_path(&after.path).write().into()),
    ];
    let mut header = |name: &str, value: Option<Yaml>| {
        let pointer = with.child("headers").child(operation::header_key(body, name));
        match value {
            Some(value) => steps.push(Step::Set(pointer, value)),
            None if operation::header(body, name).is_some() => steps.push(Step::Remove(pointer)),
            None => {}
        }
    };
    if old_base != new_base {
        header(BASE_URL, new_base.map(Yaml::from));
    }
    let is_form = |operation: &Operation| operation.body == Some(BodyFormat::Form);
    if is_form(before) != is_form(after) {
        for name in BODY_TYPES {
            header(name, is_form(after).then(|| FORM.into()));
        }
    }
    if before.body != after.body {
        let pointer = with.child("body");
        if is_form(after) {
            steps.push(Step::Set(pointer, "".into()));
        } else if body.pointer("/with/body").is_some() {
            steps.push(Step::Remove(pointer));
        }
    }
    steps.push(Step::Set(
        path.child("metadata").child("patchbay").child("operation"),
        after.id.as_str().into(),
    ));
    Ok(steps)
}
