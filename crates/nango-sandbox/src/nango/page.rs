//! The HTML pages of the Nango side: the end of a dance and Express' own error page.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer, escape};
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;

/// Members of a callback's query that the page repeats instead of the server's own message.
const PROVIDER_ERRORS: [&str; 6] =
    ["error", "error_description", "error_reason", "error_uri", "status_code", "error_message"];

/// The page of a dance that ended well: 200.
pub(crate) fn success() -> Answer {
    answer::html(StatusCode::OK, callback_page(&Value::Null))
}

/// The page of a dance that did not: 400. `errorType` is the same text whatever happened.
pub(crate) fn failure(call: &Call, message: &str) -> Refusal {
    let named =
        PROVIDER_ERRORS.iter().filter_map(|name| Some(((*name).to_owned(), json!(call.query(name)?))));
    let named: Map<String, Value> = named.collect();
    let message = if named.is_empty() { message.to_owned() } else { Value::Object(named).to_string() };
    let error = json!({ "message": message, "errorType": "connection_validation_failed" });
    Refusal::Page(StatusCode::BAD_REQUEST, callback_page(&error))
}

/// An error of the OAuth library, printed as a real server prints it.
#[derive(Debug, Serialize)]
pub(crate) struct PrintedError {
    name: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_error_payload: Option<Value>,
}

impl PrintedError {
    /// Indented JSON.
    pub(crate) fn text(message: String, provider_error_payload: Option<Value>) -> String {
        let error = Self { name: "Error", message, provider_error_payload };
        serde_json::to_string_pretty(&error).unwrap_or_default()
    }
}

/// Express' page for a route that does not exist.
pub(crate) fn express_error(text: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>{}</pre>\n</body>\n</html>\n",
        escape(text)
    )
}

fn callback_page(error: &Value) -> String {
    let (heading, text) = match error.get("message").and_then(Value::as_str) {
        None => ("Successful connection", "You can close this window and go back to the app.".to_owned()),
        Some(message) => ("Connection failed", escape(message)),
    };
    // Inside a script element only `<` could end the text early.
    let script = error.to_string().replace('<', "\\u003c");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Authorization callback</title>\n\
         <style>\n:root {{ color-scheme: light dark; }}\nbody {{ margin: 0; min-height: 100vh; display: grid; place-content: center; \
         font: 16px/1.5 system-ui, sans-serif; text-align: center; padding: 24px; }}\n\
         h1 {{ font-size: 20px; margin: 0 0 8px; }}\np {{ margin: 0; max-width: 60ch; overflow-wrap: anywhere; }}\n</style>\n\
         <script>\nwindow.__nangoOAuthError = {script};\n</script>\n</head>\n<body>\n<main><h1>{heading}</h1><p>{text}</p></main>\n</body>\n</html>\n"
    )
}
