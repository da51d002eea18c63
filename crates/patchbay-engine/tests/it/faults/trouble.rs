//! The faults.

use std::collections::BTreeMap;
use std::time::Duration;

use nango_sandbox::FaultAction;

/// What comes instead of a proper answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    RateLimited,
    Fault,
    ErrorPage,
    LoginPage,
    TruncatedJson,
    Silence,
    HugeBody,
    Reset,
    Untrusted,
}

impl Trouble {
    pub(super) const ALL: [Trouble; 9] = [
        Trouble::RateLimited,
        Trouble::Fault,
        Trouble::ErrorPage,
        Trouble::LoginPage,
        Trouble::TruncatedJson,
        Trouble::Silence,
        Trouble::HugeBody,
        Trouble::Reset,
        Trouble::Untrusted,
    ];

    pub(super) fn words(self) -> &'static str {
        match self {
            Trouble::RateLimited => "429 and `Retry-After: 30`",
            Trouble::Fault => "500 in Nango's JSON",
            Trouble::ErrorPage => "502 and an HTML page",
            Trouble::LoginPage => "200 and an HTML page",
            Trouble::TruncatedJson => "its answer, cut in the middle",
            Trouble::Silence => "60 s of silence",
            Trouble::HugeBody => "a body of 100 MB",
            Trouble::Reset => "a connection reset",
            Trouble::Untrusted => "a certificate nobody vouches for",
        }
    }

    /// What the sandbox is told to do; nothing for what happens before HTTP.
    pub(super) fn action(self) -> Option<FaultAction> {
        let status = |code, body: &str, headers: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let headers: BTreeMap<_, _> = headers.iter().map(owned).collect();
            Some(FaultAction::Status { code, body: body.to_owned(), headers })
        };
        match self {
            Trouble::RateLimited => status(
                429,
                r#"{"error":{"code":"too_many_request","method":"GET","path":"/"}}"#,
                &[("Retry-After", "30")],
            ),
            Trouble::Fault => status(
                500,
                r#"{"error":{"code":"server_error","message":"please contact support with the request id"}}"#,
                &[],
            ),
            Trouble::ErrorPage => status(502, "<html><h1>502 Bad Gateway</h1></html>", &[]),
            Trouble::LoginPage => status(200, "<html><h1>Log in to the guest network</h1></html>", &[]),
            Trouble::TruncatedJson => Some(FaultAction::TruncatedJson),
            Trouble::Silence => Some(FaultAction::Silence(Duration::from_secs(60))),
            Trouble::HugeBody => Some(FaultAction::HugeBody(100_000_000)),
            Trouble::Reset => Some(FaultAction::ResetConnection),
            Trouble::Untrusted => None,
        }
    }
}
