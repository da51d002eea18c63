//! `call: http`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use jaq_json::{Map, Val};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

use super::{Frame, Run};
use crate::data;
use crate::expression::Template;
use crate::fault::{CallFailure, CallFailureKind, ErrorType, Stop};
use crate::host::{Auth, Exchange, HttpAnswer, HttpCall};
use crate::program::{Authentication, Http, HttpOutput};

/// What RFC 6570 leaves as it is when it puts a value into an address.
const VALUE: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Run {
    pub(super) async fn http(
        self: &Arc<Self>,
        frame: &Frame<'_>,
        http: &Http,
        input: &Val,
    ) -> Result<Val, Stop> {
        let call = self.call_of(frame, http, input).await?;
        let (at, began) = ((self.host.now)(), Instant::now());
        let answer = tokio::time::timeout(call.timeout, self.host.caller.call(call.clone()));
        let answer = frame.scope.until_cancelled(answer).await;
        let took = began.elapsed();
        let failed = |kind, detail: &str| Err(CallFailure::new(kind, detail));
        let (answer, dropped) = match answer {
            Ok(answer) => {
                let in_time = answer
                    .unwrap_or_else(|_| failed(CallFailureKind::Timeout, "There was no answer in time."));
                (in_time, None)
            }
            // That it was sent belongs into the log all the same.
            Err(stop) => (failed(CallFailureKind::Runtime, "The call was dropped."), Some(stop)),
        };
        let exchange = Exchange { at, took, call: call.clone(), answer: answer.clone() };
        frame.saved(self.host.log.exchanged(frame.number(), exchange).await)?;
        if let Some(stop) = dropped {
            return Err(stop);
        }
        let answer = answer.map_err(|failure| failure.into_raised(frame.path, frame.number()))?;
        self.output_of(frame, http.output, &call, &answer)
    }

    async fn call_of(&self, frame: &Frame<'_>, http: &Http, input: &Val) -> Result<HttpCall, Stop> {
        let method = data::text_of(&frame.template(&http.method, input).await?).to_ascii_uppercase();
        let mut url = address(frame, &http.uri, input).await?;
        if let Some(query) = &http.query {
            let query = frame.template(query, input).await?;
            let pairs =
                pairs(&query).ok_or_else(|| frame.error(ErrorType::Expression, "The query is no object."))?;
            if !pairs.is_empty() {
                url.query_pairs_mut().extend_pairs(pairs);
            }
        }
        let mut headers = match &http.headers {
            Some(headers) => {
                let headers = frame.template(headers, input).await?;
                pairs(&headers)
                    .ok_or_else(|| frame.error(ErrorType::Expression, "The headers are no object."))?
            }
            None => Vec::new(),
        };
        let body = match &http.body {
            Some(body) => body_of(&frame.template(body, input).await?, &mut headers),
            None => None,
        };
        let authentication = match &http.authentication {
            Some(authentication) => Some(authentication_of(frame, authentication, input).await?),
            None => None,
        };
        Ok(HttpCall {
            task: frame.path.clone(),
            method,
            url,
            headers,
            body,
            authentication,
            redirect: http.redirect,
            timeout: self.host.limits.call,
            response_limit: self.host.limits.answer,
        })
    }

    fn output_of(
        &self,
        frame: &Frame<'_>,
        output: HttpOutput,
        call: &HttpCall,
        answer: &HttpAnswer,
    ) -> Result<Val, Stop> {
        let is_good =
            (200..300).contains(&answer.status) || call.redirect && (300..400).contains(&answer.status);
        if !is_good {
            let host = call.url.host_str().unwrap_or_default();
            let detail = format!("{} {host}{} answered {}", call.method, call.url.path(), answer.status);
            let mut raised = ErrorType::Communication.raise(frame.path, frame.number, detail);
            raised.error.status = answer.status;
            raised.retry_after =
                answer.header("retry-after").and_then(|text| retry_after(text, (self.host.now)()));
            return Err(raised.into());
        }
        if answer.truncated {
            return Err(frame.error(ErrorType::Communication, "The answer is too long."));
        }
        let content = || content(answer).map_err(|problem| frame.error(ErrorType::Communication, problem));
        Ok(match output {
            HttpOutput::Content => content()?,
            HttpOutput::Raw if answer.body.is_empty() => Val::Null,
            HttpOutput::Raw => data::text(BASE64.encode(&answer.body)),
            HttpOutput::Response => data::object([
                (
                    "request",
                    data::object([
                        ("method", data::text(call.method.to_ascii_lowercase())),
                        ("uri", data::text(call.url.as_str())),
                        ("headers", object(&call.headers)),
                    ]),
                ),
                ("statusCode", Val::from(usize::from(answer.status))),
                ("headers", object(&answer.headers)),
                ("content", content()?),
            ]),
        })
    }
}

