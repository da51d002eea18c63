//! A connector's task: between an operation of a manifest with its parameters, and the `call: http` to Nango's
//! proxy that stands in the file.

mod form;
mod path;

use patchbay_core::catalog::Catalog;
use patchbay_core::connector::{
    BodyFormat, ConnectorManifest, Operation, Parameter, ParameterKind, ParameterPlace,
};
use patchbay_core::id::{ConnectorSlug, IntegrationKey};
use patchbay_core::workflow::outline::{ConnectorCall, ParameterValue, TaskKind};
use serde_json::Value;

use crate::expression;
use crate::walk::Task;
use crate::yaml::Yaml;

pub(crate) use form::Form;
pub(crate) use path::Address;

/// The header that names the integration.
pub(crate) const INTEGRATION: &str = "Provider-Config-Key";
/// The header that names the connection.
pub(crate) const CONNECTION: &str = "Connection-Id";
/// The header that has Nango call another host than the provider's own.
pub(crate) const BASE_URL: &str = "Base-Url-Override";
/// What a header that the provider is to see begins with.
const FORWARDED: &str = "Nango-Proxy-";
/// The type of a body that is a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// The headers that say what a body is: to Nango, and to the provider.
pub(crate) const BODY_TYPES: [&str; 2] = ["Content-Type", "Nango-Proxy-Content-Type"];

/// What a task calls, if it is a connector's: `metadata.patchbay` names the connector and the operation, the
/// headers say the rest, because they are what other engines go by.
pub(crate) fn read(task: &Task<'_>, catalog: &Catalog) -> Option<ConnectorCall> {
    if task.kind != TaskKind::CallHttp {
        return None;
    }
    let marks = task.body.pointer("/metadata/patchbay")?;
    let connector = ConnectorSlug::from(marks.get("connector")?.as_str()?);
    let operation = marks.get("operation").and_then(Value::as_str).map(str::to_owned);
    let role = header(task.body, CONNECTION)
        .and_then(Value::as_str)
        .and_then(expression::role)
        .or_else(|| marks.get("role").and_then(Value::as_str))
        .unwrap_or_default()
        .to_owned();
    let integration = header(task.body, INTEGRATION)
        .and_then(Value::as_str)
        .filter(|text| expression::inside(text).is_none())
        .map(IntegrationKey::from);
    let parameters = operation
        .as_deref()
        .and_then(|operation| catalog.get(&connector)?.operation(operation))
        .map(|operation| parameters(task.body, operation))
        .unwrap_or_default();
    Some(ConnectorCall { connector, operation, role, integration, parameters })
}

/// The parameters that have a value in a task.
fn parameters(body: &Value, operation: &Operation) -> Vec<ParameterValue> {
    let address = uri(body).and_then(|uri| Address::read(uri, &operation.path));
    let form = Form::read(body.pointer("/with/body"));
    let value = |parameter: &Parameter| match parameter.place {
        ParameterPlace::Path => address.as_ref()?.get(&parameter.name),
        ParameterPlace::Query => body.pointer("/with/query")?.get(&parameter.name).map(typed),
        ParameterPlace::Header => header(body, &header_name(parameter)).map(typed),
        ParameterPlace::Body if operation.body == Some(BodyFormat::Form) => {
            form.as_ref()?.get(&parameter.name)
        }
        ParameterPlace::Body => body.pointer("/with/body")?.get(&parameter.name).map(typed),
    };
    let with_value = |parameter: &Parameter| {
        Some(ParameterValue { name: parameter.name.clone(), text: value(parameter)? })
    };
    operation.parameters.iter().filter_map(with_value).collect()
}

