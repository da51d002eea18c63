//! Filling in what a text has places for.

use std::fmt::{Display, Write as _};

/// A text with its places `{name}` filled in; `{{` and `}}` are braces. A place nobody fills stays as it is written.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        filled.push_str(before);
        let doubled = brace.starts_with("{{") || brace.starts_with("}}");
        let place = brace.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        rest = match place {
            Some((name, after)) if !doubled => {
                match values.iter().find(|(known, _)| *known == name) {
                    // What a `Display` refuses to write is not there.
                    Some((_, value)) => drop(write!(filled, "{value}")),
                    None => filled.push_str(&brace[..name.len() + 2]),
                }
                after
            }
            _ => {
                filled.push_str(&brace[..1]);
                &brace[if doubled { 2 } else { 1 }..]
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn places_are_filled_by_name() {
        for (text, expected) in [
            ("“{name}” has {count}", "“Ä” has 2"),
            ("{count} of {name}", "2 of Ä"),
            ("{{name}} {name}", "{name} Ä"),
            ("{unknown} { } }", "{unknown} { } }"),
            ("an open {name", "an open {name"),
            ("", ""),
        ] {
            assert_eq!(fill(text, &[("name", &"Ä"), ("count", &2)]), expected);
        }
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        assert_eq!(fill("{a}{b}", &[("a", &"{b}"), ("b", &"x")]), "{b}x");
    }
}
