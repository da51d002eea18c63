//! The form that stands between a person and a connection, made from what the provider declares.
//!
//! Nango leaves patterns, formats, enumerations and required-ness to the client (0.71.4 stores what it is
//! given), so they are enforced here.

use patchbay_texts::t;
use serde::{Deserialize, Serialize};

use crate::auth_mode::AuthMode;

/// Longest value a field takes, in bytes: generous for a private key, small for a mistake.
pub const LONGEST_VALUE: usize = 64 * 1024;

/// Where a field's value is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldPart {
    /// In the query, as `params[name]`; Nango keeps it readable.
    ConnectionConfig,
    /// In the body; Nango keeps it encrypted.
    Credential,
}

/// A field as a provider declares it: the members of `credentials.*` and `connection_config.*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSpec {
    /// The member's name.
    pub name: String,
    /// What the field is called.
    pub title: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// What a value looks like.
    pub example: Option<String>,
    /// A regular expression over the whole value, as JavaScript understands it.
    pub pattern: Option<String>,
    /// `hostname`, `uri`, `uuid` or `email`.
    pub format: Option<String>,
    /// The only values allowed.
    pub choices: Vec<String>,
    /// What it starts with, or what is sent when it is hidden.
    pub default_value: Option<String>,
    /// Decoration before the value; never part of it.
    pub prefix: Option<String>,
    /// Decoration after the value; never part of it.
    pub suffix: Option<String>,
    /// Its place among the configuration fields.
    pub order: Option<i64>,
    /// Whether it may be left empty.
    pub optional: bool,
    /// Not shown; its default is sent.
    pub hidden: bool,
    /// Filled in by the server; neither asked nor sent.
    pub automated: bool,
    /// Masked while typed.
    pub secret: bool,
    /// Anchor in the provider's help page.
    pub doc_section: Option<String>,
}

/// A field as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The member's name.
    pub name: String,
    /// Where its value is sent.
    pub part: FieldPart,
    /// Its label.
    pub title: String,
    /// What it means.
    pub description: Option<String>,
    /// What a value looks like.
    pub example: Option<String>,
    /// A regular expression over the whole value.
    pub pattern: Option<String>,
    /// `hostname`, `uri`, `uuid` or `email`.
    pub format: Option<String>,
    /// The only values allowed; shown as a list to choose from.
    pub choices: Vec<String>,
    /// What it starts with.
    pub initial: String,
    /// Decoration before the value.
    pub prefix: Option<String>,
    /// Decoration after the value.
    pub suffix: Option<String>,
    /// Whether it may be left empty.
    pub optional: bool,
    /// Masked while typed.
    pub secret: bool,
    /// Holds several lines, as a private key does.
    pub multiline: bool,
    /// Where help for this field is.
    pub help_url: Option<String>,
}

/// A value that is sent without being asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    /// The member's name.
    pub name: String,
    /// Where it is sent.
    pub part: FieldPart,
    /// What is sent.
    pub value: String,
}

/// What is asked before an attempt can begin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Form {
    /// The fields, in the order they are shown.
    pub fields: Vec<Field>,
    /// What is sent besides.
    pub presets: Vec<Preset>,
    /// Help for the person filling it in.
    pub help_url: Option<String>,
}

/// Why a filled-in field is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name.
    pub name: String,
    /// Its label.
    pub title: String,
    /// What is wrong.
    pub kind: FieldProblemKind,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldProblemKind {
    /// Nothing was entered.
    Missing,
    /// Longer than [`LONGEST_VALUE`].
    TooLong,
    /// Not one of the choices.
    NotAChoice,
    /// Not of the pattern; an example where there is one.
    NotOfPattern(Option<String>),
    /// Not of the format.
    NotOfFormat(String),
    /// The form has no such field.
    UnknownField,
}

