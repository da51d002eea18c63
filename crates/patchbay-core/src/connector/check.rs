//! The rules a manifest has to keep beyond its types, each with a sentence for who breaks it.

use std::collections::HashSet;

use url::Url;

use super::{BodyFormat, ConnectorManifest, ManifestProblem, Method, Operation, Parameter};
use super::{ParameterKind, ParameterPlace, Whoami};

type Checked = Result<(), ManifestProblem>;

const NAME_LIMIT: usize = 40;
const SENTENCE_LIMIT: usize = 90;
const NOTE_LIMIT: usize = 240;
const KEYWORD_LIMIT: usize = 5;

/// Credentials are Nango's business: no manifest may ask for one or carry one.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// Checks everything; the first broken rule is the answer.
pub(super) fn manifest(manifest: &ConnectorManifest) -> Checked {
    kebab_case("file name", manifest.slug.as_str())?;
    text("name", &manifest.name, NAME_LIMIT)?;
    text("description", &manifest.description, SENTENCE_LIMIT)?;
    ensure(manifest.description.ends_with('.'), "description", "is no sentence: the full stop is missing")?;
    text("provider", manifest.provider.as_str(), NAME_LIMIT)?;
    text("auth_mode", manifest.auth_mode.name(), NAME_LIMIT)?;
    if let Some(icon) = &manifest.icon {
        let is_constant = icon.starts_with("Si") && icon.chars().all(|letter| letter.is_ascii_alphanumeric());
        ensure(is_constant, "icon", "is not the name of an icon such as SiGithub")?;
    }
    keywords(&manifest.keywords)?;
    for (place, url) in [("base_url_override", &manifest.base_url_override), ("docs", &manifest.docs)] {
        url.as_deref().map_or(Ok(()), |url| https(place, url))?;
    }
    ensure(
        !(manifest.base_url_per_connection && manifest.base_url_override.is_some()),
        "base_url_per_connection",
        "contradicts base_url_override",
    )?;
    if let Some(note) = &manifest.note {
        text("note", note, NOTE_LIMIT)?;
    }
    manifest.whoami.as_ref().map_or(Ok(()), whoami)?;
    let mut ids = HashSet::new();
    for each in &manifest.operations {
        ensure(ids.insert(each.id.as_str()), &place_of(each), "is there twice")?;
        operation(each)?;
    }
    Ok(())
}

fn keywords(keywords: &[String]) -> Checked {
    ensure(keywords.len() <= KEYWORD_LIMIT, "keywords", "are more than five")?;
    let mut seen = HashSet::new();
    for keyword in keywords {
        text("keywords", keyword, NAME_LIMIT)?;
        ensure(keyword.to_lowercase() == *keyword, "keywords", "are not in lower case")?;
        ensure(seen.insert(keyword), "keywords", "hold a word twice")?;
    }
    Ok(())
}

fn whoami(whoami: &Whoami) -> Checked {
    whoami.base_url.as_deref().map_or(Ok(()), |url| https("whoami.base_url", url))?;
    path("whoami.path", &whoami.path)?;
    ensure(!whoami.path.contains(['{', '}']), "whoami.path", "has a placeholder that nothing fills")?;
    ensure(
        whoami.body.is_none() || whoami.method != Method::Get,
        "whoami.body",
        "cannot go with the method GET",
    )?;
    for (name, value) in &whoami.headers {
        header_name("whoami.headers", name)?;
        text("whoami.headers", value, NOTE_LIMIT)?;
    }
    pointer("whoami.id", &whoami.id)?;
    for (place, each) in [("whoami.name", &whoami.name), ("whoami.email", &whoami.email)] {
        each.as_deref().map_or(Ok(()), |each| pointer(place, each))?;
    }
    Ok(())
}

