//! `GET /connections`: pages, filters, newest first.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::answer;
use crate::app::App;
use crate::connection::{Connection, ListItem};
use crate::nango::Outcome;
use crate::nango::authentication::secret_key;
use crate::nango::call::Call;
use crate::nango::refusal::Refusal;
use crate::nango::validate::Issues;

/// How many entries an answer has when no limit was asked for. Nothing says that there are more.
const CAP: f64 = 10_000.0;
/// The largest limit.
const LARGEST: f64 = 2000.0;

/// What was asked for.
struct Filter {
    limit: f64,
    page: f64,
    connection_id: Option<String>,
    search: Option<String>,
    integrations: Option<Vec<String>>,
    end_user: Option<String>,
    organization: Option<String>,
    tags: Vec<(String, String)>,
}

/// The list.
pub(crate) fn list(app: &App, call: &mut Call) -> Outcome {
    let scopes = ["environment:connections:list", "environment:connections:list_credentials"];
    let caller = secret_key(app, call, &scopes)?;
    let filter = read(call)?;
    // Fractions are taken as they come: the offset is their product, rounded down.
    let skipped = whole(filter.limit * filter.page);
    let taken = whole(filter.limit);
    let found: Vec<Arc<Connection>> = {
        let state = app.state();
        let environment = state.environment(caller.environment).ok_or_else(Refusal::unexpected)?;
        let matching = environment.newest_first().filter(|connection| filter.matches(connection));
        matching.skip(skipped).take(taken).cloned().collect()
    };
    // Serialised without the lock, straight into the body.
    let items: Vec<ListItem<'_>> = found.iter().map(|connection| connection.list_item()).collect();
    let mut body = Vec::with_capacity(items.len() * 420 + 20);
    body.extend_from_slice(b"{\"connections\":");
    serde_json::to_writer(&mut body, &items).map_err(|_| Refusal::unexpected())?;
    body.push(b'}');
    Ok(answer::typed(StatusCode::OK, "application/json; charset=utf-8", Body::from(body)))
}

fn whole(number: f64) -> usize {
    number.floor().clamp(0.0, 1e15) as usize
}

fn read(call: &Call) -> Result<Filter, Refusal> {
    let mut issues = Issues::default();
    let limit = number(call, "limit", 1.0, Some(LARGEST), &mut issues);
    let page = number(call, "page", 0.0, None, &mut issues);
    let text = |name: &'static str, issues: &mut Issues| {
        let value = call.query(name)?;
        if value.is_empty() {
            issues.add("too_small", "Too small: expected string to have >=1 characters", &[name]);
        }
        Some(value.to_owned())
    };
    let connection_id = text("connectionId", &mut issues);
    let search = text("search", &mut issues);
    let integrations = text("integrationId", &mut issues)
        .map(|keys| keys.split(',').map(|key| key.trim().to_owned()).collect());
    let end_user = text("endUserId", &mut issues);
    let organization = text("endUserOrganizationId", &mut issues);
    if call.query("tags").is_some() {
        issues.wrong_type("record", Some(&Value::String(String::new())), &["tags"]);
    }
    let mut tags = Vec::new();
    let group: Map<String, Value> = call.query_group("tags");
    for (name, value) in group {
        let value = value.as_str().unwrap_or_default().to_owned();
        if value.is_empty() {
            issues.add("too_small", "Too small: expected string to have >=1 characters", &["tags", &name]);
        }
        tags.push((name.to_lowercase(), value));
    }
    let known = [
        "limit",
        "page",
        "connectionId",
        "search",
        "integrationId",
        "endUserId",
        "endUserOrganizationId",
        "tags",
    ];
    call.check_query(&known, &mut issues);
    issues.refuse("invalid_query_params")?;
    Ok(Filter {
        limit: limit.unwrap_or(CAP),
        page: page.unwrap_or(0.0),
        connection_id,
        search: search.map(|search| search.to_lowercase()),
        integrations,
        end_user,
        organization,
        tags,
    })
}

fn number(
    call: &Call,
    name: &'static str,
    least: f64,
    most: Option<f64>,
    issues: &mut Issues,
) -> Option<f64> {
    let text = call.query(name)?;
    let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite()) else {
        issues.add("invalid_type", "Invalid input: expected number, received NaN", &[name]);
        return None;
    };
    if number < least {
        issues.add("too_small", &format!("Too small: expected number to be >={least}"), &[name]);
    }
    if let Some(most) = most.filter(|most| number > *most) {
        issues.add("too_big", &format!("Too big: expected number to be <={most}"), &[name]);
    }
    Some(number)
}

impl Filter {
    fn matches(&self, connection: &Connection) -> bool {
        let end_user = connection.end_user.as_ref();
        let organization = end_user.and_then(|user| user.organization.as_ref());
        self.connection_id.as_ref().is_none_or(|id| *id == connection.connection_id)
            && self.integrations.as_ref().is_none_or(|keys| keys.contains(&connection.integration))
            && self.tags.iter().all(|(name, value)| connection.tags.get(name) == Some(value))
            && self.end_user.as_ref().is_none_or(|id| end_user.is_some_and(|user| user.id == *id))
            && self.organization.as_ref().is_none_or(|id| organization.is_some_and(|found| found.id == *id))
            && self.search.as_ref().is_none_or(|search| found_by(connection, search))
    }
}

/// The search looks into the id and the end user's name and address; never into tags or the integration.
fn found_by(connection: &Connection, search: &str) -> bool {
    let user = connection.end_user.as_ref();
    let texts = [
        Some(connection.connection_id.as_str()),
        user.and_then(|user| user.display_name.as_deref()),
        user.and_then(|user| user.email.as_deref()),
    ];
    texts.into_iter().flatten().any(|text| like(&text.to_lowercase(), search))
}

/// SQL's `LIKE '%search%'`: `%` and `_` in the search are wildcards, since the server does not escape them.
fn like(text: &str, search: &str) -> bool {
    if !search.contains(['%', '_']) {
        return text.contains(search);
    }
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = std::iter::once('%').chain(search.chars()).chain(std::iter::once('%')).collect();
    // reachable[i]: the pattern so far matches the first i characters.
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        for index in 0..=text.len() {
            next[index] = match wanted {
                '%' => reachable[index] || (index > 0 && next[index - 1]),
                '_' => index > 0 && reachable[index - 1],
                exact => index > 0 && reachable[index - 1] && text[index - 1] == exact,
            };
        }
        reachable = next;
    }
    reachable[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, search: &str, found: bool) {
        assert_eq!(like(text, search), found, "{search:?} in {text:?}");
    }

    #[test]
    fn a_search_is_a_substring_with_wildcards() {
        check("ada lovelace", "love", true);
        check("ada lovelace", "lace ada", false);
        check("ada lovelace", "%", true);
        check("ada lovelace", "a%e", true);
        check("ada", "a_a", true);
        check("ada", "a__a", false);
        check("", "_", false);
    }
}
