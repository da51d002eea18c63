//! What the provider remembers: codes on their way, grants, tokens, installations being decided on.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::app::App;
use crate::clock::Millis;
use crate::connection::Credentials;
use crate::random;

/// Authorization codes live this long.
const CODE_LIFETIME: Millis = 10 * 60 * 1000;

/// The provider's memory.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    tickets: HashMap<String, Ticket>,
    grants: HashMap<String, Grant>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, String>,
    revoked_secrets: HashSet<String>,
    slowed: HashSet<String>,
}

/// An authorization code, waiting to be exchanged.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) account: &'static Account,
    pub(crate) provider: String,
    pub(crate) scope: String,
    pub(crate) expires: Millis,
}

/// An authorization that names itself by a ticket instead of carrying its parameters: OAuth 1 request tokens
/// and app installations.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) provider: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) style: TicketStyle,
}

/// What the redirect after a ticket's approval carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketStyle {
    /// `oauth_token` and `oauth_verifier`.
    OAuth1,
    /// `installation_id` and `setup_action`, and a code for modes that want one.
    Installation {
        /// Whether the answer also carries a code.
        with_code: bool,
    },
}

/// A user's consent.
#[derive(Debug)]
struct Grant {
    account: &'static Account,
    provider: String,
    scope: String,
    revoked: bool,
    refresh_token: String,
    access_tokens: Vec<String>,
}

#[derive(Debug)]
struct Access {
    account: &'static Account,
    expires: Option<Millis>,
    grant: Option<String>,
}

/// The moment a token is made and how long it lives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetime {
    pub(crate) now: Millis,
    pub(crate) length: Millis,
}

impl Lifetime {
    /// As the sandbox is set at present.
    pub(crate) fn now(app: &App) -> Self {
        Self { now: app.clock.now(), length: app.token_lifetime() }
    }
}

/// Tokens as the token endpoint hands them out.
#[derive(Debug)]
pub(crate) struct Issued {
    access_token: String,
    refresh_token: Option<String>,
    scope: String,
    account: &'static Account,
    lifetime: Lifetime,
}

impl Issued {
    /// The token endpoint's answer.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let mut answer = Map::new();
        answer.insert("access_token".into(), json!(self.access_token));
        answer.insert("token_type".into(), json!("Bearer"));
        answer.insert("expires_in".into(), json!(self.lifetime.length / 1000));
        answer.insert("scope".into(), json!(self.scope));
        answer.insert("account_id".into(), json!(self.account.id));
        if let Some(token) = &self.refresh_token {
            answer.insert("refresh_token".into(), json!(token));
        }
        answer
    }

    /// As a connection keeps them, without the way over HTTP.
    pub(crate) fn into_credentials(self) -> Credentials {
        let mut raw = self.json();
        raw.remove("refresh_token");
        Credentials::OAuth2 {
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            expires_at: Some(self.lifetime.now + self.lifetime.length),
            raw,
        }
    }
}

/// Why a token request is refused, in the words of RFC 6749.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

const fn invalid_grant(description: &'static str) -> Refused {
    Refused { error: "invalid_grant", description }
}

impl Grants {
    /// Remembers an authorization code.
    pub(crate) fn add_code(&mut self, code: Code) -> String {
        let name = random::hex(12);
        self.codes.insert(name.clone(), code);
        name
    }

    /// When a code made now stops working.
    pub(crate) fn code_expiry(now: Millis) -> Millis {
        now + CODE_LIFETIME
    }

    /// Remembers a ticket.
    pub(crate) fn add_ticket(&mut self, ticket: Ticket) -> String {
        let name = random::hex(12);
        self.tickets.insert(name.clone(), ticket);
        name
    }

    /// A ticket that was not decided on yet.
    pub(crate) fn ticket(&self, name: &str) -> Option<Ticket> {
        self.tickets.get(name).cloned()
    }

    /// Forgets a ticket: it has been decided on.
    pub(crate) fn close_ticket(&mut self, name: &str) {
        self.tickets.remove(name);
    }

    /// A new grant with its first tokens.
    pub(crate) fn grant(
        &mut self,
        account: &'static Account,
        provider: &str,
        scope: &str,
        lifetime: &Lifetime,
    ) -> Issued {
        self.grant_as(random::hex(8), account, provider, scope, lifetime)
    }

    /// A grant with a given name: one that an earlier run saved.
    pub(crate) fn grant_as(
        &mut self,
        name: String,
        account: &'static Account,
        provider: &str,
        scope: &str,
        lifetime: &Lifetime,
    ) -> Issued {
        let grant = Grant {
            account,
            provider: provider.to_owned(),
            scope: scope.to_owned(),
            revoked: false,
            refresh_token: String::new(),
            access_tokens: Vec::new(),
        };
        self.grants.insert(name.clone(), grant);
        self.issue(&name, scope, account, *lifetime)
    }

    /// Exchanges a code, checking everything it was bound to.
    pub(crate) fn exchange(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        lifetime: Lifetime,
    ) -> Result<Issued, Refused> {
        // Removed first: a code works once, and a wrong attempt spoils it.
        let code = self.codes.remove(code).ok_or(invalid_grant("Unknown code"))?;
        if code.expires < lifetime.now {
            return Err(invalid_grant("The code has expired"));
        }
        if code.client_id != client_id {
            return Err(invalid_grant("The code belongs to another client"));
        }
        if code.redirect_uri != redirect_uri {
            return Err(invalid_grant("redirect_uri differs from the authorization request"));
        }
        if let Some(challenge) = &code.challenge
            && verifier.map(random::challenge).as_ref() != Some(challenge)
        {
            return Err(invalid_grant("PKCE verification failed"));
        }
        Ok(self.grant(code.account, &code.provider, &code.scope, &lifetime))
    }

