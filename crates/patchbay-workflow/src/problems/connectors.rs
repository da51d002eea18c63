//! Tasks of connectors held against the catalogue: operation, parameters, role.

use patchbay_core::connector::{
    BodyFormat, ConnectorManifest, Operation, Parameter, ParameterKind, ParameterPlace,
};
use patchbay_core::workflow::outline::{ConnectorCall, Pointer};
use patchbay_core::workflow::problem::Severity;
use serde_json::Value;

use super::profile::Profile;
use crate::expression;
use crate::operation::{self, Address};
use crate::walk::Task;
use patchbay_texts::t;

pub(super) fn check(profile: &mut Profile<'_, '_>, task: &Task<'_>) {
    let Some(call) = operation::read(task, profile.catalog) else { return };
    role(profile, task, &call);
    authentication(profile, task);
    let marks = task.path.child("metadata").child("patchbay");
    let Some(manifest) = profile.catalog.get(&call.connector) else {
        let message = t!(
            "The catalogue has no connector “{connector}”, so the call is not checked.",
            connector = call.connector
        );
        profile.say(Severity::Warning, &marks.child("connector"), message);
        return;
    };
    let Some(id) = call.operation.as_deref() else { return };
    let Some(operation) = manifest.operation(id) else {
        let message =
            t!("{name} has no operation “{id}”, so the call is not checked.", name = manifest.name, id);
        profile.say(Severity::Warning, &marks.child("operation"), message);
        return;
    };
    parameters(profile, task, &call, manifest, operation);
}

/// Who a task runs as: a role, the same everywhere for the same connector.
fn role(profile: &mut Profile<'_, '_>, task: &Task<'_>, call: &ConnectorCall) {
    let headers = task.path.child("with").child("headers");
    let header = operation::header(task.body, operation::CONNECTION);
    let at = match header {
        Some(_) => headers.child(operation::header_key(task.body, operation::CONNECTION)),
        None => task.path.clone(),
    };
    match header.and_then(Value::as_str) {
        None => {
            let message = t!("The task does not say who it runs as. Give it a role.");
            profile.say(Severity::Error, &at, message.to_owned());
        }
        Some(text) if expression::role(text).is_some() => {
            let marked = task.body.pointer("/metadata/patchbay/role").and_then(Value::as_str);
            if let Some(marked) = marked.filter(|marked| *marked != call.role) {
                let role = &call.role;
                let message = t!(
                    "The task runs as “{role}”; that its metadata says “{marked}” does not count.",
                    role,
                    marked
                );
                profile.say(
                    Severity::Warning,
                    &task.path.child("metadata").child("patchbay").child("role"),
                    message,
                );
            }
        }
        Some(text) if expression::inside(text).is_some() => {
            let message =
                t!("Who this runs as cannot be chosen, because it is computed. Give the task a role.");
            profile.say(Severity::Error, &at, message.to_owned());
        }
        Some(_) => {
            let message =
                t!("A connection's id is written into the file. Give the task a role instead, so that \
                           everybody can choose a connection of their own.");
            profile.say(Severity::Error, &at, message.to_owned());
        }
    }
    if call.role.is_empty() {
        return;
    }
    match profile.roles.get(&call.role).cloned() {
        Some((connector, first)) if connector != call.connector => {
            let message = t!(
                "The role “{role}” is one of {connector} here and of {other} in “{first}”. One connection cannot be both.",
                role = call.role,
                connector = call.connector,
                other = connector,
                first
            );
            profile.say(Severity::Error, &at, message);
        }
        Some(_) => {}
        None => {
            profile.roles.insert(call.role.clone(), (call.connector.clone(), task.name.to_owned()));
        }
    }
}

fn authentication(profile: &mut Profile<'_, '_>, task: &Task<'_>) {
    let endpoint = task.path.child("with").child("endpoint");
    if task.body.pointer("/with/endpoint/authentication/use").and_then(Value::as_str) != Some("nango") {
        let message = t!(
            "On another engine this call would have no key for Nango: it lacks “authentication: { use: nango }”."
        );
        profile.say(Severity::Warning, &endpoint, message.to_owned());
    }
}

