//! One provider of each auth mode, and how an account of it is connected.

use nango_sandbox::{Fault, FaultAction, FaultMatcher, Sandbox};
use patchbay_core::form::FieldPart;
use patchbay_engine::Answers;
use patchbay_ipc::*;

use crate::harness::{Decision, Harness, decide, target, until};

/// A provider of the sandbox and what is entered for it.
pub(crate) struct Case {
    pub(crate) mode: &'static str,
    /// A connector, or `provider:<key>`.
    pub(crate) target: &'static str,
    fields: &'static [(&'static str, &'static str)],
    failing: Failing,
}

/// How it comes to fail.
enum Failing {
    /// The provider refuses when this field holds this value.
    Entered(&'static str, &'static str),
    /// Nango has nothing to check it against; the test has it refuse at this path.
    Injected(&'static str),
    /// The person denies access in the browser.
    Denied,
    /// Nothing is checked because nothing is entered, for the reason given.
    Never(&'static str),
}

const fn case(
    mode: &'static str,
    target: &'static str,
    fields: &'static [(&'static str, &'static str)],
    failing: Failing,
) -> Case {
    Case { mode, target, fields, failing }
}

pub(crate) const CASES: [Case; 20] = [
    case("OAUTH2", "github", &[], Failing::Denied),
    case("OAUTH2", "zendesk", &[("subdomain", "https://acme.zendesk.com")], Failing::Denied),
    case(
        "OAUTH2",
        "provider:sandbox-outbound",
        &[],
        Failing::Never("nothing is entered; the administrator may never approve"),
    ),
    case("OAUTH1", "trello", &[], Failing::Denied),
    case(
        "OAUTH2_CC",
        "databricks",
        &[
            ("databricksInstance", "dbc-1.cloud.databricks.com"),
            ("client_id", "alex"),
            ("client_secret", "s"),
        ],
        Failing::Entered("client_id", "wrong-client"),
    ),
    case("API_KEY", "sendgrid", &[("apiKey", "sk-alex")], Failing::Entered("apiKey", "wrong-key")),
    case(
        "BASIC",
        "twilio",
        &[("username", "alex"), ("password", "secret")],
        Failing::Entered("password", "wrong-password"),
    ),
    case(
        "TWO_STEP",
        "looker",
        &[("hostname", "acme.example.com"), ("clientId", "alex"), ("clientSecret", "s")],
        Failing::Entered("clientSecret", "wrong-secret"),
    ),
    case(
        "JWT",
        "provider:snowflake-jwt",
        &[
            ("subdomain", "xy12345"),
            ("accountIdentifier", "org-account"),
            ("userName", "ALEX"),
            ("privateKey", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"),
        ],
        Failing::Injected("/auth/jwt"),
    ),
    case(
        "TBA",
        "provider:netsuite-tba",
        &[("token_id", "alex"), ("token_secret", "s"), ("accountId", "1234567_SB1")],
        Failing::Injected("/auth/tba"),
    ),
    case(
        "SIGNATURE",
        "provider:emarsys",
        &[("username", "alex"), ("password", "s")],
        Failing::Injected("/auth/signature"),
    ),
    case(
        "BILL",
        "provider:bill",
        &[("username", "alex"), ("password", "s"), ("organization_id", "o"), ("dev_key", "d")],
        Failing::Injected("/auth/bill"),
    ),
    case(
        "AWS_SIGV4",
        "amazon-s3",
        &[("role_arn", "arn:aws:iam::123456789012:role/alex")],
        Failing::Injected("/auth/aws-sigv4"),
    ),
    case("NONE", "provider:unauthenticated", &[], Failing::Never("nothing is entered that could be wrong")),
    case("APP", "provider:github-app", &[], Failing::Denied),
    case("CUSTOM", "provider:github-app-oauth", &[], Failing::Denied),
    case("MCP_OAUTH2", "provider:linear-mcp", &[], Failing::Denied),
    case(
        "MCP_OAUTH2_GENERIC",
        "provider:mcp-generic",
        &[("mcp_server_url", "https://mcp.example.com/mcp")],
        Failing::Denied,
    ),
    case("INSTALL_PLUGIN", "provider:sandbox-plugin", &[], Failing::Denied),
    case(
        "BASIC",
        "jenkins",
        &[("base_url", "https://ci.example.com"), ("username", "alex"), ("password", "token")],
        Failing::Injected("/api-auth/basic"),
    ),
];

impl Case {
    /// The mode and the provider, for the table.
    pub(crate) fn title(&self) -> String {
        format!("{} `{}`", self.mode, self.target.trim_start_matches("provider:"))
    }

    async fn plan(&self, harness: &Harness) -> ConnectionPlan {
        let request = PlanConnection { target: target(self.target), integration: None };
        harness.engine.answer(request).await.expect("a plan")
    }

    /// What is asked, in its order. Every field that the case fills in is there.
    pub(crate) async fn form(&self, harness: &Harness) -> String {
        let plan = self.plan(harness).await;
        let fields = plan.form.fields.iter().map(|field| {
            let name = if field.secret { format!("{} *secret*", field.title) } else { field.title.clone() };
            if field.optional { format!("[{name}]") } else { name }
        });
        let asked = fields.collect::<Vec<_>>().join(", ");
        match (asked.is_empty(), plan.in_browser) {
            (true, true) => "nothing; consent is given in the browser".to_owned(),
            (true, false) => "nothing".to_owned(),
            (false, true) => format!("{asked}; then consent in the browser"),
            (false, false) => asked,
        }
    }

    /// Connects an account and looks at what Nango has of it.
    pub(crate) async fn connect(&self, harness: &Harness, sandbox: &Sandbox) -> String {
        let attempt = harness.start_with(self.target, self.fields).await.expect("an attempt");
        self.go_through_browser(harness, &attempt, Decision::Approve("alex")).await;
        let ended = harness.reaches(attempt.id, Phase::Connected).await;
        let at_nango = sandbox.connections();
        assert_eq!(at_nango.len(), 1, "{}", self.target);
        assert_eq!(at_nango[0].tags["patchbay_attempt"], attempt.id.to_string(), "{}", self.target);
        assert_eq!(at_nango[0].id, harness.connection().await.connection_id.as_str());
        self.params_are_kept(harness, sandbox).await;
        ended.words
    }

    /// What goes into the configuration is with the connection at Nango, decoration removed.
    async fn params_are_kept(&self, harness: &Harness, sandbox: &Sandbox) {
        let plan = self.plan(harness).await;
        let details = crate::harness::elsewhere(sandbox)
            .connection(
                &sandbox.connections()[0].id,
                &sandbox.connections()[0].integration,
                nango_client::RefreshMode::None,
            )
            .await
            .expect("the connection");
        let nango_client::ReadConnection::Found(details) = details else { panic!("it is not broken") };
        for field in plan.form.fields.iter().filter(|field| field.part == FieldPart::ConnectionConfig) {
            let Some((_, given)) = self.fields.iter().find(|(name, _)| *name == field.name) else { continue };
            let kept = details.connection_config.get(&field.name).and_then(|value| value.as_str());
            let kept = kept.unwrap_or_else(|| panic!("{}: {} is kept", self.target, field.name));
            assert!(given.contains(kept) && !kept.is_empty(), "{}: {kept:?} of {given:?}", self.target);
        }
    }

    /// Has it fail, and answers how that reads.
    pub(crate) async fn fail(&self, harness: &Harness, sandbox: &Sandbox) -> String {
        let attempt = match &self.failing {
            Failing::Never(why) => return format!("does not apply: {why}"),
            Failing::Denied => {
                let attempt = harness.start_with(self.target, self.fields).await.expect("an attempt");
                self.go_through_browser(harness, &attempt, Decision::Deny).await;
                attempt
            }
            Failing::Entered(name, value) => {
                let fields: Vec<(&str, &str)> = self
                    .fields
                    .iter()
                    .map(|(known, given)| (*known, if known == name { *value } else { *given }))
                    .collect();
                harness.start_with(self.target, &fields).await.expect("an attempt")
            }
            Failing::Injected(path) => {
                sandbox.set_faults(vec![Fault {
                    matcher: FaultMatcher { method: None, path_prefix: (*path).to_owned() },
                    times: None,
                    action: FaultAction::Status {
                        code: 400,
                        body: r#"{"error":{"code":"connection_test_failed","message":"refused"}}"#.to_owned(),
                        headers: Default::default(),
                    },
                }]);
                harness.start_with(self.target, self.fields).await.expect("an attempt")
            }
        };
        let ended = until("the attempt to end", || async {
            let view = harness.attempt(attempt.id).await;
            (!view.phase.is_open()).then_some(view)
        })
        .await;
        sandbox.set_faults(Vec::new());
        assert_ne!(ended.phase, Phase::Connected, "{}", self.target);
        assert!(sandbox.connections().is_empty(), "{}: nothing is made", self.target);
        let problem = ended.problem.expect("a reason");
        let said =
            if matches!(self.failing, Failing::Injected(_)) { " (Nango is made to refuse)" } else { "" };
        format!("{}: {}{said}", ended.words, problem.message)
    }

    /// Renews it with the same credentials; what Nango keeps is not asked again.
    pub(crate) async fn reconnect(
        &self,
        harness: &Harness,
        sandbox: &Sandbox,
        connection: &ConnectionView,
    ) -> String {
        let request = PlanReconnect { instance: connection.instance };
        let plan = harness.engine.answer(request).await.expect("a plan");
        let asks = |name: &str| plan.form.fields.iter().any(|field| field.name == name);
        let fields: Vec<(&str, &str)> = self.fields.iter().filter(|(name, _)| asks(name)).copied().collect();
        let attempt = harness.start_reconnect(connection.instance, &fields).await.expect("an attempt");
        self.go_through_browser(harness, &attempt, Decision::Approve("alex")).await;
        let ended = harness.reaches(attempt.id, Phase::Connected).await;
        self.params_are_kept(harness, sandbox).await;
        let tags = &sandbox.connections()[0].tags;
        assert_eq!(tags["patchbay_instance"], connection.instance.to_string(), "{}", self.target);
        let asked = plan.form.fields.iter().map(|field| field.title.as_str()).collect::<Vec<_>>();
        match asked.is_empty() {
            true => format!("{}; nothing is asked", ended.words),
            false => format!("{}; asks {}", ended.words, asked.join(", ")),
        }
    }

    /// Does what the person does there, if there is a page, and brings the link home if one comes.
    async fn go_through_browser(&self, harness: &Harness, attempt: &AttemptView, decision: Decision) {
        if attempt.method == patchbay_core::attempt::Method::Form {
            return;
        }
        let page = harness.page(attempt.id).await;
        let end = decide(&page, decision).await;
        if end.scheme() == patchbay_core::attempt::SCHEME {
            harness.engine.on_deep_link(end.as_str()).await;
        }
    }
}
