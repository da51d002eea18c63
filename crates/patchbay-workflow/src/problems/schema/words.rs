//! Errors of a JSON schema as sentences that name what is wrong and what would be right.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use patchbay_texts::{mark, t, text};
use serde_json::Value;

/// Forms of text that the schema knows by their patterns, as what they are.
const FORMS: [(&str, &str); 5] = [
    (r"^\s*\$\{.+\}\s*$", mark!("an expression `${ … }`")),
    (r"^P(?!$)", mark!("a duration such as `PT5S`")),
    (r"^(?!\s*\$\{)", mark!("an address")),
    (r"^(0|[1-9]\d*)\.", mark!("a version such as 1.0.3")),
    (
        r"^[a-zA-Z0-9](?:[a-zA-Z0-9-]",
        mark!("a name of letters, digits and dashes that begins and ends with a letter or digit"),
    ),
];

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// A JSON pointer, from where the value begins that was checked.
    pub(super) at: String,
    pub(super) message: String,
}

/// An error of a value held against a schema, as sentences; none, if it only follows from another one. `whole` is
/// what the value is called at the beginning of a sentence.
pub(super) fn sentences(error: &ValidationError<'_>, schema: &Value, whole: &str) -> Vec<Sentence> {
    let at = error.instance_path().as_str().to_owned();
    let one = |message: String| vec![Sentence { at: at.clone(), message }];
    let what = named(&at, whole);
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            one(t!("{what} has no “{property}”, which it needs.", what, property))
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = known_names(error, schema);
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            // Where a member is wrong in itself, the schema takes it for unknown as well.
            unexpected
                .iter()
                .filter(|name| !known.contains(&name.as_str()))
                .map(|name| {
                    let hint =
                        nearest(name, &known).map(|near| format!(" {}", t!("Did you mean “{near}”?", near)));
                    let message =
                        format!("{}{}", t!("“{name}” is not known here.", name), hint.unwrap_or_default());
                    Sentence { at: format!("{at}/{}", escaped(name)), message }
                })
                .collect()
        }
        ValidationErrorKind::Type { kind } => {
            let wanted = types(kind).join(t!(" or "));
            let message = t!(
                "{what} has to be {wanted}, not {found}.",
                what,
                wanted,
                found = kind_of(error.instance())
            );
            one(match error.instance().as_ref() {
                Value::Number(_) | Value::Bool(_) if wanted == t!("a text") => {
                    format!("{message} {}", t!("Put it in quotes."))
                }
                _ => message,
            })
        }
        ValidationErrorKind::Constant { expected_value } => {
            one(t!("{what} has to be {wanted}.", what, wanted = shown(expected_value)))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<_> = options.as_array().into_iter().flatten().map(shown).collect();
            one(t!("{what} has to be one of {choices}.", what, choices = options.join(", ")))
        }
        ValidationErrorKind::Pattern { pattern } => one(t!(
            "{what} has to be {wanted}.",
            what,
            wanted = form(pattern).unwrap_or(t!("written in another form"))
        )),
        ValidationErrorKind::MinProperties { .. }
        | ValidationErrorKind::MinItems { .. }
        | ValidationErrorKind::MinLength { .. } => one(t!("{what} must not be empty.", what)),
        ValidationErrorKind::MaxProperties { .. } => one(t!(
            "{what} has several members, and only one can be meant. Begin each with its own dash.",
            what
        )),
        ValidationErrorKind::Minimum { limit } => one(t!("{what} has to be at least {limit}.", what, limit)),
        ValidationErrorKind::Maximum { limit } => one(t!("{what} can be at most {limit}.", what, limit)),
        ValidationErrorKind::FalseSchema => one(t!("{what} must not be here.", what)),
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            one(t!("{what} says several things of which only one can be meant.", what))
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            alternatives(error, context, schema, whole)
        }
        _ => one(t!("{what} is not as it should be: {problem}.", what, problem = error.masked())),
    }
}

/// What to say where none of several schemas fits: the sentences of the one that was most likely meant.
fn alternatives(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    schema: &Value,
    whole: &str,
) -> Vec<Sentence> {
    let at = error.instance_path();
    let mut wanted = Vec::new();
    let mut likely: Vec<&Vec<ValidationError<'static>>> = Vec::new();
    for branch in context {
        match here(branch, at.as_str()) {
            Some(forms) => wanted.extend(forms),
            None => likely.push(branch),
        }
    }
    // What misses nothing was meant rather than what misses the very member that tells it.
    let misses = |branch: &[ValidationError<'static>]| {
        branch
            .iter()
            .filter(|error| {
                error.instance_path() == at && matches!(error.kind(), ValidationErrorKind::Required { .. })
            })
            .count()
    };
    likely.sort_by_key(|branch| (misses(branch), branch.len()));
    let what = named(at.as_str(), whole);
    match likely.as_slice() {
        [] => {
            // Forms of text first.
            wanted.sort_by_key(|form| (form == t!("a mapping"), form.clone()));
            wanted.dedup();
            let message = t!("{what} has to be {wanted}.", what, wanted = wanted.join(t!(" or ")));
            vec![Sentence { at: at.as_str().to_owned(), message }]
        }
        [first, rest @ ..] => {
            // Several that miss what tells them: say what each would need.
            let needs: Vec<_> =
                std::iter::once(first).chain(rest).filter_map(|branch| needed(branch, at.as_str())).collect();
            if misses(first) > 0 && !needs.is_empty() {
                let message = t!("{what} needs {needed}.", what, needed = needs.join(t!(" or ")));
                return vec![Sentence { at: at.as_str().to_owned(), message }];
            }
            first.iter().flat_map(|error| sentences(error, schema, whole)).collect()
        }
    }
}

