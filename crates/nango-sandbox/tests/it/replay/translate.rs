//! From recorded values to live ones: addresses, keys, tokens, states, ids.

use std::collections::BTreeMap;

use serde_json::Value;

/// Members whose values differ from run to run and mean the same thing wherever they occur.
const LEARNT: [&str; 4] = ["connection_id", "connectionId", "token", "secret"];

/// What is known so far.
#[derive(Debug, Default)]
pub(crate) struct Translation {
    texts: BTreeMap<String, String>,
}

impl Translation {
    /// Notes that a recorded text stands for a live one.
    pub(crate) fn set(&mut self, recorded: &str, live: &str) {
        self.texts.insert(recorded.to_owned(), live.to_owned());
    }

    /// Whether a recorded text has a live one.
    pub(crate) fn knows(&self, recorded: &str) -> bool {
        self.texts.contains_key(recorded)
    }

    /// The live text for a recorded one.
    pub(crate) fn live(&self, recorded: &str) -> Option<&str> {
        self.texts.get(recorded).map(String::as_str)
    }

    /// Every recorded text in `text` replaced; longer ones first, since some contain others.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut known: Vec<_> =
            self.texts.iter().filter(|(recorded, _)| text.contains(recorded.as_str())).collect();
        known.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.len()));
        known.iter().fold(text.to_owned(), |text, (recorded, live)| text.replace(recorded.as_str(), live))
    }

    /// Every text of a JSON value replaced.
    pub(crate) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), self.value(value))).collect())
            }
            other => other.clone(),
        }
    }

    /// Learns from an answer; a text that is known and came out otherwise is a difference.
    pub(crate) fn learn(&mut self, recorded: &Value, live: &Value, differences: &mut Vec<String>) {
        match (recorded, live) {
            (Value::Object(recorded), Value::Object(live)) => {
                for (name, value) in recorded {
                    match (value, live.get(name)) {
                        (Value::String(old), Some(Value::String(new))) if LEARNT.contains(&name.as_str()) => {
                            self.learn_text(name, old, new, differences);
                        }
                        (value, Some(new)) => self.learn(value, new, differences),
                        (_, None) => {}
                    }
                }
            }
            (Value::Array(recorded), Value::Array(live)) if recorded.len() == live.len() => {
                for (old, new) in recorded.iter().zip(live) {
                    self.learn(old, new, differences);
                }
            }
            _ => {}
        }
    }

    fn learn_text(&mut self, name: &str, recorded: &str, live: &str, differences: &mut Vec<String>) {
        match self.texts.get(recorded) {
            // Credentials of a connection have a member `token` too, with a new value after every refresh.
            Some(known) if known != live && name != "token" => {
                differences.push(format!("{name} {recorded} was {known} before and is {live} now"));
            }
            _ if recorded.starts_with("at_") => {}
            _ => self.set(recorded, live),
        }
    }
}
