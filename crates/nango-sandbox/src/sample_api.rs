//! The API that proxy calls reach. It knows whose token it was given, answers for the operations it was told
//! about, has fixed routes that fail in all the ways an API fails, and otherwise echoes.
//!
//! The API of a provider is served below `/api/<provider>`. The recorded test providers (`local-*`) have
//! theirs at the root, where an unknown path is a 404 instead of an echo.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, HeaderName, LINK, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use futures_util::stream;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::answer::{self, Answer};
use crate::app::App;
use crate::options::{IdentityPointers, SampleOperation};
use crate::provider::Visit;
use crate::server::Wire;

mod credential;

/// How many items the paged collection has.
const ITEMS: usize = 250;

/// Answers one call.
pub(crate) async fn serve(app: &App, visit: &Visit, wire: &Wire) -> Answer {
    let (provider, path) = match visit.path.strip_prefix("/api/") {
        Some(rest) => {
            let (provider, path) = rest.split_once('/').unwrap_or((rest, ""));
            (Some(provider), format!("/{path}"))
        }
        None => (None, visit.path.clone()),
    };
    if let Some(answer) = verification(app, visit, &path) {
        return answer;
    }
    let Some(caller) = credential::caller(app, visit, provider) else {
        return credential::refusal();
    };
    let call = Call { visit, provider, path: &path, caller };
    if let Some(operation) =
        provider.and_then(|provider| find(&app.sample_operations, provider, visit, &path))
    {
        return call.operation(operation);
    }
    if let Some(answer) = call.fixed(app, wire).await {
        return answer;
    }
    match provider {
        Some(_) => compact(StatusCode::OK, &call.echo()),
        None => compact(StatusCode::NOT_FOUND, &json!({ "error": "unknown path", "path": path })),
    }
}

/// The endpoints Nango tries credentials out on: `/verify` as recorded, `/_verify` for every other provider.
fn verification(app: &App, visit: &Visit, path: &str) -> Option<Answer> {
    let accepted = match path {
        "/verify" => credential::recorded_check(visit),
        "/_verify" => credential::plausible(app, visit),
        _ => return None,
    };
    Some(if accepted {
        compact(StatusCode::OK, &json!({ "ok": true }))
    } else {
        compact(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid credentials" }))
    })
}

/// A call by somebody known.
struct Call<'a> {
    visit: &'a Visit,
    provider: Option<&'a str>,
    path: &'a str,
    caller: &'static Account,
}

