//! The three people who have accounts at every provider of the sandbox.

/// One account somebody can sign in with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// What the consent form sends.
    pub(crate) login: &'static str,
    /// The account's id at the provider.
    pub(crate) id: &'static str,
    /// What people read.
    pub(crate) name: &'static str,
    /// The account's e-mail address.
    pub(crate) email: &'static str,
}

/// All accounts, in the order of the consent page.
pub(crate) const ACCOUNTS: [Account; 3] = [
    Account { login: "alex", id: "acct_alex", name: "Alex Rivera", email: "alex@example.test" },
    Account { login: "sam", id: "acct_sam", name: "Sam Chen", email: "sam@example.test" },
    Account { login: "work-team", id: "acct_work_team", name: "Work Team", email: "work-team@example.test" },
];

/// The account with this login.
pub(crate) fn by_login(login: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.login == login)
}

/// The account a key, user name or client id belongs to: the one whose login it contains, else the first.
/// There is nothing else to tell by, since the sandbox accepts any key.
pub(crate) fn of_secret(secret: &str) -> &'static Account {
    let secret = secret.to_lowercase();
    ACCOUNTS.iter().find(|account| secret.contains(account.login)).unwrap_or(&ACCOUNTS[0])
}

/// Whether the sandbox refuses this key, user name, password or client id: those that start with `wrong` or
/// `bad` stand for a typing mistake.
pub(crate) fn is_wrong(secret: &str) -> bool {
    let secret = secret.to_lowercase();
    secret.starts_with("wrong") || secret.starts_with("bad")
}