fn parameters(
    profile: &mut Profile<'_, '_>,
    task: &Task<'_>,
    call: &ConnectorCall,
    manifest: &ConnectorManifest,
    operation: &Operation,
) {
    let with = task.path.child("with");
    let has_address =
        operation::uri(task.body).is_some_and(|uri| Address::read(uri, &operation.path).is_some());
    if !has_address {
        let message = t!(
            "The address is not that of “{title}”, so that what stands in it is not checked.",
            title = operation.title
        );
        profile.say(Severity::Warning, &with.child("endpoint"), message);
    }
    for parameter in &operation.parameters {
        let is_path = parameter.place == ParameterPlace::Path;
        if is_path && !has_address {
            continue;
        }
        let value = call.parameters.iter().find(|value| value.name == parameter.name);
        match value {
            Some(value) => {
                let at = place(&with, task, operation, parameter);
                if let Some(message) = unfit(parameter, &value.text) {
                    profile.say(Severity::Warning, &at, message);
                }
            }
            // One expression may give all of them.
            None if parameter.required && !is_computed(task, parameter) => {
                let message = t!(
                    "“{title}” has no value, and {name} needs one.",
                    title = parameter.title,
                    name = manifest.name
                );
                profile.say(Severity::Error, &place(&with, task, operation, parameter), message);
            }
            None => {}
        }
    }
    let known = |place: ParameterPlace, name: &str| {
        operation.parameters.iter().any(|parameter| parameter.place == place && parameter.name == name)
    };
    for (member, place) in [("query", ParameterPlace::Query), ("body", ParameterPlace::Body)] {
        let given = task.body.get("with").and_then(|with| with.get(member)).and_then(Value::as_object);
        for name in given.into_iter().flatten().map(|(name, _)| name).filter(|name| !known(place, name)) {
            let message = t!(
                "“{name}” is none of the parameters known for “{title}”. It is sent all the same.",
                name,
                title = operation.title
            );
            profile.say(Severity::Warning, &with.child(member).child(name), message);
        }
    }
}

/// Where a parameter stands, or would stand.
fn place(with: &Pointer, task: &Task<'_>, operation: &Operation, parameter: &Parameter) -> Pointer {
    match parameter.place {
        ParameterPlace::Path => with.child("endpoint").child("uri"),
        ParameterPlace::Query => with.child("query").child(&parameter.name),
        ParameterPlace::Header => {
            with.child("headers").child(operation::header_key(task.body, &operation::header_name(parameter)))
        }
        ParameterPlace::Body if operation.body == Some(BodyFormat::Form) => with.child("body"),
        ParameterPlace::Body => with.child("body").child(&parameter.name),
    }
}

/// Whether one expression gives all parameters of a place.
fn is_computed(task: &Task<'_>, parameter: &Parameter) -> bool {
    let pointer = match parameter.place {
        ParameterPlace::Path => return false,
        ParameterPlace::Query => "/with/query",
        ParameterPlace::Header => "/with/headers",
        ParameterPlace::Body => "/with/body",
    };
    let text = task.body.pointer(pointer).and_then(Value::as_str);
    // A form whose values are expressions is one expression too, whose parts are known.
    let jq = text.and_then(expression::inside);
    jq.is_some_and(|jq| expression::string(jq).is_none())
}

/// Why a value does not fit a parameter; an expression always may.
fn unfit(parameter: &Parameter, text: &str) -> Option<String> {
    if expression::inside(text).is_some() {
        return None;
    }
    let title = &parameter.title;
    if !parameter.choices.is_empty() && !parameter.choices.iter().any(|choice| choice == text) {
        return Some(t!("“{title}” takes one of {choices}.", title, choices = parameter.choices.join(", ")));
    }
    let kind = match parameter.kind {
        ParameterKind::String => return None,
        ParameterKind::Integer => t!("a whole number"),
        ParameterKind::Number => t!("a number"),
        ParameterKind::Boolean => t!("true or false"),
        ParameterKind::Object => t!("a JSON object"),
        ParameterKind::Array => t!("a JSON array"),
    };
    let fits = !operation::untyped(text, parameter.kind).is_string();
    (!fits).then(|| t!("“{title}” takes {kind}.", title, kind))
}