impl Call<'_> {
    fn operation(&self, operation: &SampleOperation) -> Answer {
        let mut body = match (&operation.sample, &operation.identity) {
            (Some(sample), _) => sample.clone(),
            (None, Some(_)) => json!({}),
            (None, None) => self.echo(),
        };
        if let Some(pointers) = &operation.identity {
            self.identify(&mut body, pointers);
        }
        compact(StatusCode::OK, &body)
    }

    fn identify(&self, body: &mut Value, pointers: &IdentityPointers) {
        set_pointer(body, &pointers.id, json!(self.caller.id));
        set_pointer(body, &pointers.name, json!(self.caller.name));
        if let Some(email) = &pointers.email {
            set_pointer(body, email, json!(self.caller.email));
        }
    }

    fn echo(&self) -> Value {
        json!({
            "ok": true,
            "provider": self.provider,
            "method": self.visit.method.as_str(),
            "path": self.path,
            "query": self.first_query(),
            "account": { "id": self.caller.id, "name": self.caller.name, "email": self.caller.email },
            "received_headers": self.headers(),
            "body": String::from_utf8_lossy(&self.visit.body),
        })
    }

    /// The query with the first value of each member, as the recorded API showed it.
    fn first_query(&self) -> BTreeMap<&str, &str> {
        let mut query = BTreeMap::new();
        for (name, value) in &self.visit.query {
            query.entry(name.as_str()).or_insert(value.as_str());
        }
        query
    }

    fn headers(&self) -> BTreeMap<&str, String> {
        let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.visit.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
    }

    /// The routes that the recordings use.
    async fn fixed(&self, app: &App, wire: &Wire) -> Option<Answer> {
        let answer = match self.path {
            "/me" if self.provider.is_none() => self.me(),
            "/echo" => compact(
                StatusCode::OK,
                &json!({
                    "method": self.visit.method.as_str(),
                    "query": self.first_query(),
                    "headers": self.headers(),
                    "body": String::from_utf8_lossy(&self.visit.body),
                }),
            ),
            "/items" => self.items(),
            "/created" => compact(StatusCode::CREATED, &json!({ "id": "new" })),
            "/empty" => answer::empty(StatusCode::NO_CONTENT),
            "/401" => {
                let body = json!({ "error": { "code": "token_revoked", "message": "Token was revoked" } });
                with(
                    compact(StatusCode::UNAUTHORIZED, &body),
                    WWW_AUTHENTICATE,
                    "Bearer error=\"invalid_token\"",
                )
            }
            "/403" => compact(StatusCode::FORBIDDEN, &json!({ "error": "forbidden" })),
            "/404" => compact(StatusCode::NOT_FOUND, &json!({ "error": "no such thing" })),
            "/429" => {
                let reset = (app.clock.now() / 1000 + 2).to_string();
                let slow = with(slow_down(), RETRY_AFTER, "2");
                with(slow, HeaderName::from_static("x-ratelimit-reset"), &reset)
            }
            "/429then200" => self.slow_once(app),
            "/500" => compact(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": "internal" })),
            "/500text" => answer::html(StatusCode::INTERNAL_SERVER_ERROR, "<html>oops</html>".to_owned()),
            "/drop" => {
                wire.close();
                answer::empty(StatusCode::SERVICE_UNAVAILABLE)
            }
            "/redirect" => with(answer::empty(StatusCode::FOUND), LOCATION, &self.sibling("me")),
            "/file" => {
                let file = answer::typed(
                    StatusCode::OK,
                    "application/octet-stream",
                    Bytes::from_static(b"\0\x01\x02binary"),
                );
                with(file, CONTENT_DISPOSITION, "attachment; filename=\"f.bin\"")
            }
            "/stream" => stream_of_lines(),
            "/slow" => {
                let seconds = self.visit.query("s").unwrap_or("1").to_owned();
                app.wait(Duration::from_secs_f64(seconds.parse::<f64>().unwrap_or(1.0).clamp(0.0, 600.0)))
                    .await;
                compact(StatusCode::OK, &json!({ "slept": seconds }))
            }
            _ => return None,
        };
        Some(answer)
    }

    fn me(&self) -> Answer {
        let scheme = self.visit.header("authorization").and_then(|value| value.split(' ').next());
        let key = self.visit.header("x-api-key").is_some();
        let body = json!({ "id": self.caller.id, "name": self.caller.name, "auth": scheme, "key": key });
        with(compact(StatusCode::OK, &body), HeaderName::from_static("x-request-id"), "req-1")
    }

    fn items(&self) -> Answer {
        let number = |name: &str, default: usize| {
            self.visit.query(name).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        let (offset, limit) = (number("offset", 0).min(ITEMS), number("limit", 10).clamp(1, ITEMS));
        let end = (offset + limit).min(ITEMS);
        let items: Vec<Value> = (offset..end)
            .map(|index| json!({ "id": index + 1, "name": format!("item {}", index + 1) }))
            .collect();
        let next = (end < ITEMS).then_some(end);
        let answer = compact(StatusCode::OK, &json!({ "items": items, "total": ITEMS, "next_offset": next }));
        let link = format!("<{}?limit={limit}&offset={end}>; rel=\"next\"", self.sibling("items"));
        if next.is_some() { with(answer, LINK, &link) } else { answer }
    }

    /// Too many requests at the first call of an account, fine at the second, and so on.
    fn slow_once(&self, app: &App) -> Answer {
        if app.provider.grants().is_first_of_two(self.caller.login) {
            return with(slow_down(), RETRY_AFTER, "1");
        }
        compact(StatusCode::OK, &json!({ "ok": true, "attempt": 2 }))
    }

    fn sibling(&self, name: &str) -> String {
        self.provider.map_or_else(|| format!("/{name}"), |provider| format!("/api/{provider}/{name}"))
    }
}

fn slow_down() -> Answer {
    compact(StatusCode::TOO_MANY_REQUESTS, &json!({ "error": "slow down" }))
}

/// Three lines without a length: an answer in chunks.
fn stream_of_lines() -> Answer {
    let lines = ["{\"line\":1}\n", "{\"line\":2}\n", "{\"line\":3}\n"];
    let pieces = stream::iter(lines.map(|line| Ok::<_, std::io::Error>(Bytes::from_static(line.as_bytes()))));
    let mut answer = answer::typed(StatusCode::OK, "application/x-ndjson", Body::from_stream(pieces));
    answer::set(&mut answer, HeaderName::from_static("x-sample"), "stream");
    answer
}

/// JSON with the plain content type that the recorded API used.
fn compact(status: StatusCode, value: &Value) -> Answer {
    answer::typed(status, "application/json", value.to_string())
}

fn with(mut answer: Response<Body>, name: HeaderName, value: &str) -> Answer {
    answer::set(&mut answer, name, value);
    answer
}

fn find<'a>(
    operations: &'a [SampleOperation],
    provider: &str,
    visit: &Visit,
    path: &str,
) -> Option<&'a SampleOperation> {
    operations.iter().find(|operation| {
        operation.provider == provider
            && operation.method.eq_ignore_ascii_case(visit.method.as_str())
            && path_matches(&operation.path, path)
    })
}