fn operation(operation: &Operation) -> Checked {
    let place = &place_of(operation);
    kebab_case(place, &operation.id)?;
    text(place, &operation.title, SENTENCE_LIMIT)?;
    operation.base_url.as_deref().map_or(Ok(()), |url| https(place, url))?;
    path(place, &operation.path)?;
    ensure(
        !operation.path.contains('?'),
        place,
        "has a query in its path; make it parameters with defaults",
    )?;

    let mut expected = HashSet::new();
    for name in placeholders(&operation.path)
        .ok_or_else(|| broken(place, "has a brace without its partner, or an empty placeholder"))?
    {
        ensure(expected.insert(name), place, "has a placeholder twice")?;
    }
    let mut seen = HashSet::new();
    for each in &operation.parameters {
        let place = &format!("{place}, parameter {}", each.name);
        ensure(seen.insert((each.name.as_str(), each.place)), place, "is there twice")?;
        parameter(place, each)?;
        if each.place == ParameterPlace::Path {
            ensure(expected.remove(each.name.as_str()), place, "has no placeholder in the path")?;
        }
    }
    ensure(expected.is_empty(), place, "has a placeholder without a path parameter")?;
    body(place, operation)
}

fn body(place: &str, operation: &Operation) -> Checked {
    let in_body = |parameter: &&Parameter| parameter.place == ParameterPlace::Body;
    let has_parameters = operation.parameters.iter().any(|each| in_body(&each));
    match operation.body {
        None => ensure(!has_parameters, place, "has body parameters but does not say `body`"),
        Some(_) if operation.method == Method::Get => Err(broken(place, "has a body although it is a GET")),
        Some(_) if !has_parameters => Err(broken(place, "says `body` but has no body parameter")),
        Some(BodyFormat::Json) => Ok(()),
        Some(BodyFormat::Form) => {
            let is_flat =
                |each: &Parameter| !matches!(each.kind, ParameterKind::Object | ParameterKind::Array);
            let all_flat = operation.parameters.iter().filter(in_body).all(is_flat);
            ensure(all_flat, place, "has an object or array, which a form cannot hold")
        }
    }
}

fn parameter(place: &str, parameter: &Parameter) -> Checked {
    text(place, &parameter.name, NAME_LIMIT)?;
    ensure(!parameter.name.contains(char::is_whitespace), place, "has a space in its name")?;
    text(place, &parameter.title, NAME_LIMIT)?;
    if let Some(description) = &parameter.description {
        text(place, description, NOTE_LIMIT)?;
    }
    if parameter.place == ParameterPlace::Header {
        header_name(place, &parameter.name)?;
    }
    if parameter.place == ParameterPlace::Path {
        ensure(parameter.required, place, "is in the path, so it has to be required")?;
        let is_single = !matches!(parameter.kind, ParameterKind::Object | ParameterKind::Array);
        ensure(is_single, place, "is in the path, so it cannot be an object or array")?;
    }
    let values = parameter.choices.iter().chain(&parameter.example).chain(&parameter.default);
    for value in values {
        ensure(is_of_kind(value, parameter.kind), place, "has a value that is not of its type")?;
    }
    for value in parameter.example.iter().chain(&parameter.default) {
        let allowed = parameter.choices.is_empty() || parameter.choices.contains(value);
        ensure(allowed, place, "has a value that its enum does not list")?;
    }
    Ok(())
}

/// Objects and arrays are told by their brackets only: reading JSON is not this crate's business.
fn is_of_kind(value: &str, kind: ParameterKind) -> bool {
    match kind {
        ParameterKind::String => !value.is_empty(),
        ParameterKind::Integer => value.parse::<i64>().is_ok(),
        ParameterKind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
        ParameterKind::Boolean => value == "true" || value == "false",
        ParameterKind::Object => value.starts_with('{') && value.ends_with('}'),
        ParameterKind::Array => value.starts_with('[') && value.ends_with(']'),
    }
}

/// The names between braces, in order; `None` if the braces do not pair.
fn placeholders(path: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(start) = rest.find(['{', '}']) {
        let inside = rest[start..].strip_prefix('{')?;
        let (name, after) = inside.split_once('}')?;
        if name.is_empty() || name.contains('{') {
            return None;
        }
        names.push(name);
        rest = after;
    }
    Some(names)
}

