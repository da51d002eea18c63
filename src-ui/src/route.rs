//! Where in the window one is. The route is the address after `#`, so going back works and nothing is asked
//! of a server.

use patchbay_core::id::{InstanceId, RunId, WorkflowId};
use patchbay_texts::t;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// What can be connected.
    #[default]
    Connectors,
    /// What is connected.
    Connections,
    /// The same, with one of them open.
    Connection(InstanceId),
    /// The workflows.
    Workflows,
    /// One workflow, in its editor.
    Workflow(WorkflowId),
    /// The runs.
    Runs,
    /// One run.
    Run(RunId),
    /// Two runs beside each other.
    Compare(RunId, RunId),
    /// Attempts.
    Activity,
    /// Settings.
    Settings,
    /// Design tokens and components, for development; no link leads there.
    Gallery,
}

impl Route {
    /// The pages with a link, in order.
    pub const NAVIGATION: [Route; 6] = [
        Route::Connectors,
        Route::Connections,
        Route::Workflows,
        Route::Runs,
        Route::Activity,
        Route::Settings,
    ];

    /// The key that leads to the section's first page, together with Ctrl (on macOS the command key).
    #[must_use]
    pub fn key(self) -> Option<char> {
        let place = Route::NAVIGATION.into_iter().position(|route| route == self.section())?;
        char::from_digit(u32::try_from(place + 1).ok()?, 10)
    }

    /// The page that a key leads to.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Route> {
        Route::NAVIGATION.into_iter().find(|route| route.key().is_some_and(|own| key == own.to_string()))
    }

    /// The page with a link that it belongs to.
    #[must_use]
    pub fn section(self) -> Route {
        match self {
            Route::Connection(_) => Route::Connections,
            Route::Workflow(_) => Route::Workflows,
            Route::Run(_) | Route::Compare(..) => Route::Runs,
            other => other,
        }
    }

    /// The section's name: its link, and the heading and title of its first page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Route::Connectors => t!("Connectors"),
            Route::Connections | Route::Connection(_) => t!("Connections"),
            Route::Workflows | Route::Workflow(_) => t!("Workflows"),
            Route::Runs | Route::Run(_) | Route::Compare(..) => t!("Runs"),
            Route::Activity => t!("Activity"),
            Route::Settings => t!("Settings"),
            Route::Gallery => t!("Gallery"),
        }
    }

    /// What is on the section's first page, in a few words.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self.section() {
            Route::Connectors => t!("What can be connected"),
            Route::Connections | Route::Connection(_) => {
                t!("The accounts that are connected, and how they are")
            }
            Route::Workflows | Route::Workflow(_) => t!("What is to be done, and as whom"),
            Route::Runs | Route::Run(_) | Route::Compare(..) => t!("What was done, when, and as whom"),
            Route::Activity => t!("Attempts to connect, and how they went"),
            Route::Settings => t!("Profiles, keyring, links, appearance"),
            Route::Gallery => t!("Design tokens and components"),
        }
    }

    /// The address.
    #[must_use]
    pub fn hash(self) -> String {
        match self {
            Route::Connectors => "#/connectors".to_owned(),
            Route::Connections => "#/connections".to_owned(),
            Route::Connection(instance) => format!("#/connections/{instance}"),
            Route::Workflows => "#/workflows".to_owned(),
            Route::Workflow(workflow) => format!("#/workflows/{workflow}"),
            Route::Runs => "#/runs".to_owned(),
            Route::Run(run) => format!("#/runs/{run}"),
            Route::Compare(left, right) => format!("#/runs/{left}/{right}"),
            Route::Activity => "#/activity".to_owned(),
            Route::Settings => "#/settings".to_owned(),
            Route::Gallery => "#/gallery".to_owned(),
        }
    }

    /// The page at an address; the first page at an address that is none of ours.
    #[must_use]
    pub fn from_hash(hash: &str) -> Route {
        Route::parse(hash).unwrap_or_default()
    }

    fn parse(hash: &str) -> Option<Route> {
        let mut steps = hash.strip_prefix("#/")?.splitn(3, '/');
        let route = match (steps.next()?, steps.next(), steps.next()) {
            ("connectors", None, None) => Route::Connectors,
            ("connections", None, None) => Route::Connections,
            ("connections", Some(id), None) => Route::Connection(id.parse().ok()?),
            ("workflows", None, None) => Route::Workflows,
            ("workflows", Some(id), None) => Route::Workflow(id.parse().ok()?),
            ("runs", None, None) => Route::Runs,
            ("runs", Some(id), None) => Route::Run(id.parse().ok()?),
            ("runs", Some(left), Some(right)) => Route::Compare(left.parse().ok()?, right.parse().ok()?),
            ("activity", None, None) => Route::Activity,
            ("settings", None, None) => Route::Settings,
            ("gallery", None, None) => Route::Gallery,
            _ => return None,
        };
        Some(route)
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    const ID: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

    #[test]
    fn addresses_lead_back_to_their_pages() {
        let (workflow, run) = (ID.parse().expect("an id"), ID.parse().expect("an id"));
        let deeper = [
            Route::Gallery,
            Route::Connection(ID.parse().expect("an id")),
            Route::Workflow(workflow),
            Route::Run(run),
            Route::Compare(run, run),
        ];
        for route in Route::NAVIGATION.into_iter().chain(deeper) {
            assert_eq!(Route::from_hash(&route.hash()), route);
        }
        for elsewhere in ["", "#/elsewhere", "#/workflows/7", "#/runs/x/y", "#/activity/1", "#/settings/"] {
            assert_eq!(Route::from_hash(elsewhere), Route::Connectors, "{elsewhere}");
        }
    }

    #[test]
    fn each_page_with_a_link_has_a_key() {
        for (route, key) in Route::NAVIGATION.into_iter().zip('1'..) {
            assert_eq!(route.key(), Some(key));
            assert_eq!(Route::of_key(&key.to_string()), Some(route));
        }
        assert_eq!(Route::of_key("9"), None);
        assert_eq!(Route::of_key("k"), None);
    }

    #[test]
    fn a_page_without_a_link_belongs_to_one_that_has_one() {
        let run = ID.parse().expect("an id");
        assert_eq!(Route::Run(run).section(), Route::Runs);
        assert!(Route::NAVIGATION.into_iter().all(|route| route.section() == route));
    }
}
