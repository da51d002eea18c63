//! Runtime expressions as texts: `${ … }`, and jq's strings with `\( … )` in them.

use std::fmt::Write as _;

/// The jq inside of `${ … }`; nothing for any other text.
pub(crate) fn inside(text: &str) -> Option<&str> {
    text.trim().strip_prefix("${")?.strip_suffix('}').map(str::trim)
}

/// A piece of a jq string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Text, without escapes.
    Text(&'a str),
    /// What stands in `\( … )`, with the white space around it.
    Code(&'a str),
}

/// The pieces of a jq expression that is one string and nothing else. Nothing for any other expression, and for
/// a string with escapes other than `\( … )`, of which none is needed where this is used.
pub(crate) fn string(jq: &str) -> Option<Vec<Part<'_>>> {
    let mut rest = jq.trim().strip_prefix('"')?;
    let mut parts = Vec::new();
    loop {
        let end = rest.find(['"', '\\'])?;
        if end > 0 {
            parts.push(Part::Text(&rest[..end]));
        }
        if rest[end..].starts_with('"') {
            return (end + 1 == rest.len()).then_some(parts);
        }
        let code = rest[end..].strip_prefix("\\(")?;
        let length = code_length(code)?;
        parts.push(Part::Code(&code[..length]));
        rest = &code[length + 1..];
    }
}

/// How long the code is that a `)` ends.
fn code_length(code: &str) -> Option<usize> {
    /// What has to end: parentheses and the like, or a string.
    enum Open {
        Bracket,
        Text,
    }
    let mut open = vec![Open::Bracket];
    let mut bytes = code.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (open.last()?, byte) {
            (Open::Text, b'"') => {
                open.pop();
            }
            (Open::Text, b'\\') => {
                if let Some((_, b'(')) = bytes.next() {
                    open.push(Open::Bracket);
                }
            }
            (Open::Text, _) => {}
            (Open::Bracket, b'"') => open.push(Open::Text),
            (Open::Bracket, b'(' | b'[' | b'{') => open.push(Open::Bracket),
            (Open::Bracket, b')' | b']' | b'}') => {
                open.pop();
                if open.is_empty() {
                    return (byte == b')').then_some(at);
                }
            }
            // A comment would hide what ends the code.
            (Open::Bracket, b'#') => return None,
            (Open::Bracket, _) => {}
        }
    }
    None
}

/// A role that an expression reads the connection of: `${ $workflow.input.connections.<role> }`.
pub(crate) fn role(text: &str) -> Option<&str> {
    let role = inside(text)?.strip_prefix("$workflow.input.connections.")?;
    is_role(role).then_some(role)
}

/// The expression that reads a role's connection.
pub(crate) fn of_role(role: &str) -> String {
    format!("${{ $workflow.input.connections.{role} }}")
}

/// Whether jq takes a text as the name of a member without quotes.
pub(crate) fn is_role(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|each| each.is_ascii_alphanumeric() || each == '_')
}

/// Percent-encodes everything that is not plain in every part of an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Undoes [`encoded`]; bytes that are no UTF-8 are replaced.
pub(crate) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Part, inside, role, string};

    #[test]
    fn strings_are_taken_apart() {
        let text = Part::Text;
        let code = Part::Code;
        for (jq, expected) in [
            (r#""plain""#, vec![text("plain")]),
            (r#""""#, vec![]),
            (r#""\($a)/b""#, vec![code("$a"), text("/b")]),
            (r#" "a\( f(")") | @uri )c" "#, vec![text("a"), code(r#" f(")") | @uri "#), text("c")]),
            (r#""\("x\("y)")z")""#, vec![code(r#""x\("y)")z""#)]),
            (r#""\({a: [1]}.a[0])""#, vec![code("{a: [1]}.a[0]")]),
        ] {
            assert_eq!(string(jq).as_deref(), Some(&expected[..]), "{jq}");
        }
        for jq in ["", "\"", "\"a", "\"a\" + \"b\"", r#""\n""#, r#""\(a""#, r#""\(a]""#, "\"\\(a # )\n)\""] {
            assert_eq!(string(jq), None, "{jq}");
        }
    }

    #[test]
    fn a_role_is_read_from_its_expression() {
        assert_eq!(role("${ $workflow.input.connections.codeHost }"), Some("codeHost"));
        assert_eq!(role(" ${$workflow.input.connections._2} "), Some("_2"));
        for text in [
            "github",
            "${ $workflow.input.connections.2a }",
            "${ $workflow.input.connections.a.b }",
            "${ $workflow.input.connections. }",
            "$workflow.input.connections.a",
        ] {
            assert_eq!(role(text), None, "{text}");
        }
    }

    #[test]
    fn an_expression_is_the_whole_text() {
        assert_eq!(inside("  ${ .a }\n"), Some(".a"));
        assert_eq!(inside("${}"), Some(""));
        for text in ["x ${ .a }", "${ .a } x", "$ { .a }", "${", "}"] {
            assert_eq!(inside(text), None, "{text}");
        }
    }
}
