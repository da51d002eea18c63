//! `GET /providers`: the catalogue. Any key and any session token may read it.

use axum::http::StatusCode;
use fancy_regex::Regex;
use serde::Serialize;

use crate::answer;
use crate::app::App;
use crate::nango::Outcome;
use crate::nango::authentication::key_or_session;
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;
use crate::nango::validate::Issues;

/// The characters a search may have: those of keys.
const SEARCH: &str = "^[a-zA-Z0-9~:.@ _-]+$";

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

/// Everything at once, or what matches `search` as a regular expression on the name.
pub(crate) fn list(app: &App, call: &mut Call) -> Outcome {
    key_or_session(app, call, &[])?;
    let mut issues = Issues::default();
    if let Some(search) = call.query("search")
        && !Regex::new(SEARCH).is_ok_and(|regex| regex.is_match(search).unwrap_or(false))
    {
        issues.pattern(SEARCH, &["search"]);
    }
    call.check_query(&["search"], &mut issues);
    issues.refuse("invalid_query_params")?;
    let found = app.catalogue.search(call.query("search"));
    Ok(answer::json(StatusCode::OK, &Data { data: found }))
}

/// One provider.
pub(crate) fn one(app: &App, call: &mut Call, name: &str) -> Outcome {
    key_or_session(app, call, &[])?;
    call.no_query()?;
    let provider = app.catalogue.get(name);
    let provider = provider.ok_or_else(|| Refusal::not_found(&format!("Unknown provider {name}")))?;
    Ok(answer::json(StatusCode::OK, &Data { data: &provider.text }))
}
