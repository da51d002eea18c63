//! The consent page: which app asks for what, which account, yes or no.
//!
//! The form posts back to `/authorize` the parameters of the authorization request as hidden fields of the
//! same names, the field `account` (`alex`, `sam` or `work-team`) and the field `decision` (`approve` or
//! `deny`). A robot may post exactly that without having loaded the page. For an installation the field
//! `admin` with any value means that an administrator has to approve it later.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use url::Url;

use crate::account::{self, ACCOUNTS, Account};
use crate::answer::{self, Answer, escape};
use crate::app::App;
use crate::provider::grants::{Code, Grants, Ticket, TicketStyle};
use crate::provider::{Visit, first};
use crate::random;

/// Parameters that the form carries on.
const CARRIED: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "provider",
    "request",
];

/// Schemes no redirect may have: a browser would run or show them as the provider's own page.
const REFUSED_SCHEMES: [&str; 5] = ["javascript", "data", "blob", "file", "vbscript"];

/// An authorization request that makes sense.
struct Asked {
    client: String,
    service: String,
    provider: String,
    scopes: Vec<String>,
    redirect: Url,
    /// `redirect` as it was sent: the token call must repeat it letter by letter.
    redirect_sent: String,
    state: Option<String>,
    challenge: Option<String>,
    ticket: Option<(String, Ticket)>,
}

/// `GET /authorize`.
pub(crate) fn page(app: &App, visit: &Visit) -> Answer {
    match read(app, &visit.query) {
        Ok(asked) => consent_page(&asked, &visit.query),
        Err(problem) => problem_page(problem),
    }
}

/// `POST /authorize`: the decision. Answers with a redirect to the app, whatever its scheme.
pub(crate) fn decide(app: &App, visit: &Visit) -> Answer {
    let form = visit.form();
    let asked = match read(app, &form) {
        Ok(asked) => asked,
        Err(problem) => return problem_page(problem),
    };
    let mut redirect = asked.redirect.clone();
    match first(&form, "decision") {
        Some("approve") => {
            let Some(account) = first(&form, "account").and_then(account::by_login) else {
                return problem_page("Choose one of the accounts.");
            };
            approve(app, &asked, account, first(&form, "admin").is_some(), &mut redirect);
        }
        Some("deny") => {
            redirect
                .query_pairs_mut()
                .append_pair("error", "access_denied")
                .append_pair("error_description", "The user denied the request");
        }
        _ => return problem_page("The decision must be approve or deny."),
    }
    if let Some((name, _)) = &asked.ticket {
        app.provider.grants().close_ticket(name);
    }
    if let Some(state) = &asked.state {
        redirect.query_pairs_mut().append_pair("state", state);
    }
    let mut answer = answer::empty(StatusCode::FOUND);
    answer::set(&mut answer, LOCATION, redirect.as_str());
    answer::set(&mut answer, CACHE_CONTROL, "no-store");
    answer
}

fn approve(app: &App, asked: &Asked, account: &'static Account, admin: bool, redirect: &mut Url) {
    let code = Code {
        client_id: asked.client.clone(),
        redirect_uri: asked.redirect_sent.clone(),
        challenge: asked.challenge.clone(),
        account,
        provider: asked.provider.clone(),
        scope: asked.scopes.join(" "),
        expires: Grants::code_expiry(app.clock.now()),
    };
    let mut grants = app.provider.grants();
    let mut pairs = redirect.query_pairs_mut();
    match asked.ticket.as_ref().map(|(name, ticket)| (name, ticket.style)) {
        None => {
            pairs.append_pair("code", &grants.add_code(code));
        }
        Some((name, TicketStyle::OAuth1)) => {
            pairs.append_pair("oauth_token", name).append_pair("oauth_verifier", &grants.add_code(code));
        }
        Some((_, TicketStyle::Installation { with_code })) => {
            if admin {
                pairs.append_pair("setup_action", "request");
            } else {
                pairs.append_pair("setup_action", "install").append_pair("installation_id", account.id);
            }
            if with_code {
                pairs.append_pair("code", &grants.add_code(code));
            }
        }
    }
}

fn read(app: &App, fields: &[(String, String)]) -> Result<Asked, &'static str> {
    let field = |name: &str| first(fields, name).filter(|value| !value.is_empty());
    let ticket = match field("request").or(field("oauth_token")) {
        Some(name) => {
            let ticket = app
                .provider
                .grants()
                .ticket(name)
                .ok_or("This request is not known, or was answered already.")?;
            Some((name.to_owned(), ticket))
        }
        None => None,
    };
    let redirect_sent = match &ticket {
        Some((_, ticket)) => ticket.redirect_uri.as_str(),
        None => field("redirect_uri")
            .ok_or("The app did not say where to return to (redirect_uri is missing).")?,
    };
    let redirect_sent = redirect_sent.to_owned();
    let redirect =
        Url::parse(&redirect_sent).map_err(|_| "The address to return to (redirect_uri) is not a URL.")?;
    if REFUSED_SCHEMES.contains(&redirect.scheme()) {
        return Err("The address to return to (redirect_uri) has a scheme that is not allowed.");
    }
    if ticket.is_none() && field("response_type") != Some("code") {
        return Err("Only response_type=code is supported.");
    }
    if ticket.is_none() && field("code_challenge").is_some() && field("code_challenge_method") != Some("S256")
    {
        return Err("Only code_challenge_method=S256 is supported.");
    }
    let client = match &ticket {
        Some((_, ticket)) => format!("sandbox-{}", ticket.provider),
        None => field("client_id").ok_or("The app did not say who it is (client_id is missing).")?.to_owned(),
    };
    let provider = match &ticket {
        Some((_, ticket)) => ticket.provider.clone(),
        None => field("provider").unwrap_or("local-oauth2").to_owned(),
    };
    let service = app.catalogue.get(&provider).map_or("Sandbox", |provider| &provider.display_name);
    // "GitHub (User OAuth)" tells operators which variant it is; a user has an account at GitHub.
    let service = service.split(" (").next().unwrap_or(service).to_owned();
    let scopes = field("scope").unwrap_or("read").split([' ', ',']).filter(|scope| !scope.is_empty());
    Ok(Asked {
        client,
        service,
        provider,
        scopes: scopes.map(str::to_owned).collect(),
        redirect,
        redirect_sent,
        state: ticket.as_ref().map(|(_, ticket)| ticket.state.clone()).or(field("state").map(str::to_owned)),
        challenge: field("code_challenge").map(str::to_owned),
        ticket,
    })
}