fn path(place: &str, path: &str) -> Checked {
    ensure(path.starts_with('/'), place, "has a path that does not start with `/`")?;
    ensure(!path.starts_with("//"), place, "has a path that would name another host")?;
    let is_plain = path.chars().all(|letter| letter.is_ascii_graphic()) && !path.contains('#');
    ensure(is_plain, place, "has a path with a character that no path holds")
}

/// RFC 6901: empty, or parts that each begin with `/`, where `~` only stands before `0` or `1`.
fn pointer(place: &str, pointer: &str) -> Checked {
    let escapes_pair = pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    // The empty pointer is the whole answer, which identifies nobody.
    ensure(pointer.len() > 1 && pointer.starts_with('/') && escapes_pair, place, "is not a JSON pointer")
}

fn header_name(place: &str, name: &str) -> Checked {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    ensure(!name.is_empty() && name.chars().all(is_name), place, "is not the name of a header")?;
    let is_secret = SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret));
    ensure(!is_secret, place, "is a header that only Nango fills")
}

fn https(place: &str, url: &str) -> Checked {
    let parsed = Url::parse(url).map_err(|_| broken(place, "is not a URL"))?;
    ensure(parsed.scheme() == "https", place, "is not an https URL")?;
    ensure(parsed.username().is_empty() && parsed.password().is_none(), place, "holds credentials")
}

fn text(place: &str, text: &str, limit: usize) -> Checked {
    ensure(!text.is_empty(), place, "has an empty text")?;
    ensure(text.trim() == text, place, "has a text with space around it")?;
    ensure(!text.contains(char::is_control), place, "has a text with a control character")?;
    ensure(text.chars().count() <= limit, place, "has a text that is too long")
}

fn kebab_case(place: &str, name: &str) -> Checked {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    ensure(name.split('-').all(is_word), place, "is not in kebab case")
}

fn place_of(operation: &Operation) -> String {
    format!("operation {}", operation.id)
}

fn ensure(holds: bool, place: &str, rule: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(broken(place, rule)) }
}

fn broken(place: &str, rule: &'static str) -> ManifestProblem {
    ManifestProblem::Broken { place: place.to_owned(), rule }
}

#[cfg(test)]
mod tests {
    use super::super::{BodyFormat, Category, ConnectorManifest, Method, ParameterKind, ParameterPlace};
    use crate::auth_mode::AuthMode;

    const GOOD: &str = r#"
name = "GitHub"
category = "Development & Code"
description = "Repositories and issues."
provider = "github"
auth_mode = "OAUTH2"
icon = "SiGithub"
keywords = ["git", "code"]
base_url_override = "https://api.github.com"
docs = "https://docs.github.com/rest"

[whoami]
method = "GET"
path = "/user?v=1"
id = "/id"
name = "/a~1b/~0"
headers = { Accept = "application/json" }

[[operation]]
id = "create-issue"
title = "Create an issue"
method = "POST"
base_url = "https://uploads.github.com"
path = "/repos/{owner}/issues"
body = "json"
[[operation.parameter]]
name = "owner"
in = "path"
title = "Owner"
required = true
example = "octocat"
[[operation.parameter]]
name = "labels"
in = "body"
title = "Labels"
type = "array"
default = '["bug"]'
"#;

    #[test]
    fn a_good_manifest_is_read() {
        let manifest = ConnectorManifest::parse("github", GOOD).unwrap();
        assert_eq!(manifest.slug.as_str(), "github");
        assert_eq!(manifest.category, Category::Development);
        assert_eq!(manifest.auth_mode, AuthMode::OAuth2);
        let whoami = manifest.whoami.as_ref().unwrap();
        assert_eq!((whoami.method, whoami.name.as_deref()), (Method::Get, Some("/a~1b/~0")));
        let operation = manifest.operation("create-issue").unwrap();
        assert_eq!(operation.body, Some(BodyFormat::Json));
        assert_eq!(operation.parameters[0].place, ParameterPlace::Path);
        assert_eq!(operation.parameters[1].kind, ParameterKind::Array);
        assert!(!operation.parameters[1].required, "a parameter is optional unless it says otherwise");
        assert!(manifest.operation("list-issues").is_none());

        let base = |call: Option<&str>| manifest.base_url_override_for(call).unwrap().to_owned();
        assert_eq!(base(operation.base_url.as_deref()), "https://uploads.github.com");
        assert_eq!(
            base(whoami.base_url.as_deref()),
            "https://api.github.com",
            "the connector's is the default"
        );

        let json = serde_json::to_string(&manifest).unwrap();
        let back: ConnectorManifest = serde_json::from_str(&json).unwrap();
        assert_eq!(back, manifest, "a checked manifest crosses to the window whole");
    }

