//! `patchbay doctor`.

use patchbay_engine::{Answers, Engine};
use patchbay_ipc::{CheckProfile, DeepLinkState, Failure, GetDiagnostics, GetOverview, KeyringState};
use serde::Serialize;

use super::Ended;
use super::out::Out;
use crate::deep_link;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    is_well: bool,
    message: String,
    hint: Option<String>,
}

impl Finding {
    fn well(what: &'static str, message: impl Into<String>) -> Finding {
        Finding { what, is_well: true, message: message.into(), hint: None }
    }

    fn ill(what: &'static str, failure: Failure) -> Finding {
        Finding { what, is_well: false, message: failure.message, hint: Some(failure.hint) }
    }
}

pub(crate) async fn look(engine: &Engine, out: &Out, json: bool) -> Result<Ended, Failure> {
    let mut findings = Vec::new();
    match engine.answer(GetOverview {}).await?.profile {
        Some(profile) => {
            let words = format!("{} at {}, as {}", profile.name, profile.server_url, profile.user_id);
            findings.push(Finding::well("profile", words));
            match engine.answer(CheckProfile {}).await {
                Ok(check) => {
                    findings.push(Finding::well("server", "The server answers and accepts the key."));
                    let hint = (!check.all_well).then(|| "Settings lists each scope.".to_owned());
                    findings.push(Finding {
                        what: "key",
                        is_well: check.all_well,
                        message: check.summary,
                        hint,
                    });
                }
                Err(failure) => findings.push(Finding::ill("server", failure)),
            }
        }
        None => findings.push(Finding {
            what: "profile",
            is_well: false,
            message: "No Nango is set up yet.".to_owned(),
            hint: Some("Open the window and connect to your Nango, or try the sandbox.".to_owned()),
        }),
    }
    let keyring = engine.try_keyring().await;
    findings.push(Finding {
        what: "keyring",
        is_well: matches!(keyring.state, KeyringState::Available | KeyringState::MemoryByChoice),
        message: keyring.message,
        hint: keyring.hint,
    });
    engine.set_link_owner(deep_link::owner_without_window().await);
    let link = engine.answer(GetDiagnostics {}).await?.deep_link;
    findings.push(Finding {
        what: "deep link",
        // Where the system does not tell, nothing is known to be wrong.
        is_well: matches!(link.state, DeepLinkState::Registered | DeepLinkState::Unknown),
        message: link.message,
        hint: link.hint,
    });
    if json {
        out.json(&findings);
    } else {
        for finding in &findings {
            let mark = if finding.is_well { "well" } else { "ILL " };
            out.line(&format!("{mark}  {:<9}  {}", finding.what, finding.message));
            for hint in finding.hint.iter().filter(|_| !finding.is_well) {
                out.line(&format!("                 {hint}"));
            }
        }
    }
    let all_well = findings.iter().all(|finding| finding.is_well);
    Ok(if all_well { Ended::Well } else { Ended::InTheWay })
}