fn consent_page(asked: &Asked, query: &[(String, String)]) -> Answer {
    let hidden: String = CARRIED
        .iter()
        .chain(["oauth_token"].iter())
        .filter_map(|name| first(query, name).map(|value| (name, value)))
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value)))
        .collect();
    let accounts: String =
        ACCOUNTS.iter().enumerate().map(|(index, account)| account_choice(index, account)).collect();
    let scopes: String =
        asked.scopes.iter().map(|scope| format!("<li><code>{}</code></li>", escape(scope))).collect();
    let admin = match &asked.ticket {
        Some((_, ticket)) if matches!(ticket.style, TicketStyle::Installation { .. }) => {
            "<label class=\"admin\"><input type=\"checkbox\" name=\"admin\" value=\"1\"> An administrator has to approve this later</label>"
        }
        _ => "",
    };
    let service = escape(&asked.service);
    let initial = escape(&asked.service.chars().next().unwrap_or('S').to_uppercase().to_string());
    let body = format!(
        "<main>\n<header><span class=\"mark\" aria-hidden=\"true\">{initial}</span>\
         <div><h1>Connect to {service}</h1><p class=\"quiet\">Sandbox sign-in. Nothing leaves this machine.</p></div></header>\n\
         <p>The app <strong>{client}</strong> asks for access to one of your {service} accounts:</p>\n<ul class=\"scopes\">{scopes}</ul>\n\
         <form method=\"post\" action=\"/authorize\">\n{hidden}\
         <fieldset><legend>Continue as</legend>\n{accounts}</fieldset>\n{admin}\
         <div class=\"buttons\"><button class=\"quiet\" name=\"decision\" value=\"deny\">Deny</button>\
         <button class=\"main\" name=\"decision\" value=\"approve\">Approve</button></div>\n</form>\n\
         <p class=\"quiet\">You return to <code>{target}</code>.</p>\n</main>",
        client = escape(&asked.client),
        target = escape(&destination(&asked.redirect)),
    );
    styled(StatusCode::OK, &format!("Connect to {service}"), &body, Some(&asked.redirect))
}

fn account_choice(index: usize, account: &Account) -> String {
    let checked = if index == 0 { " checked" } else { "" };
    let initials: String = account.name.split(' ').filter_map(|word| word.chars().next()).collect();
    format!(
        "<label class=\"account\"><input type=\"radio\" name=\"account\" value=\"{login}\"{checked}>\
         <span class=\"face face{index}\" aria-hidden=\"true\">{initials}</span>\
         <span><b>{name}</b><br><span class=\"quiet\">{email}</span></span></label>\n",
        login = account.login,
        name = account.name,
        email = account.email,
    )
}

/// Where the user returns to, without the part that may hold anything.
fn destination(redirect: &Url) -> String {
    match redirect.host_str() {
        Some(host) => format!("{}://{host}", redirect.scheme()),
        None => format!("{}:", redirect.scheme()),
    }
}

fn problem_page(problem: &'static str) -> Answer {
    let body = format!(
        "<main><header><span class=\"mark\" aria-hidden=\"true\">!</span><div><h1>This cannot work</h1></div></header>\
         <p>{}</p><p class=\"quiet\">Go back to the app and start again.</p></main>",
        escape(problem)
    );
    styled(StatusCode::BAD_REQUEST, "This cannot work", &body, None)
}

/// A page with the sandbox's looks. Browsers apply `form-action` to the redirect after the form too, so the
/// place to return to is named in the policy.
fn styled(status: StatusCode, title: &str, body: &str, redirect: Option<&Url>) -> Answer {
    let nonce = random::hex(16);
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style nonce=\"{nonce}\">{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    );
    let target = match redirect {
        Some(url) if matches!(url.scheme(), "http" | "https") => {
            format!(" {}", url.origin().ascii_serialization())
        }
        Some(url) => format!(" {}:", url.scheme()),
        None => String::new(),
    };
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'{target}; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut answer = answer::html(status, page);
    answer::set(&mut answer, CONTENT_SECURITY_POLICY, &policy);
    answer::set(&mut answer, CACHE_CONTROL, "no-store");
    answer::set(&mut answer, REFERRER_POLICY, "no-referrer");
    answer
}

const STYLE: &str = include_str!("consent.css");