    /// Exchanges a refresh token; it is replaced by another one.
    pub(crate) fn refresh(&mut self, token: &str, lifetime: Lifetime) -> Result<Issued, Refused> {
        let unknown = invalid_grant("Unknown refresh token");
        let name = self.refresh.get(token).cloned().ok_or(unknown)?;
        let grant = self.grants.get(&name).ok_or(unknown)?;
        if grant.revoked {
            return Err(invalid_grant("The grant was revoked"));
        }
        let (account, scope) = (grant.account, grant.scope.clone());
        Ok(self.issue(&name, &scope, account, lifetime))
    }

    fn issue(&mut self, name: &str, scope: &str, account: &'static Account, lifetime: Lifetime) -> Issued {
        let access_token = format!("at_{}", random::hex(16));
        let refresh_token = format!("rt_{}", random::hex(16));
        if let Some(grant) = self.grants.get_mut(name) {
            self.refresh.remove(&grant.refresh_token);
            grant.refresh_token.clone_from(&refresh_token);
            // The token before this one may still be in use by a call under way; older ones are not.
            if grant.access_tokens.len() > 1 {
                self.access.remove(&grant.access_tokens.remove(0));
            }
            grant.access_tokens.push(access_token.clone());
        }
        self.refresh.insert(refresh_token.clone(), name.to_owned());
        let expires = Some(lifetime.now + lifetime.length);
        self.access.insert(access_token.clone(), Access { account, expires, grant: Some(name.to_owned()) });
        Issued {
            access_token,
            refresh_token: Some(refresh_token),
            scope: scope.to_owned(),
            account,
            lifetime,
        }
    }

    /// A token that belongs to no user's grant: client credentials, two-step.
    pub(crate) fn client_token(&mut self, account: &'static Account, lifetime: Lifetime) -> Issued {
        let access_token = format!("at_{}", random::hex(16));
        let expires = Some(lifetime.now + lifetime.length);
        self.access.insert(access_token.clone(), Access { account, expires, grant: None });
        Issued { access_token, refresh_token: None, scope: "read write".to_owned(), account, lifetime }
    }

    /// A token without an end, for modes whose real signature is not imitated.
    pub(crate) fn lasting_token(&mut self, account: &'static Account, provider: &str) -> String {
        let token = format!("{provider}_{}_{}", account.login, random::hex(12));
        self.access.insert(token.clone(), Access { account, expires: None, grant: None });
        token
    }

    /// Whose access token this is, if it works at `now`.
    pub(crate) fn owner(&self, token: &str, now: Millis) -> Option<&'static Account> {
        let access = self.access.get(token)?;
        access.expires.is_none_or(|expires| expires > now).then_some(access.account)
    }

    /// Whether a key or password was revoked.
    pub(crate) fn is_revoked(&self, secret: &str) -> bool {
        self.revoked_secrets.contains(secret)
    }

    /// Takes back what a token or an entered secret stands for.
    pub(crate) fn revoke(&mut self, secret: &str) {
        let grant = self.refresh.get(secret).cloned().or_else(|| self.access.get(secret)?.grant.clone());
        match grant {
            Some(name) => self.revoke_grant(&name),
            None => {
                self.access.remove(secret);
                self.revoked_secrets.insert(secret.to_owned());
            }
        }
    }

    fn revoke_grant(&mut self, name: &str) {
        if let Some(grant) = self.grants.get_mut(name) {
            grant.revoked = true;
            for token in grant.access_tokens.drain(..) {
                self.access.remove(&token);
            }
        }
    }

    /// Takes back everything an account granted. Returns the refresh tokens concerned.
    pub(crate) fn revoke_account(&mut self, login: &str) -> HashSet<String> {
        let of_account = |grant: &Grant| grant.account.login == login;
        let names: Vec<String> =
            self.grants.iter().filter(|(_, grant)| of_account(grant)).map(|(name, _)| name.clone()).collect();
        let mut tokens = HashSet::new();
        for name in names {
            self.revoke_grant(&name);
            tokens.extend(self.grants.get(&name).map(|grant| grant.refresh_token.clone()));
        }
        let lasting: Vec<String> = self
            .access
            .iter()
            .filter(|(_, access)| access.account.login == login)
            .map(|(token, _)| token.clone())
            .collect();
        for token in lasting {
            self.access.remove(&token);
        }
        tokens
    }

    /// Whether this is the first, third, fifth ... time somebody asks for the route that is slow every other time.
    pub(crate) fn is_first_of_two(&mut self, login: &str) -> bool {
        if self.slowed.remove(login) {
            return false;
        }
        self.slowed.insert(login.to_owned())
    }

    /// The name of the grant a refresh token belongs to.
    pub(crate) fn name_of(&self, refresh_token: &str) -> Option<&str> {
        self.refresh.get(refresh_token).map(String::as_str)
    }

    /// What there is to save of a grant: account, provider, scope, whether it was revoked.
    pub(crate) fn describe(&self, name: &str) -> Option<(&'static Account, &str, &str, bool)> {
        self.grants
            .get(name)
            .map(|grant| (grant.account, grant.provider.as_str(), grant.scope.as_str(), grant.revoked))
    }

    /// Marks a restored grant as revoked.
    pub(crate) fn restore_revoked(&mut self, name: &str) {
        self.revoke_grant(name);
    }
}
