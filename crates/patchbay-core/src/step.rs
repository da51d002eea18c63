//! The lines of an attempt's timeline.

use patchbay_texts::{mark, text};
use serde::{Deserialize, Serialize};

/// One thing that happened to an attempt, worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It began.
    Started,
    /// The consent page was opened in the browser.
    BrowserOpened,
    /// The system could not open the browser.
    BrowserNotOpened,
    /// The filled-in form went to Nango.
    FormSent,
    /// The provider's answer came back by link.
    LinkArrived,
    /// Another link came for it, too late to matter.
    LateLink,
    /// A link came that Nango did not take; it was not this attempt's, or not valid.
    LinkNotTaken,
    /// Nango took the provider's answer.
    Forwarded,
    /// The answer was sent, but Nango said nothing.
    ForwardUnanswered,
    /// Nango could not be reached, or takes nothing at the moment; the answer waits to be sent.
    ForwardWaiting,
    /// The websocket closed early; Nango is asked instead.
    SocketLost,
    /// Nango was asked and does not have it yet.
    NotThereYet,
    /// Nango could not be asked.
    LookFailed,
    /// The application was started again and took it up.
    Resumed,
    /// The connection is there.
    Connected,
    /// The connection is renewed.
    Reconnected,
    /// It is connected and waits for an administrator's approval at the provider.
    PendingApproval,
    /// The person or the provider said no.
    Refused,
    /// Nobody came back in time.
    Expired,
    /// Cancelled here.
    Cancelled,
    /// It did not work.
    Failed,
    /// A connection made after the cancel was deleted at Nango again.
    Discarded,
}

impl Step {
    const NAMES: [(Step, &'static str, &'static str); 22] = [
        (Step::Started, "started", mark!("Started")),
        (Step::BrowserOpened, "browser_opened", mark!("Opened the browser")),
        (Step::BrowserNotOpened, "browser_not_opened", mark!("The browser did not open")),
        (Step::FormSent, "form_sent", mark!("Sent what you entered to Nango")),
        (Step::LinkArrived, "link_arrived", mark!("The answer came back from the browser")),
        (Step::LateLink, "late_link", mark!("A second answer came and was ignored")),
        (Step::LinkNotTaken, "link_not_taken", mark!("A link came that Nango did not take")),
        (Step::Forwarded, "forwarded", mark!("Nango took the answer")),
        (
            Step::ForwardUnanswered,
            "forward_unanswered",
            mark!("Sent the answer to Nango, which said nothing"),
        ),
        (Step::ForwardWaiting, "forward_waiting", mark!("Nango could not take the answer yet; trying again")),
        (Step::SocketLost, "socket_lost", mark!("The live line to Nango closed; asking instead")),
        (Step::NotThereYet, "not_there_yet", mark!("Asked Nango: not there yet")),
        (Step::LookFailed, "look_failed", mark!("Nango could not be asked")),
        (Step::Resumed, "resumed", mark!("Taken up again after a restart")),
        (Step::Connected, "connected", mark!("Connected")),
        (Step::Reconnected, "reconnected", mark!("Reconnected")),
        (Step::PendingApproval, "pending_approval", mark!("Waits for an administrator's approval")),
        (Step::Refused, "refused", mark!("Refused")),
        (Step::Expired, "expired", mark!("Nobody came back in time")),
        (Step::Cancelled, "cancelled", mark!("Cancelled")),
        (Step::Failed, "failed", mark!("Failed")),
        (Step::Discarded, "discarded", mark!("Removed the connection that was made after the cancel")),
    ];

    /// The name under which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(step, ..)| *step == self).map_or("", |(_, name, _)| name)
    }

    /// The step of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Step> {
        Self::NAMES.iter().find(|(_, known, _)| *known == name).map(|(step, ..)| *step)
    }

    /// What a timeline says.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::NAMES.iter().find(|(step, ..)| *step == self).map_or("", |(.., words)| text(words))
    }
}