/// Compares a path with a pattern, segment by segment; `{name}` stands for any one segment.
fn path_matches(pattern: &str, path: &str) -> bool {
    let pattern = pattern.split('?').next().unwrap_or_default();
    let mut wanted = pattern.trim_matches('/').split('/');
    let mut given = path.trim_matches('/').split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) => {
                let any = wanted.contains('{') && wanted.contains('}') && !given.is_empty();
                if !any && wanted != given && percent_decode_str(given).decode_utf8_lossy() != wanted {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// Puts a value at a JSON pointer, making the objects and lists on the way.
fn set_pointer(target: &mut Value, pointer: &str, value: Value) {
    let mut place = target;
    for token in pointer.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        place = match name.parse::<usize>() {
            Ok(index) if index < 1000 && !place.is_object() => {
                if !place.is_array() {
                    *place = json!([]);
                }
                let Value::Array(list) = place else { return };
                if list.len() <= index {
                    list.resize(index + 1, Value::Null);
                }
                &mut list[index]
            }
            _ => {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                let Value::Object(members) = place else { return };
                members.entry(name).or_insert(Value::Null)
            }
        };
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &str, matches: bool) {
        assert_eq!(path_matches(pattern, path), matches, "{pattern} against {path}");
    }

    #[test]
    fn paths_match_segment_by_segment() {
        check("/user", "/user", true);
        check("user", "/user/", true);
        check("/repos/{owner}/{repo}", "/repos/ada/engine", true);
        check("/repos/{owner}/{repo}", "/repos/ada", false);
        check("/users('{id}')", "/users('7')", true);
        check("/a b", "/a%20b", true);
        check("/user", "/users", false);
    }

    #[test]
    fn pointers_make_what_is_missing() {
        let mut body = json!({ "data": { "kept": 1 } });
        set_pointer(&mut body, "/data/viewer/id", json!("x"));
        set_pointer(&mut body, "/users/1/name", json!("y"));
        assert_eq!(
            body,
            json!({ "data": { "kept": 1, "viewer": { "id": "x" } }, "users": [null, { "name": "y" }] })
        );
        set_pointer(&mut body, "", json!(1));
        assert_eq!(body, json!(1));
    }
}