    /// Replaces `from` by `to` in the good manifest and expects the error to say `says`.
    #[rstest::rstest]
    #[case::not_toml("name =", "name", "expected")]
    #[case::unknown_member("icon =", "ikon =", "unknown field `ikon`")]
    #[case::unknown_in_whoami("id = \"/id\"", "id = \"/id\"\nphone = \"/p\"", "unknown field `phone`")]
    #[case::unknown_in_operation("body = \"json\"", "bodies = \"json\"", "unknown field `bodies`")]
    #[case::unknown_in_parameter("example =", "sample =", "unknown field `sample`")]
    #[case::missing_member("provider = \"github\"\n", "", "missing field `provider`")]
    #[case::unknown_category("Development & Code", "Code", "unknown variant `Code`")]
    #[case::unknown_method("\"POST\"", "\"PROPFIND\"", "unknown variant `PROPFIND`")]
    #[case::unknown_place("in = \"path\"", "in = \"cookie\"", "unknown variant `cookie`")]
    #[case::empty_name("\"GitHub\"", "\"\"", "name: has an empty text")]
    #[case::padded_name("\"GitHub\"", "\" GitHub\"", "name: has a text with space around it")]
    #[case::long_name(
        "\"GitHub\"",
        "\"GitHubGitHubGitHubGitHubGitHubGitHubGitHub\"",
        "name: has a text that is too"
    )]
    #[case::control_character("\"GitHub\"", "\"Git\\u0007Hub\"", "name: has a text with a control character")]
    #[case::no_sentence("issues.", "issues", "description: is no sentence")]
    #[case::no_icon("SiGithub", "github", "icon: is not the name of an icon")]
    #[case::loud_keyword("\"git\"", "\"Git\"", "keywords: are not in lower case")]
    #[case::double_keyword("\"code\"", "\"git\"", "keywords: hold a word twice")]
    #[case::many_keywords("\"git\"", "\"a\",\"b\",\"c\",\"d\",\"e\"", "keywords: are more than five")]
    #[case::plain_http("https://api", "http://api", "base_url_override: is not an https URL")]
    #[case::no_url("https://docs.github.com/rest", "docs", "docs: is not a URL")]
    #[case::url_with_password("https://api.", "https://me:pw@api.", "base_url_override: holds credentials")]
    #[case::two_bases("docs =", "base_url_per_connection = true\ndocs =", "contradicts base_url_override")]
    #[case::whoami_path("/user?v=1", "user", "whoami.path: has a path that does not start")]
    #[case::whoami_placeholder("/user?v=1", "/{user}", "whoami.path: has a placeholder")]
    #[case::whoami_body("id = \"/id\"", "id = \"/id\"\nbody = \"{}\"", "whoami.body: cannot go with")]
    #[case::secret_in_whoami(
        "{ Accept",
        "{ authorization",
        "whoami.headers: is a header that only Nango fills"
    )]
    #[case::odd_header("{ Accept", "{ \"Acc ept\"", "whoami.headers: is not the name of a header")]
    #[case::secret_parameter(
        "name = \"labels\"\nin = \"body\"",
        "name = \"Cookie\"\nin = \"header\"",
        "only Nango fills"
    )]
    #[case::plain_base("https://uploads", "http://uploads", "operation create-issue: is not an https URL")]
    #[case::pointer_without_slash("\"/id\"", "\"id\"", "whoami.id: is not a JSON pointer")]
    #[case::pointer_to_everything("\"/id\"", "\"\"", "whoami.id: is not a JSON pointer")]
    #[case::pointer_escape("/~0", "/~2", "whoami.name: is not a JSON pointer")]
    #[case::operation_id("create-issue", "Create_issue", "operation Create_issue: is not in kebab case")]
    #[case::operation_path("/repos", "repos", "operation create-issue: has a path that does not start")]
    #[case::operation_host("/repos", "//repos", "has a path that would name another host")]
    #[case::operation_space("/repos", "/re pos", "has a path with a character")]
    #[case::operation_query("/issues", "/issues?a=1", "has a query in its path")]
    #[case::unpaired_brace("{owner}", "{owner", "has a brace without its partner")]
    #[case::closing_brace("{owner}", "owner}", "has a brace without its partner")]
    #[case::nested_brace("{owner}", "{{owner}}", "has a brace without its partner")]
    #[case::placeholder_twice("{owner}", "{owner}/{owner}", "has a placeholder twice")]
    #[case::placeholder_alone("{owner}", "{owner}/{repo}", "has a placeholder without a path parameter")]
    #[case::parameter_alone("{owner}", "all", "parameter owner: has no placeholder in the path")]
    #[case::parameter_twice(
        "name = \"labels\"\nin = \"body\"",
        "name = \"owner\"\nin = \"path\"",
        "is there twice"
    )]
    #[case::optional_in_path("required = true", "required = false", "parameter owner: is in the path")]
    #[case::array_in_path(
        "required = true",
        "required = true\ntype = \"array\"",
        "cannot be an object or array"
    )]
    #[case::spaced_parameter("name = \"labels\"", "name = \"my labels\"", "has a space in its name")]
    #[case::wrong_kind("'[\"bug\"]'", "'bug'", "has a value that is not of its type")]
    #[case::not_in_enum(
        "example = \"octocat\"",
        "example = \"octocat\"\nenum = [\"me\"]",
        "its enum does not list"
    )]
    #[case::body_unsaid("body = \"json\"\n", "", "does not say `body`")]
    #[case::body_of_get("\"POST\"", "\"GET\"", "has a body although it is a GET")]
    #[case::body_of_nothing("in = \"body\"", "in = \"query\"", "has no body parameter")]
    #[case::array_in_form("body = \"json\"", "body = \"form\"", "which a form cannot hold")]
    fn a_broken_manifest_says_what_is_wrong(#[case] from: &str, #[case] to: &str, #[case] says: &str) {
        assert!(GOOD.contains(from), "the case has to change something");
        let error = ConnectorManifest::parse("github", &GOOD.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.starts_with("connectors/github.toml: "), "{error}");
        assert!(error.contains(says), "expected {says:?} in {error}");
    }

    #[test]
    fn an_operation_is_there_once() {
        let again =
            "[[operation]]\nid = \"create-issue\"\ntitle = \"Again\"\nmethod = \"GET\"\npath = \"/x\"\n";
        let error = ConnectorManifest::parse("github", &format!("{GOOD}{again}")).unwrap_err().to_string();
        assert_eq!(error, "connectors/github.toml: operation create-issue: is there twice");
    }

    #[test]
    fn a_file_name_is_a_slug() {
        for slug in ["GitHub", "git_hub", "-github", "git--hub", ""] {
            assert!(ConnectorManifest::parse(slug, GOOD).is_err(), "{slug:?} is no slug");
        }
    }

    #[test]
    fn categories_are_shown_in_order_by_the_name_a_manifest_uses() {
        assert!(Category::ALL.is_sorted(), "the list is the display order");
        for category in Category::ALL {
            let json = serde_json::to_string(&category).unwrap();
            assert_eq!(json, format!("{:?}", category.title()));
        }
    }

    #[test]
    fn methods_are_spelt_as_in_a_manifest() {
        for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
            assert_eq!(serde_json::to_string(&method).unwrap(), format!("{:?}", method.name()));
        }
    }
}