/// The members whose absence rules a branch out, quoted.
fn needed(branch: &[ValidationError<'_>], at: &str) -> Option<String> {
    let names: Vec<_> = branch
        .iter()
        .filter(|error| error.instance_path().as_str() == at)
        .filter_map(|error| match error.kind() {
            ValidationErrorKind::Required { property } => Some(format!("“{}”", property.as_str()?)),
            _ => None,
        })
        .collect();
    (!names.is_empty()).then(|| names.join(t!(" and ")))
}

/// If a branch fails because the value itself is of another type or form: what it should be.
fn here(branch: &[ValidationError<'_>], at: &str) -> Option<Vec<String>> {
    branch.iter().filter(|error| error.instance_path().as_str() == at).find_map(|error| match error.kind() {
        ValidationErrorKind::Type { kind } => Some(types(kind)),
        ValidationErrorKind::Pattern { pattern } => {
            Some(form(pattern).map(str::to_owned).into_iter().collect())
        }
        ValidationErrorKind::Enum { options } => {
            Some(options.as_array().into_iter().flatten().map(shown).collect())
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            let forms: Option<Vec<_>> = context.iter().map(|branch| here(branch, at)).collect();
            forms.map(|forms| forms.into_iter().flatten().collect())
        }
        _ => None,
    })
}

fn form(pattern: &str) -> Option<&'static str> {
    FORMS.iter().find(|(start, _)| pattern.trim_start().starts_with(start)).map(|(_, form)| text(form))
}

fn types(kind: &TypeKind) -> Vec<String> {
    let named = |name: &str| {
        match name {
            "null" => t!("nothing"),
            "boolean" => t!("true or false"),
            "integer" => t!("a whole number"),
            "number" => t!("a number"),
            "string" => t!("a text"),
            "array" => t!("a list"),
            _ => t!("a mapping"),
        }
        .to_owned()
    };
    match kind {
        TypeKind::Single(kind) => vec![named(kind.as_str())],
        TypeKind::Multiple(kinds) => kinds.into_iter().map(|kind| named(kind.as_str())).collect(),
    }
}

fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => t!("nothing").to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(_) => t!("a text").to_owned(),
        Value::Array(_) => t!("a list").to_owned(),
        Value::Object(_) => t!("a mapping").to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("“{text}”"),
        value => value.to_string(),
    }
}

/// What a pointer leads to, at the beginning of a sentence.
fn named(pointer: &str, whole: &str) -> String {
    match pointer.rsplit('/').next().unwrap_or_default() {
        "" => whole.to_owned(),
        index if index.bytes().all(|byte| byte.is_ascii_digit()) => {
            t!("Item {number}", number = index.parse::<u64>().map_or(0, |index| index.saturating_add(1)))
        }
        name => format!("“{}”", name.replace("~1", "/").replace("~0", "~")),
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The names of members that the schema knows where an error was found.
fn known_names(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let path = error.evaluation_path().as_str().to_owned();
    let mut at = schema;
    let mut steps: Vec<_> =
        path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    // The last step is the keyword itself.
    steps.pop();
    for step in steps {
        let next = match at {
            Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            value => value.get(&step),
        };
        let next = match next {
            Some(Value::String(reference)) if step == "$ref" => referenced(schema, reference),
            next => next,
        };
        match next {
            Some(next) => at = next,
            None => return Vec::new(),
        }
    }
    let mut names = Vec::new();
    collect_names(at, schema, &mut names, 0);
    names
}

fn referenced<'a>(schema: &'a Value, reference: &str) -> Option<&'a Value> {
    schema.pointer(reference.strip_prefix('#')?)
}

fn collect_names(at: &Value, schema: &Value, names: &mut Vec<String>, depth: usize) {
    if depth > 8 {
        return;
    }
    names.extend(
        at.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.clone()),
    );
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for part in at.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            collect_names(part, schema, names, depth + 1);
        }
    }
    if let Some(part) =
        at.get("$ref").and_then(Value::as_str).and_then(|reference| referenced(schema, reference))
    {
        collect_names(part, schema, names, depth + 1);
    }
}

/// The known name that a name was meant to be, if one is near.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name: Vec<_> = name.to_lowercase().chars().take(64).collect();
    let near = known.iter().map(|each| (distance(&name, each), *each)).min()?;
    let most = match name.len() {
        0..3 => 0,
        3..5 => 1,
        _ => 2,
    };
    (near.0 <= most).then_some(near.1)
}

/// How many letters have to be changed, added or taken away.
fn distance(one: &[char], other: &str) -> usize {
    let other: Vec<_> = other.to_lowercase().chars().collect();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, from) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in other.iter().enumerate() {
            let changed = above[column] + usize::from(from != to);
            current.push(changed.min(above[column + 1] + 1).min(current[column] + 1));
        }
        above = current;
    }
    above[other.len()]
}
