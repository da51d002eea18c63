//! Sending an HTTP exchange and comparing the answers.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::started;
use crate::replay::Replay;
use crate::replay::recorded::Exchange;
use crate::replay::shape;

impl Replay {
    /// Sends an HTTP exchange and compares the answers.
    pub(super) async fn http(&mut self, exchange: &Exchange) -> Vec<String> {
        let request = &exchange.request;
        let method: Method = request.method.parse().expect("a method");
        let mut call = self.harness.request(method, &self.known.text(&request.path));
        for (name, value) in &request.query {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in values {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                call = call.query(&[(name, self.known.text(&text))]);
            }
        }
        for (name, value) in &request.headers {
            call = call.header(name, self.known.text(value));
        }
        call = match &request.body {
            Value::Null => call,
            Value::String(text) => call.body(text.clone()),
            body => call.body(self.body(exchange, body).to_string()),
        };
        let response = call.send().await.expect("an answer");
        let mut differences = self.headers(exchange, &response);
        let text = response.text().await.expect("a body");
        self.compare_body(exchange, &text, &mut differences);
        differences
    }

    fn body(&self, exchange: &Exchange, body: &Value) -> Value {
        let mut body = self.known.value(body);
        // Environments have small numbers, which cannot be translated by their text.
        if exchange.name.starts_with("api_keys.create") && body["environment_id"] == 3 {
            body["environment_id"] =
                json!(self.known.live("environment 3").and_then(|id| id.parse::<u64>().ok()));
        }
        body
    }

    fn compare_body(&mut self, exchange: &Exchange, text: &str, differences: &mut Vec<String>) {
        let recorded = &exchange.response.body;
        match recorded {
            Value::Null => {}
            Value::Object(members) if members.contains_key("_html_trimmed") => {
                let expected = self.known.value(recorded);
                let page = shape::page(text);
                if page != expected {
                    differences.push(format!("page: recorded {expected}, got {page}"));
                }
            }
            Value::String(expected) if serde_json::from_str::<Value>(text).is_err() => {
                if exchange.response.status == 302 {
                    if text.is_empty() != expected.is_empty() {
                        differences.push(format!("text: recorded {expected:?}, got {text:?}"));
                    }
                } else if text.trim() != expected.trim() {
                    differences.push(format!("text: recorded {expected:?}, got {text:?}"));
                }
            }
            _ => match serde_json::from_str::<Value>(text) {
                Ok(mut live) => {
                    if exchange.name == "providers.search" {
                        // Added to the recorded server after this exchange; it is used by later ones.
                        let list = live["data"].as_array_mut().expect("a list");
                        list.retain(|provider| provider["name"] != "local-two-step");
                    }
                    shape::compare(recorded, &live, "", differences);
                    shape::compare_error(recorded, &live, differences);
                    self.known.learn(recorded, &live, differences);
                    if exchange.name == "environments.create" {
                        self.known.set("environment 3", &live["data"]["id"].to_string());
                    }
                }
                Err(_) => differences.push(format!("not JSON: {text:?}")),
            },
        }
    }

    /// Compares status and headers; learns a state from a redirect to the provider.
    fn headers(&mut self, exchange: &Exchange, response: &Response) -> Vec<String> {
        let mut differences = Vec::new();
        let recorded = &exchange.response;
        if recorded.status != response.status().as_u16() {
            differences.push(format!("status: recorded {}, got {}", recorded.status, response.status()));
        }
        let live = |name: &str| {
            response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let presence = [
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
            "retry-after",
            "set-cookie",
            "location",
            "etag",
            "x-request-id",
        ];
        for name in presence {
            if recorded.headers.contains_key(name) != live(name).is_some() {
                differences.push(format!(
                    "{name}: recorded {:?}, got {:?}",
                    recorded.headers.get(name),
                    live(name)
                ));
            }
        }
        for name in ["www-authenticate", "content-disposition"] {
            if recorded.headers.get(name) != live(name).as_ref() {
                differences.push(format!(
                    "{name}: recorded {:?}, got {:?}",
                    recorded.headers.get(name),
                    live(name)
                ));
            }
        }
        let kind =
            |value: Option<String>| value.map(|value| value.split(';').next().unwrap_or_default().to_owned());
        let (old, new) = (kind(recorded.headers.get("content-type").cloned()), kind(live("content-type")));
        if old != new {
            differences.push(format!("content-type: recorded {old:?}, got {new:?}"));
        }
        if let (Some(old), Some(new)) = (recorded.headers.get("set-cookie"), live("set-cookie")) {
            let (old, new) = (shape::cookie(old), shape::cookie(&new));
            if old != new {
                differences.push(format!("set-cookie: recorded {old:?}, got {new:?}"));
            }
        }
        if let Some(seconds) = live("retry-after")
            && seconds.parse::<u32>().is_err()
        {
            differences.push(format!("retry-after: {seconds} is not a number of seconds"));
        }
        if let (Some(old), Some(new)) = (recorded.headers.get("location"), live("location")) {
            if shape::location(old) != shape::location(&new) {
                differences.push(format!("location: recorded {old}, got {new}"));
            }
            let value = |text: &str, name: &str| {
                let url = url::Url::parse(text).ok()?;
                url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
            };
            for name in ["redirect_uri", "scope", "client_id", "prompt", "login_hint"] {
                let expected = value(old, name).map(|text| self.known.text(&text));
                if expected != value(&new, name) {
                    differences.push(format!("{name}: recorded {expected:?}, got {:?}", value(&new, name)));
                }
            }
            let state = value(old, "state").expect("a recorded state");
            let dance = started(response);
            self.known.set(&state, &dance.state);
            self.dances.insert(state, dance);
        }
        differences
    }

    /// The provider's redirect: the recorded one approved at once, this one has a form.
    pub(super) async fn provider_redirect(&mut self, exchange: &Exchange) -> Vec<String> {
        let state = exchange.request.query["state"].as_str().expect("a state");
        let redirect = self.harness.consent(&self.dances[state].location, "approve", "alex").await;
        let recorded = &exchange.response.headers["location"];
        let mut differences = Vec::new();
        if shape::location(recorded) != shape::location(redirect.as_str()) {
            differences.push(format!("location: recorded {recorded}, got {redirect}"));
        }
        let code = |url: &url::Url| {
            url.query_pairs().find(|(name, _)| name == "code").map(|(_, value)| value.into_owned())
        };
        let recorded = url::Url::parse(recorded).expect("a URL");
        if let (Some(old), Some(new)) = (code(&recorded), code(&redirect)) {
            self.known.set(&old, &new);
        }
        differences
    }
}