/// The address, `{name}` in it replaced by the task's input.
async fn address(frame: &Frame<'_>, uri: &Template, input: &Val) -> Result<Url, Stop> {
    let text = match uri {
        Template::Literal(template) => {
            let expanded = expand(&data::text_of(template), input);
            expanded.map_err(|problem| frame.error(ErrorType::Expression, problem))?
        }
        template => data::text_of(&frame.template(template, input).await?),
    };
    if has_dot_segment(&text) {
        let detail = "The endpoint’s path has a part that is “.” or “..”, which would lead to another one.";
        return Err(frame.error(ErrorType::Configuration, detail));
    }
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
    url.ok_or_else(|| {
        // Not the address itself: whoever writes credentials into it does not want to read them in a log.
        let detail = "The endpoint is not an address that begins with http:// or https:// and names no user.";
        frame.error(ErrorType::Configuration, detail)
    })
}

/// Whether reading it as a URL would leave steps of its path out (WHATWG URL, "double-dot URL path segment"). What
/// comes from data could then turn a call into another one of the same account.
fn has_dot_segment(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(plain.as_str(), "." | "..")
    })
}

/// Simple expansion after RFC 6570, of the input's own members only.
fn expand(template: &str, input: &Val) -> Result<String, String> {
    let mut expanded = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name, after)) = next_variable(rest) {
        expanded.push_str(before);
        match data::member(input, name) {
            Val::Null => {}
            Val::Arr(_) | Val::Obj(_) => {
                return Err(format!("{{{name}}} is no text, number, true or false."));
            }
            value => expanded.extend(utf8_percent_encode(&data::text_of(&value), &VALUE)),
        }
        rest = after;
    }
    Ok(expanded + rest)
}

fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// The text of a value, for headers and addresses; nothing for `null`.
fn optional_text(value: &Val) -> Option<String> {
    (*value != Val::Null).then(|| data::text_of(value))
}

/// The members of an object as pairs of texts; an array is several of a name, `null` none.
fn pairs(value: &Val) -> Option<Vec<(String, String)>> {
    let members = match value {
        Val::Obj(members) => members,
        Val::Null => return Some(Vec::new()),
        _ => return None,
    };
    let mut pairs = Vec::new();
    for (name, value) in members.iter() {
        let name = data::text_of(name);
        match value {
            Val::Arr(items) => {
                pairs.extend(items.iter().filter_map(optional_text).map(|value| (name.clone(), value)));
            }
            value => pairs.extend(optional_text(value).map(|value| (name, value))),
        }
    }
    Some(pairs)
}

/// The body's bytes. The document's content type decides how; without one, text is text and the rest JSON,
/// and the header is added.
fn body_of(body: &Val, headers: &mut Vec<(String, String)>) -> Option<Bytes> {
    if *body == Val::Null {
        return None;
    }
    let given = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let essence = given.map(|(_, value)| essence(value));
    let json = || data::to_json(body).to_string().into_bytes();
    let (bytes, content_type) = match (body, essence.as_deref()) {
        (Val::Obj(_), Some("application/x-www-form-urlencoded")) => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs(body).unwrap_or_default());
            (form.finish().into_bytes(), "")
        }
        (Val::TStr(text) | Val::BStr(text), _) => (text.to_vec(), "text/plain; charset=utf-8"),
        _ => (json(), "application/json"),
    };
    if given.is_none() {
        headers.push(("Content-Type".to_owned(), content_type.to_owned()));
    }
    Some(Bytes::from(bytes))
}

async fn authentication_of(
    frame: &Frame<'_>,
    authentication: &Authentication,
    input: &Val,
) -> Result<Auth, Stop> {
    let text = async |template| frame.template(template, input).await.map(|value| data::text_of(&value));
    Ok(match authentication {
        Authentication::Named(name) => Auth::Named(name.clone()),
        Authentication::Basic { username, password } => Auth::Basic {
            username: text(username).await?,
            password: SecretString::from(text(password).await?),
        },
        Authentication::Digest { username, password } => Auth::Digest {
            username: text(username).await?,
            password: SecretString::from(text(password).await?),
        },
        Authentication::Bearer { token } => Auth::Bearer { token: SecretString::from(text(token).await?) },
        Authentication::Refused(scheme) => {
            let detail = format!("Authentication by {scheme} is not supported here.");
            return Err(frame.error(ErrorType::Configuration, detail));
        }
    })
}

