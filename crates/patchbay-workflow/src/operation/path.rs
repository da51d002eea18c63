//! The address of a connector's task: `${ "\($workflow.input.nango)/proxy/repos/{owner}/…" }`.
//!
//! A parameter's value stands in its place in the path: percent-encoded if it is plain, as `\( … | @uri)` if it
//! is an expression, and as the `{name}` of the manifest as long as it has none.

use crate::expression::{self, Part};

/// Longest address that is taken apart.
const LONGEST: usize = 8 * 1024;

/// An address with the places of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// The expression of the server.
    base: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Text of the manifest's path.
    Path(String),
    /// A parameter, and what stands in its place.
    Parameter { name: String, written: String },
}

/// A character of an address, or an expression in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Text(char),
    Code(&'a str),
}

impl Address {
    /// The address of an operation, no parameter having a value.
    pub(crate) fn new(path: &str) -> Self {
        let mut pieces = Vec::new();
        for pattern in patterns(path) {
            pieces.push(match pattern {
                Pattern::Text(text) => Piece::Path(text.to_owned()),
                Pattern::Parameter(name) => Piece::Parameter { name: name.to_owned(), written: unset(name) },
            });
        }
        Self { base: "$workflow.input.nango".to_owned(), pieces }
    }

    /// Reads the address of an operation with that path; nothing if it is another address.
    pub(crate) fn read(uri: &str, path: &str) -> Option<Self> {
        if uri.len() > LONGEST {
            return None;
        }
        let parts = expression::string(expression::inside(uri)?)?;
        let [Part::Code(base), rest @ ..] = parts.as_slice() else { return None };
        let mut tokens = Vec::new();
        for part in rest {
            match part {
                Part::Text(text) => tokens.extend(text.chars().map(Token::Text)),
                Part::Code(code) => tokens.push(Token::Code(code)),
            }
        }
        let rest = "/proxy".chars().enumerate().all(|(at, each)| tokens.get(at) == Some(&Token::Text(each)));
        let tokens = if rest { tokens.get("/proxy".len()..)? } else { return None };
        let mut pieces = Vec::new();
        fit(&patterns(path), tokens, &mut pieces).then(|| Self { base: (*base).to_owned(), pieces })
    }

    /// The address of another operation at the same server; parameters of the same name keep their values.
    pub(crate) fn for_path(&self, path: &str) -> Self {
        let mut address = Self { base: self.base.clone(), ..Self::new(path) };
        for piece in &mut address.pieces {
            let Piece::Parameter { name, written } = piece else { continue };
            let held = self.pieces.iter().find_map(|piece| match piece {
                Piece::Parameter { name: has, written } if has == name => Some(written),
                _ => None,
            });
            if let Some(held) = held {
                written.clone_from(held);
            }
        }
        address
    }

    /// The value of a parameter, as it is typed.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Parameter { name: has, written } if has == name && *written != unset(name) => {
                Some(read_value(written))
            }
            _ => None,
        })
    }

    /// Gives a parameter a value, or none.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        for piece in &mut self.pieces {
            if let Piece::Parameter { name: has, written } = piece
                && has == name
            {
                // An empty text in a path would make it another path.
                *written = value.filter(|value| !value.is_empty()).map_or_else(|| unset(name), write_value);
            }
        }
    }

    /// The expression.
    pub(crate) fn write(&self) -> String {
        let path: String = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Path(text) => text.as_str(),
                Piece::Parameter { written, .. } => written,
            })
            .collect();
        format!("${{ \"\\({})/proxy{path}\" }}", self.base)
    }
}

fn unset(name: &str) -> String {
    format!("{{{name}}}")
}

/// A value as it stands in an address or a form.
pub(super) fn write_value(value: &str) -> String {
    match expression::inside(value) {
        Some(jq) => format!("\\({jq} | @uri)"),
        None => expression::encoded(value),
    }
}

/// Undoes [`write_value`].
pub(super) fn read_value(written: &str) -> String {
    match written.strip_prefix("\\(").and_then(|code| code.strip_suffix(')')) {
        Some(code) => {
            let code = code.trim();
            let jq = code.strip_suffix("@uri").map(str::trim_end).and_then(|code| code.strip_suffix('|'));
            format!("${{ {} }}", jq.unwrap_or(code).trim())
        }
        None => expression::decoded(written),
    }
}