impl Form {
    /// The form of a provider.
    ///
    /// `credentials` is what the provider declares; where it declares nothing, the mode implies the fields.
    /// In the browser modes only the configuration is asked, credentials are given at the provider.
    #[must_use]
    pub fn for_provider(
        mode: &AuthMode,
        credentials: Option<Vec<FieldSpec>>,
        connection_config: Vec<FieldSpec>,
        help_url: Option<&str>,
    ) -> Form {
        let credentials = match (mode.needs_browser(), credentials) {
            (true, _) => Vec::new(),
            (false, Some(declared)) if !declared.is_empty() => declared,
            (false, _) => implied_credentials(mode),
        };
        let (mut ordered, unordered): (Vec<_>, Vec<_>) =
            connection_config.into_iter().partition(|spec| spec.order.is_some());
        ordered.sort_by_key(|spec| spec.order);

        let help_url = help_url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        let mut form = Form { help_url: help_url.map(str::to_owned), ..Form::default() };
        let in_order = (ordered.into_iter().map(|spec| (FieldPart::ConnectionConfig, spec)))
            .chain(credentials.into_iter().map(|spec| (FieldPart::Credential, spec)))
            .chain(unordered.into_iter().map(|spec| (FieldPart::ConnectionConfig, spec)));
        for (part, spec) in in_order {
            if spec.automated {
                continue;
            }
            if spec.hidden {
                if let Some(value) = spec.default_value {
                    form.presets.push(Preset { name: spec.name, part, value });
                }
                continue;
            }
            form.fields.push(shown(part, spec, help_url));
        }
        form
    }

    /// Neither asks nor sends these credentials: the operator has filled them in.
    pub fn leave_out(&mut self, credentials: &[String]) {
        let is_left = |part, name: &String| part != FieldPart::Credential || !credentials.contains(name);
        self.fields.retain(|field| is_left(field.part, &field.name));
        self.presets.retain(|preset| is_left(preset.part, &preset.name));
    }

    /// The values to send, presets included, in the form's order; optional fields left empty are left out.
    ///
    /// # Errors
    /// Every field that is refused, in the form's order.
    pub fn check<'a>(
        &'a self,
        inputs: impl IntoIterator<Item = (FieldPart, &'a str, &'a str)>,
    ) -> Result<Vec<(FieldPart, &'a str, &'a str)>, Vec<FieldProblem>> {
        let inputs: Vec<(FieldPart, &str, &str)> = inputs.into_iter().collect();
        let mut problems: Vec<FieldProblem> = inputs
            .iter()
            .filter(|(part, name, _)| !self.fields.iter().any(|f| f.part == *part && f.name == *name))
            .map(|(_, name, _)| FieldProblem {
                name: (*name).to_owned(),
                title: (*name).to_owned(),
                kind: FieldProblemKind::UnknownField,
            })
            .collect();
        let mut values = Vec::new();
        for field in &self.fields {
            let entered = inputs
                .iter()
                .find(|(part, name, _)| *part == field.part && *name == field.name)
                .map_or("", |(_, _, value)| value);
            // A password may begin or end with a space; other values never mean to.
            let value = if field.secret { entered } else { field.undecorated(entered.trim()) };
            match field.problem(value) {
                Some(kind) => {
                    problems.push(FieldProblem { name: field.name.clone(), title: field.title.clone(), kind })
                }
                None if value.is_empty() => {}
                None => values.push((field.part, field.name.as_str(), value)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        values.extend(self.presets.iter().map(|p| (p.part, p.name.as_str(), p.value.as_str())));
        Ok(values)
    }
}

impl Field {
    /// The value without the decoration around its box, which people paste along.
    fn undecorated<'a>(&self, value: &'a str) -> &'a str {
        let bare = |value: &'a str, prefix: Option<&String>, suffix: Option<&String>| {
            let value = prefix.and_then(|prefix| value.strip_prefix(prefix.as_str())).unwrap_or(value);
            suffix.and_then(|suffix| value.strip_suffix(suffix.as_str())).unwrap_or(value)
        };
        bare(value, self.prefix.as_ref(), self.suffix.as_ref())
    }

    fn problem(&self, value: &str) -> Option<FieldProblemKind> {
        if value.is_empty() {
            return (!self.optional).then_some(FieldProblemKind::Missing);
        }
        if value.len() > LONGEST_VALUE {
            return Some(FieldProblemKind::TooLong);
        }
        if !self.choices.is_empty() && !self.choices.iter().any(|choice| choice == value) {
            return Some(FieldProblemKind::NotAChoice);
        }
        if let Some(pattern) = &self.pattern
            && !matches_pattern(pattern, value)
        {
            return Some(FieldProblemKind::NotOfPattern(self.example.clone()));
        }
        match &self.format {
            Some(format) if !is_of_format(format, value) => {
                Some(FieldProblemKind::NotOfFormat(format.clone()))
            }
            _ => None,
        }
    }
}