/// A content type without its parameters.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The content as the content type says: JSON, text, or bytes in base 64.
fn content(answer: &HttpAnswer) -> Result<Val, String> {
    if answer.body.is_empty() {
        return Ok(Val::Null);
    }
    let essence = answer.header("content-type").map(essence).unwrap_or_default();
    if essence == "application/json" || essence.ends_with("+json") {
        let parsed = serde_json::from_slice::<Val>(&answer.body);
        return parsed
            .map_err(|error| format!("The answer says that it is JSON, but it cannot be read: {error}."));
    }
    let is_text = essence.starts_with("text/") || essence.ends_with("xml") || essence.ends_with("yaml");
    Ok(match std::str::from_utf8(&answer.body) {
        Ok(text) if is_text => data::text(text),
        _ => data::text(BASE64.encode(&answer.body)),
    })
}

fn object(headers: &[(String, String)]) -> Val {
    let mut members = Map::default();
    for (name, value) in headers {
        members.insert(data::text(name.as_str()), data::text(value.as_str()));
    }
    Val::obj(members)
}

/// Seconds, or a date of HTTP.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case("https://x/{id}?s={state}", json!({"id": 7, "state": "a b&c/ü"}), Some("https://x/7?s=a%20b%26c%2F%C3%BC"))]
    #[case("https://x/{missing}/{nothing}", json!({"nothing": null}), Some("https://x//"))]
    #[case("https://x/{pet.id}", json!({"pet.id": true, "pet": {"id": 1}}), Some("https://x/true"))]
    #[case("https://x/{pet}", json!({"pet": {"id": 1}}), None)]
    #[case("https://x/{id}", json!([1]), Some("https://x/"))]
    #[case("https://x/{open", json!({}), Some("https://x/{open"))]
    fn addresses(#[case] template: &str, #[case] input: Value, #[case] expanded: Option<&str>) {
        assert_eq!(expand(template, &data::from_json(&input)).ok().as_deref(), expanded);
    }

    #[rstest]
    #[case(json!({"a": 1}), None, "application/json", r#"{"a":1}"#)]
    #[case(json!("hello"), None, "text/plain; charset=utf-8", "hello")]
    #[case(json!("{}"), Some("application/json"), "application/json", "{}")]
    #[case(json!({"a": [1, "b c"], "d": null}), Some("application/x-www-form-urlencoded"),
           "application/x-www-form-urlencoded", "a=1&a=b+c")]
    #[case(json!([1]), Some("application/vnd.x+json"), "application/vnd.x+json", "[1]")]
    fn bodies(#[case] body: Value, #[case] given: Option<&str>, #[case] sent: &str, #[case] bytes: &str) {
        let mut headers: Vec<_> =
            given.map(|value| ("content-type".to_owned(), value.to_owned())).into_iter().collect();
        let encoded = body_of(&data::from_json(&body), &mut headers).unwrap();
        assert_eq!((std::str::from_utf8(&encoded).unwrap(), headers[0].1.as_str()), (bytes, sent));
        assert_eq!(headers.len(), 1);
    }

    #[rstest]
    #[case("application/json; charset=utf-8", "[1]", Some(json!([1])))]
    #[case("application/problem+json", "{}", Some(json!({})))]
    #[case("application/json", "{", None)]
    #[case("text/html", "<p>", Some(json!("<p>")))]
    #[case("application/octet-stream", "ab", Some(json!("YWI=")))]
    #[case("application/json", "", Some(json!(null)))]
    fn contents(#[case] content_type: &str, #[case] body: &'static str, #[case] value: Option<Value>) {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        let answer =
            HttpAnswer { status: 200, headers, body: Bytes::from_static(body.as_bytes()), truncated: false };
        assert_eq!(content(&answer).ok().map(|value| data::to_json(&value)), value);
    }

    #[rstest]
    #[case("3", Some(3))]
    #[case("Thu, 01 Jan 1970 00:01:40 GMT", Some(100))]
    #[case("Wed, 01 Jan 1969 00:01:40 GMT", Some(0))]
    #[case("soon", None)]
    fn pauses(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(retry_after(text, Timestamp::UNIX_EPOCH), seconds.map(Duration::from_secs));
    }
}
