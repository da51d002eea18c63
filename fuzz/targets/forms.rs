//! A provider's definition as its server sends it, the form made from it, and a person filling that in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nango_client::{Field, Provider};
use patchbay_core::auth_mode::AuthMode;
use patchbay_core::form::{FieldSpec, Form};

fuzz_target!(|input: &str| {
    // The first line is entered in each field; the rest is the definition.
    let Some((entered, definition)) = input.split_once('\n') else { return };
    let Some(provider) = Provider::from_json(definition) else { return };
    let again = Provider::from_json(provider.raw()).expect("what was read can be read from the cache");
    assert_eq!(again.name, provider.name);
    let specs = |fields: Vec<(String, Field)>| fields.into_iter().map(spec).collect();
    let form = Form::for_provider(
        &AuthMode::from(provider.auth_mode.as_str()),
        provider.credentials.map(specs),
        provider.connection_config.map(specs).unwrap_or_default(),
        provider.docs_connect.as_deref(),
    );
    let filled = form.fields.iter().map(|field| (field.part, field.name.as_str(), entered));
    if let Ok(values) = form.check(filled) {
        assert!(values.len() <= form.fields.len() + form.presets.len());
    }
    let _ = form.check([]);
});

fn spec((name, field): (String, Field)) -> FieldSpec {
    FieldSpec {
        name,
        title: field.title,
        description: field.description,
        example: field.example,
        pattern: field.pattern,
        format: field.format,
        choices: field.choices,
        default_value: field.default_value,
        prefix: field.prefix,
        suffix: field.suffix,
        order: field.order,
        optional: field.optional,
        hidden: field.hidden,
        automated: field.automated,
        secret: field.secret,
        doc_section: field.doc_section,
    }
}