/// A piece of a manifest's path.
enum Pattern<'a> {
    Text(&'a str),
    Parameter(&'a str),
}

fn patterns(path: &str) -> Vec<Pattern<'_>> {
    let mut patterns = Vec::new();
    let mut rest = path;
    while let Some((text, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !text.is_empty() {
            patterns.push(Pattern::Text(text));
        }
        patterns.push(Pattern::Parameter(name));
        rest = after;
    }
    if !rest.is_empty() {
        patterns.push(Pattern::Text(rest));
    }
    patterns
}

/// Fits tokens to a path. A value has no slash, so that few ways have to be tried.
fn fit(patterns: &[Pattern<'_>], tokens: &[Token<'_>], pieces: &mut Vec<Piece>) -> bool {
    match patterns {
        [] => tokens.is_empty(),
        [Pattern::Text(text), rest @ ..] => {
            let count = text.chars().count();
            let is_there = tokens.len() >= count
                && text.chars().zip(tokens).all(|(each, token)| *token == Token::Text(each));
            if !is_there {
                return false;
            }
            pieces.push(Piece::Path((*text).to_owned()));
            fit(rest, &tokens[count..], pieces)
        }
        [Pattern::Parameter(name), rest @ ..] => {
            let longest = match tokens.first() {
                Some(Token::Code(_)) => 1,
                _ => tokens
                    .iter()
                    .take_while(|token| matches!(token, Token::Text(each) if *each != '/'))
                    .count(),
            };
            let depth = pieces.len();
            for count in (1..=longest).rev() {
                let written: String = tokens[..count].iter().map(Token::written).collect();
                pieces.push(Piece::Parameter { name: (*name).to_owned(), written });
                if fit(rest, &tokens[count..], pieces) {
                    return true;
                }
                pieces.truncate(depth);
            }
            false
        }
    }
}

impl Token<'_> {
    fn written(&self) -> String {
        match self {
            Token::Text(each) => each.to_string(),
            Token::Code(code) => format!("\\({code})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    const PATH: &str = "/repos/{owner}/{repo}/issues";

    #[test]
    fn values_come_back_as_they_were_typed() {
        for value in [
            "octocat",
            "a b",
            "a/b?c#d",
            "100 %",
            "ü",
            "\"quoted\"",
            "{owner}",
            "${ .item.owner }",
            "${ .a | ascii_downcase }",
            "${ $context[\"a)b\"] }",
        ] {
            let mut address = Address::new(PATH);
            address.set("owner", Some(value));
            let uri = address.write();
            let read = Address::read(&uri, PATH).unwrap_or_else(|| panic!("{uri} is not read"));
            assert_eq!(read.get("owner").as_deref(), Some(value), "{uri}");
            assert_eq!(read.get("repo"), None, "{uri}");
            assert_eq!(read.write(), uri);
        }
    }

    #[test]
    fn what_another_hand_wrote_is_kept() {
        let uri = r#"${ "\($context.server)/proxy/repos/\( .who )/x-\u0079/issues" }"#;
        assert_eq!(Address::read(uri, PATH), None, "escapes are not taken apart");
        let uri = r#"${"\($context.server)/proxy/repos/\( .who )/it/issues"}"#;
        let mut address = Address::read(uri, PATH).expect("it has the path");
        assert_eq!(address.get("owner").as_deref(), Some("${ .who }"));
        address.set("repo", None);
        assert_eq!(address.write(), r#"${ "\($context.server)/proxy/repos/\( .who )/{repo}/issues" }"#);
    }

    #[test]
    fn another_operation_is_at_the_same_server_with_what_both_have() {
        let uri = r#"${ "\($context.server)/proxy/repos/a%20b/{repo}/issues" }"#;
        let address = Address::read(uri, PATH).expect("it has the path");
        let other = address.for_path("/orgs/{owner}/teams/{team}/{repo}");
        assert_eq!(other.write(), r#"${ "\($context.server)/proxy/orgs/a%20b/teams/{team}/{repo}" }"#);
    }

    #[test]
    fn the_longest_value_counts_where_several_would_do() {
        let mut address = Address::new("/Accounts/{sid}.json");
        address.set("sid", Some("a.json"));
        let uri = address.write();
        let read = Address::read(&uri, "/Accounts/{sid}.json").expect("it has the path");
        assert_eq!(read.get("sid").as_deref(), Some("a.json"));
    }

    #[test]
    fn another_path_is_another_address() {
        for uri in [
            "https://api.example.com/proxy/repos/a/b/issues",
            r#"${ "\($workflow.input.nango)/proxy/repos/a/b/pulls" }"#,
            r#"${ "\($workflow.input.nango)/proxy/repos/a/issues" }"#,
            r#"${ "\($workflow.input.nango)/repos/a/b/issues" }"#,
            r#"${ "/proxy/repos/a/b/issues" }"#,
            "${ }",
        ] {
            assert_eq!(Address::read(uri, PATH), None, "{uri}");
        }
    }
}