fn shown(part: FieldPart, spec: FieldSpec, help_url: Option<&str>) -> Field {
    let initial = match (&spec.default_value, spec.choices.first()) {
        (Some(value), _) => value.clone(),
        (None, Some(first)) if !spec.optional => first.clone(),
        _ => String::new(),
    };
    let help_url = match (help_url, spec.doc_section) {
        (Some(page), Some(section)) => {
            Some(format!("{}#{}", page.split('#').next().unwrap_or(page), section.trim_start_matches('#')))
        }
        _ => None,
    };
    // Many definitions do not say that a credential is a secret.
    let secret = spec.secret
        || part == FieldPart::Credential
            && (is_secret(&spec.name) || spec.title.as_deref().is_some_and(is_secret));
    let begins_pem = |text: &Option<String>| text.as_deref().is_some_and(|text| text.contains("-----BEGIN"));
    let multiline = begins_pem(&spec.example) || begins_pem(&spec.pattern);
    Field {
        title: spec.title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| spec.name.clone()),
        name: spec.name,
        secret,
        multiline,
        part,
        description: spec.description,
        example: spec.example,
        pattern: spec.pattern,
        format: spec.format,
        choices: spec.choices,
        initial,
        prefix: spec.prefix,
        suffix: spec.suffix,
        optional: spec.optional,
        help_url,
    }
}

/// Whether something of this name or title is masked: a key, a token, a password; not the id or name of one.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_of_a_secret =
        ["key", "secret", "password", "passphrase", "token"].iter().any(|word| name.contains(word));
    is_of_a_secret && !name.ends_with("id") && !name.ends_with("name")
}

/// What a mode asks where the provider declares nothing (bodies of Nango's auth endpoints, 0.71.4).
fn implied_credentials(mode: &AuthMode) -> Vec<FieldSpec> {
    let field = |name: &str, title: &str, secret: bool, optional: bool| FieldSpec {
        name: name.to_owned(),
        title: Some(title.to_owned()),
        secret,
        optional,
        ..FieldSpec::default()
    };
    match mode {
        AuthMode::ApiKey => vec![field("apiKey", t!("API key"), true, false)],
        AuthMode::Basic | AuthMode::Signature => {
            vec![
                field("username", t!("User name"), false, false),
                field("password", t!("Password"), true, true),
            ]
        }
        AuthMode::OAuth2ClientCredentials => vec![
            field("client_id", t!("Client ID"), false, false),
            field("client_secret", t!("Client secret"), true, false),
        ],
        AuthMode::Tba => vec![
            field("token_id", t!("Token ID"), false, false),
            field("token_secret", t!("Token secret"), true, false),
        ],
        AuthMode::Bill => vec![
            field("username", t!("User name"), false, false),
            field("password", t!("Password"), true, false),
            field("organization_id", t!("Organization ID"), false, false),
            field("dev_key", t!("Developer key"), true, false),
        ],
        AuthMode::AwsSigV4 => {
            vec![field("role_arn", t!("Role ARN"), false, false), field("region", t!("Region"), false, true)]
        }
        _ => Vec::new(),
    }
}

/// Whether the whole value is of the pattern. One that does not compile, or runs too long, refuses nothing:
/// it was written for another engine, and the provider has the last word anyway.
fn matches_pattern(pattern: &str, value: &str) -> bool {
    match fancy_regex::Regex::new(pattern) {
        Ok(regex) => regex.is_match(value).unwrap_or(true),
        Err(_) => true,
    }
}