/// A value as its author types it.
fn typed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// What an author typed, as the value of a member of a JSON body. What does not fit its kind stays text: the
/// document's problems say so.
pub(crate) fn untyped(text: &str, kind: ParameterKind) -> Value {
    let fits = |value: &Value| match kind {
        ParameterKind::String => false,
        ParameterKind::Integer => value.is_i64() || value.is_u64(),
        ParameterKind::Number => value.is_number(),
        ParameterKind::Boolean => value.is_boolean(),
        ParameterKind::Object => value.is_object(),
        ParameterKind::Array => value.is_array(),
    };
    let parsed = serde_json::from_str(text).ok().filter(fits);
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// The address that a task calls.
pub(crate) fn uri(body: &Value) -> Option<&str> {
    let endpoint = body.pointer("/with/endpoint")?;
    endpoint.get("uri").unwrap_or(endpoint).as_str()
}

/// A header of a task, whatever the case of its name.
pub(crate) fn header<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let headers = body.pointer("/with/headers")?.as_object()?;
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The name of a header as the file has it, or as it would be written.
pub(crate) fn header_key(body: &Value, name: &str) -> String {
    let headers = body.pointer("/with/headers").and_then(Value::as_object);
    let written = headers.and_then(|headers| headers.keys().find(|key| key.eq_ignore_ascii_case(name)));
    written.cloned().unwrap_or_else(|| name.to_owned())
}

/// The header that carries a header parameter to the provider.
pub(crate) fn header_name(parameter: &Parameter) -> String {
    format!("{FORWARDED}{}", parameter.name)
}

/// A new task for an operation; parameters with a default have it.
pub(crate) fn write(
    manifest: &ConnectorManifest,
    operation: &Operation,
    role: &str,
    integration: Option<&IntegrationKey>,
) -> Yaml {
    let defaults = |place: ParameterPlace| {
        operation
            .parameters
            .iter()
            .filter(move |parameter| parameter.place == place)
            .filter_map(|parameter| Some((parameter, parameter.default.as_deref()?)))
    };
    let mut address = Address::new(&operation.path);
    for (parameter, text) in defaults(ParameterPlace::Path) {
        address.set(&parameter.name, Some(text));
    }
    let named = |name: String, value: Yaml| (name, value);
    let integration = integration.map_or(manifest.provider.as_str(), IntegrationKey::as_str);
    let mut headers = vec![
        named(INTEGRATION.to_owned(), integration.into()),
        named(CONNECTION.to_owned(), expression::of_role(role).into()),
    ];
    if let Some(base_url) = manifest.base_url_override_for(operation.base_url.as_deref()) {
        headers.push(named(BASE_URL.to_owned(), base_url.into()));
    }
    for (parameter, text) in defaults(ParameterPlace::Header) {
        headers.push(named(header_name(parameter), text.into()));
    }
    let is_form = operation.body == Some(BodyFormat::Form);
    if is_form {
        headers.extend(BODY_TYPES.map(|name| named(name.to_owned(), FORM.into())));
    }

    let authentication = Yaml::Flow(vec![("use".to_owned(), "nango".into())]);
    let endpoint = Yaml::Map(vec![
        named("uri".to_owned(), address.write().into()),
        named("authentication".to_owned(), authentication),
    ]);
    let mut with = vec![
        named("method".to_owned(), operation.method.name().to_ascii_lowercase().into()),
        named("endpoint".to_owned(), endpoint),
        named("headers".to_owned(), Yaml::Map(headers)),
    ];
    let query: Vec<_> = defaults(ParameterPlace::Query)
        .map(|(parameter, text)| named(parameter.name.clone(), text.into()))
        .collect();
    if !query.is_empty() {
        with.push(named("query".to_owned(), Yaml::Map(query)));
    }
    if is_form {
        let mut form = Form::default();
        for (parameter, text) in defaults(ParameterPlace::Body) {
            form.set(&parameter.name, Some(text));
        }
        with.push(named("body".to_owned(), form.write().into()));
    } else {
        let body: Vec<_> = defaults(ParameterPlace::Body)
            .map(|(parameter, text)| named(parameter.name.clone(), untyped(text, parameter.kind).into()))
            .collect();
        if !body.is_empty() {
            with.push(named("body".to_owned(), Yaml::Map(body)));
        }
    }
    let marks = Yaml::Flow(vec![
        named("connector".to_owned(), manifest.slug.as_str().into()),
        named("operation".to_owned(), operation.id.as_str().into()),
        named("role".to_owned(), role.into()),
    ]);
    Yaml::Map(vec![
        named("call".to_owned(), "http".into()),
        named("with".to_owned(), Yaml::Map(with)),
        named("metadata".to_owned(), Yaml::Map(vec![named("patchbay".to_owned(), marks)])),
    ])
}
