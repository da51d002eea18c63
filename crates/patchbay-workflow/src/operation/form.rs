//! The body of a connector's task that is a form: a text `a=1&b=2`, or a jq string where a value is an
//! expression.

use serde_json::Value;

use super::path::{read_value, write_value};
use crate::expression::{self, Part};

/// The fields of a form, in the order they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// Names, and values as they are written.
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads a body; no body is an empty form. Nothing for a body that is no such text.
    pub(crate) fn read(body: Option<&Value>) -> Option<Self> {
        let text = match body {
            None | Some(Value::Null) => return Some(Self::default()),
            Some(Value::String(text)) => text,
            Some(_) => return None,
        };
        let pieces = match expression::inside(text) {
            Some(jq) => expression::string(jq)?,
            None => vec![Part::Text(text)],
        };
        // Fields are told apart outside of expressions only.
        let mut fields = vec![(String::new(), None::<String>)];
        for piece in pieces {
            let written = match piece {
                Part::Code(code) => vec![format!("\\({code})")],
                Part::Text(text) => text.split_inclusive(['&', '=']).map(str::to_owned).collect(),
            };
            for piece in written {
                let field = fields.last_mut()?;
                let (piece, end) = match piece.strip_suffix('&') {
                    Some(piece) => (piece.to_owned(), true),
                    None => (piece, false),
                };
                match (&mut field.1, piece.strip_suffix('=')) {
                    (Some(value), _) => value.push_str(&piece),
                    (value @ None, Some(name)) => {
                        field.0.push_str(name);
                        *value = Some(String::new());
                    }
                    (None, None) => field.0.push_str(&piece),
                }
                if end {
                    fields.push((String::new(), None));
                }
            }
        }
        let fields = fields
            .into_iter()
            .filter(|(name, value)| !name.is_empty() || value.is_some())
            .map(|(name, value)| (expression::decoded(&name), value.unwrap_or_default()))
            .collect();
        Some(Self { fields })
    }

    /// The value of a field, as it is typed.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let (_, written) = self.fields.iter().find(|(has, _)| has == name)?;
        let is_code = written.starts_with("\\(");
        Some(if is_code { read_value(written) } else { read_value(&written.replace('+', " ")) })
    }

    /// Gives a field a value, or takes it away.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        let at = self.fields.iter().position(|(has, _)| has == name);
        match (at, value.map(write_value)) {
            (Some(at), Some(written)) => self.fields[at].1 = written,
            (Some(at), None) => {
                self.fields.remove(at);
            }
            (None, Some(written)) => self.fields.push((name.to_owned(), written)),
            (None, None) => {}
        }
    }

    /// The body.
    pub(crate) fn write(&self) -> String {
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|(name, written)| format!("{}={written}", expression::encoded(name)))
            .collect();
        let text = fields.join("&");
        if text.contains("\\(") { format!("${{ \"{text}\" }}") } else { text }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Form;

    #[test]
    fn fields_come_back_as_they_were_typed() {
        let mut form = Form::default();
        let fields = [
            ("amount", "2000"),
            ("currency", "${ .currency // \"a&b=c\" }"),
            ("metadata[order id]", "a b&c=d+e %"),
            ("empty", ""),
        ];
        for (name, value) in fields {
            form.set(name, Some(value));
        }
        let text = form.write();
        let read = Form::read(Some(&Value::String(text.clone()))).expect("a form");
        for (name, value) in fields {
            assert_eq!(read.get(name).as_deref(), Some(value), "{name} in {text}");
        }
        assert_eq!(read, form);
    }

    #[test]
    fn without_expressions_it_is_plain_text() {
        let mut form = Form::read(Some(&Value::String("a=1+1&b=%32".to_owned()))).expect("a form");
        assert_eq!((form.get("a").as_deref(), form.get("b").as_deref()), (Some("1 1"), Some("2")));
        form.set("b", None);
        form.set("c", Some("x y"));
        assert_eq!(form.write(), "a=1+1&c=x%20y");
    }

    #[test]
    fn other_bodies_are_none() {
        assert_eq!(Form::read(None), Some(Form::default()));
        assert_eq!(Form::read(Some(&serde_json::json!({ "a": 1 }))), None);
        assert_eq!(Form::read(Some(&Value::String("${ .body }".to_owned()))), None);
    }
}