fn is_of_format(format: &str, value: &str) -> bool {
    match format {
        "hostname" => url::Host::parse(value).is_ok() && !value.contains(['/', '@']),
        "uri" => url::Url::parse(value).is_ok(),
        "uuid" => uuid::Uuid::parse_str(value).is_ok(),
        "email" => {
            let mut halves = value.splitn(2, '@');
            let (name, host) = (halves.next().unwrap_or(""), halves.next().unwrap_or(""));
            !name.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !value.contains(char::is_whitespace)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldPart, FieldProblemKind, FieldSpec, Form};
    use crate::auth_mode::AuthMode;

    fn spec(name: &str) -> FieldSpec {
        FieldSpec { name: name.to_owned(), ..FieldSpec::default() }
    }

    fn kind_for(spec: FieldSpec, value: &str) -> Option<FieldProblemKind> {
        let form = Form::for_provider(&AuthMode::OAuth2, None, vec![spec.clone()], None);
        form.check([(FieldPart::ConnectionConfig, spec.name.as_str(), value)])
            .err()
            .map(|mut problems| problems.remove(0).kind)
    }

    #[test]
    fn ordered_configuration_comes_first_then_credentials_then_the_rest() {
        let config = vec![
            spec("last"),
            FieldSpec { order: Some(2), ..spec("second") },
            FieldSpec { order: Some(1), ..spec("first") },
        ];
        let form = Form::for_provider(&AuthMode::ApiKey, None, config, None);
        let names: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["first", "second", "apiKey", "last"]);
    }

    #[test]
    fn automated_is_never_sent_and_hidden_sends_its_default() {
        let config = vec![
            FieldSpec { automated: true, default_value: Some("x".into()), ..spec("auto") },
            FieldSpec { hidden: true, default_value: Some("v3".into()), ..spec("version") },
            FieldSpec { hidden: true, ..spec("empty") },
        ];
        let form = Form::for_provider(&AuthMode::OAuth2, None, config, None);
        assert!(form.fields.is_empty());
        assert_eq!(form.check([]), Ok(vec![(FieldPart::ConnectionConfig, "version", "v3")]));
    }

    #[test]
    fn browser_modes_do_not_ask_for_credentials() {
        let form = Form::for_provider(&AuthMode::OAuth2, Some(vec![spec("client_id")]), vec![], None);
        assert!(form.fields.is_empty());
    }

    #[test]
    fn values_are_checked_as_declared() {
        let look_ahead = FieldSpec { pattern: Some("^(?!https?://)[a-z.]+$".into()), ..spec("host") };
        assert_eq!(kind_for(look_ahead.clone(), "shop.example"), None);
        assert_eq!(kind_for(look_ahead, "http://shop"), Some(FieldProblemKind::NotOfPattern(None)));
        assert_eq!(kind_for(FieldSpec { pattern: Some("([".into()), ..spec("x") }, "any"), None);
        assert_eq!(kind_for(spec("x"), "  "), Some(FieldProblemKind::Missing));
        assert_eq!(kind_for(FieldSpec { optional: true, ..spec("x") }, ""), None);
        let choice = FieldSpec { choices: vec!["eu".into(), "us".into()], ..spec("region") };
        assert_eq!(kind_for(choice.clone(), "eu"), None);
        assert_eq!(kind_for(choice, "mars"), Some(FieldProblemKind::NotAChoice));
        for (format, good, bad) in [
            ("hostname", "a.example", "https://a.example"),
            ("uri", "https://a.example/x", "a b"),
            ("uuid", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "6f96"),
            ("email", "a@b.test", "a b@c.test"),
        ] {
            let field = FieldSpec { format: Some(format.into()), ..spec("x") };
            assert_eq!(kind_for(field.clone(), good), None, "{format}");
            assert_eq!(kind_for(field, bad), Some(FieldProblemKind::NotOfFormat(format.into())), "{format}");
        }
    }

    #[test]
    fn what_is_pasted_with_its_decoration_is_taken_without() {
        let field = FieldSpec {
            prefix: Some("https://".into()),
            suffix: Some(".zendesk.com".into()),
            ..spec("subdomain")
        };
        let form = Form::for_provider(&AuthMode::OAuth2, None, vec![field], None);
        for pasted in ["acme", " https://acme.zendesk.com ", "acme.zendesk.com", "https://acme"] {
            let values = form.check([(FieldPart::ConnectionConfig, "subdomain", pasted)]);
            assert_eq!(values, Ok(vec![(FieldPart::ConnectionConfig, "subdomain", "acme")]), "{pasted}");
        }
        let only = form.check([(FieldPart::ConnectionConfig, "subdomain", "https://")]);
        assert_eq!(only.expect_err("nothing is left").remove(0).kind, FieldProblemKind::Missing);
    }

    #[test]
    fn secrets_are_masked_also_where_the_definition_does_not_say_so() {
        for (name, title, masked) in [
            ("apiKey", "Api key", true),
            ("username", "API key", true),
            ("clientSecret", "", true),
            ("privateKey", "", true),
            ("username", "User name", false),
            ("client_id", "Client ID", false),
            ("token_id", "Token ID", false),
            ("username", "Access key ID", false),
            ("patName", "Token name", false),
            ("role_arn", "Role ARN", false),
        ] {
            let field = FieldSpec { title: Some(title.into()), ..spec(name) };
            let form = Form::for_provider(&AuthMode::TwoStep, Some(vec![field.clone()]), vec![], None);
            assert_eq!(form.fields[0].secret, masked, "{name} {title}");
            let config = Form::for_provider(&AuthMode::OAuth2, None, vec![field], None);
            assert!(!config.fields[0].secret, "what Nango keeps readable is not a secret: {name}");
        }
    }

    #[test]
    fn a_key_in_pem_form_has_several_lines() {
        let pem = FieldSpec { pattern: Some("^-----BEGIN".into()), secret: true, ..spec("privateKey") };
        let form = Form::for_provider(&AuthMode::Jwt, Some(vec![pem, spec("apiKey")]), vec![], None);
        assert_eq!(form.fields.iter().map(|field| field.multiline).collect::<Vec<_>>(), [true, false]);
        let key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";
        let values =
            form.check([(FieldPart::Credential, "privateKey", key), (FieldPart::Credential, "apiKey", "k")]);
        assert_eq!(values.expect("in order")[0].2, key, "line breaks are part of it");
    }

    #[test]
    fn what_the_operator_has_filled_in_is_neither_asked_nor_sent() {
        let hidden = FieldSpec { hidden: true, default_value: Some("x".into()), ..spec("client_id") };
        let credentials = Some(vec![hidden, spec("client_secret")]);
        let config = vec![spec("client_secret")];
        let mut form = Form::for_provider(&AuthMode::OAuth2ClientCredentials, credentials, config, None);
        form.leave_out(&["client_id".into(), "client_secret".into()]);
        assert!(form.presets.is_empty());
        let left: Vec<_> = form.fields.iter().map(|field| field.part).collect();
        assert_eq!(left, [FieldPart::ConnectionConfig], "only credentials are filled in by operators");
    }

    #[test]
    fn a_required_choice_starts_on_its_first_value() {
        let choice = FieldSpec { choices: vec!["eu".into(), "us".into()], ..spec("region") };
        let form = Form::for_provider(&AuthMode::OAuth2, None, vec![choice], None);
        assert_eq!(form.fields[0].initial, "eu");
    }

    #[test]
    fn help_links_point_into_the_page_and_are_http_only() {
        let field = FieldSpec { doc_section: Some("#step-1".into()), ..spec("x") };
        let form =
            Form::for_provider(&AuthMode::OAuth2, None, vec![field.clone()], Some("https://h.test/p#a"));
        assert_eq!(form.fields[0].help_url.as_deref(), Some("https://h.test/p#step-1"));
        let hostile = Form::for_provider(&AuthMode::OAuth2, None, vec![field], Some("javascript:alert(1)"));
        assert_eq!((hostile.help_url, hostile.fields[0].help_url.clone()), (None, None));
    }

    #[test]
    fn a_field_the_form_does_not_have_is_refused() {
        let form = Form::for_provider(&AuthMode::OAuth2, None, vec![], None);
        let problems = form.check([(FieldPart::Credential, "x", "1")]).expect_err("unknown");
        assert_eq!(problems[0].kind, FieldProblemKind::UnknownField);
    }
}
