//! What the command palette offers: every page and action, and whatever one's words find among connectors, connections
//! and workflows.

use patchbay_core::id::ProfileId;
use patchbay_ipc::{
    Appearance, ConnectionView, ConnectorView, NetworkView, Overview, ProfileSummary, WorkflowSummary,
};

use super::connect::Target;
use super::find;
use crate::route::Route;
use patchbay_texts::{Language, t};

/// How many connectors, connections and workflows are shown of each.
pub const OF_EACH: usize = 8;

/// What is done when an entry is chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// A page opens.
    Go(Route),
    /// An account of a connector is connected.
    Connect(Target),
    /// An empty workflow is made and opened.
    NewWorkflow,
    /// The server's list is read.
    Sync,
    /// Every connection is tested.
    TestAll,
    /// The theme changes.
    Appear(Appearance),
    /// The language changes.
    Speak(Language),
    /// Another profile becomes the active one.
    Switch(ProfileId),
}

/// Of what sort an entry is, in the word that stands at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A page.
    Page,
    /// Something that is done at once.
    Action,
    /// A workflow.
    Workflow,
    /// A connection.
    Connection,
    /// A connector.
    Connector,
}

impl Sort {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Sort::Page => t!("Page"),
            Sort::Action => t!("Action"),
            Sort::Workflow => t!("Workflow"),
            Sort::Connection => t!("Connection"),
            Sort::Connector => t!("Connector"),
        }
    }
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its name.
    pub title: String,
    /// What else one would want to know before choosing it.
    pub about: String,
    /// Of what sort it is.
    pub sort: Sort,
    /// What choosing it does.
    pub deed: Deed,
    /// The connection it is, for its avatar.
    pub connection: Option<Box<ConnectionView>>,
    words: String,
}

impl Entry {
    fn new(sort: Sort, title: impl Into<String>, about: impl Into<String>, deed: Deed) -> Self {
        let (title, about) = (title.into(), about.into());
        let words = format!("{title} {about}").to_lowercase();
        Self { title, about, sort, deed, connection: None, words }
    }

    fn found_by(mut self, more: &[String]) -> Self {
        for word in more {
            self.words.push(' ');
            self.words.push_str(&word.to_lowercase());
        }
        self
    }
}

/// The pages and actions. Where nothing may touch the network, what would is left out.
#[must_use]
pub fn fixed(overview: &Overview) -> Vec<Entry> {
    let may_call = !matches!(overview.network, NetworkView::Disabled { .. });
    let pages = Route::NAVIGATION
        .into_iter()
        .map(|route| Entry::new(Sort::Page, route.name(), route.about(), Deed::Go(route)));
    let mut actions = vec![Entry::new(
        Sort::Action,
        t!("New workflow"),
        t!("Opens an empty one in the editor"),
        Deed::NewWorkflow,
    )];
    if may_call {
        let about = t!("Reads the list of connections from the server");
        actions.push(Entry::new(Sort::Action, t!("Sync now"), about, Deed::Sync));
        if overview.connections > 0 {
            let about = t!("Asks each account whether it still works");
            actions.push(Entry::new(Sort::Action, t!("Test all connections"), about, Deed::TestAll));
        }
    }
    let themes = [
        (t!("Light appearance"), Appearance::Light),
        (t!("Dark appearance"), Appearance::Dark),
        (t!("Appearance of the system"), Appearance::System),
    ];
    actions.extend(themes.into_iter().filter(|(_, appearance)| *appearance != overview.appearance).map(
        |(title, appearance)| {
            Entry::new(Sort::Action, title, t!("Theme of the window"), Deed::Appear(appearance))
        },
    ));
    let languages = Language::ALL.into_iter().filter(|language| *language != overview.language);
    actions.extend(languages.map(|language| {
        Entry::new(Sort::Action, language.name(), t!("Language of the window"), Deed::Speak(language))
    }));
    let active = overview.profile.as_ref().map(|profile| profile.id);
    let others = overview.profiles.iter().filter(|profile| Some(profile.id) != active);
    actions.extend(others.map(|ProfileSummary { id, name, .. }| {
        let title = t!("Switch to {name}", name);
        Entry::new(Sort::Action, title, t!("Another profile, with connections of its own"), Deed::Switch(*id))
    }));
    pages.chain(actions).collect()
}

/// What a search finds. `connections` and `workflows` are what the engine has found by the same words already.
#[must_use]
pub fn entries(
    search: &str,
    fixed: &[Entry],
    connections: &[ConnectionView],
    workflows: &[WorkflowSummary],
    connectors: &[ConnectorView],
) -> Vec<Entry> {
    let of_fixed = find::found(fixed, search, |entry| &entry.words).into_iter().cloned();
    let of_workflows = workflows.iter().take(OF_EACH).map(|workflow| {
        let about = t!("1 task" | "{count} tasks" % workflow.tasks, count = workflow.tasks);
        Entry::new(Sort::Workflow, &*workflow.name, about, Deed::Go(Route::Workflow(workflow.id)))
    });
    let of_connections = connections.iter().take(OF_EACH).map(|connection| {
        let about = format!("{} · {}", connection.connector_name, connection.health_words);
        let deed = Deed::Go(Route::Connection(connection.instance));
        Entry {
            connection: Some(Box::new(connection.clone())),
            ..Entry::new(Sort::Connection, &*connection.label, about, deed)
        }
    });
    let connecting: Vec<Entry> = connectors
        .iter()
        .map(|connector| {
            let deed = Deed::Connect(Target::connector(connector));
            Entry::new(
                Sort::Connector,
                t!("Connect {name}", name = connector.name),
                &*connector.category,
                deed,
            )
            .found_by(&connector.keywords)
        })
        .collect();
    // Without a word, a hundred connectors are in the way of everything else.
    let of_connectors = if search.trim().is_empty() {
        Vec::new()
    } else {
        find::found(&connecting, search, |entry| &entry.words).into_iter().take(OF_EACH).cloned().collect()
    };
    let all: Vec<Entry> = of_fixed.chain(of_workflows).chain(of_connections).chain(of_connectors).collect();
    let Some(first) = search.split_whitespace().next().map(str::to_lowercase) else { return all };
    let (mut begin, rest): (Vec<Entry>, Vec<Entry>) =
        all.into_iter().partition(|entry| entry.title.to_lowercase().starts_with(&first));
    begin.extend(rest);
    begin
}

#[cfg(test)]
mod tests {
    use patchbay_ipc::Overview;
    use serde_json::json;

    use super::{Deed, Entry, Sort, entries, fixed};

    fn overview(network: serde_json::Value, connections: u32) -> Overview {
        serde_json::from_value(json!({
            "version": "0", "profile": null, "profiles": [], "network": network, "connections": connections,
            "keyring": { "state": "available", "message": "", "hint": "" },
            "deep_link": { "state": "registered", "message": "", "hint": "" },
            "appearance": "dark", "language": "en", "chosen_language": null, "open_attempts": [], "connections_needing_attention": 0,
        }))
        .expect("an overview")
    }

    fn titles(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.title.as_str()).collect()
    }

    #[test]
    fn what_would_need_the_network_is_left_out_where_there_is_none() {
        let online = fixed(&overview(json!("online"), 2));
        assert!(titles(&online).contains(&"Sync now") && titles(&online).contains(&"Test all connections"));
        assert!(!titles(&fixed(&overview(json!("online"), 0))).contains(&"Test all connections"));
        let off = fixed(&overview(json!({ "disabled": { "by_environment": false } }), 2));
        assert!(!titles(&off).contains(&"Sync now"));
        assert!(!titles(&off).contains(&"Dark appearance"), "it is dark already");
    }

    #[test]
    fn what_begins_with_the_words_comes_first() {
        let fixed = fixed(&overview(json!("online"), 2));
        let found = entries("sync", &fixed, &[], &[], &[]);
        assert_eq!(found[0].deed, Deed::Sync);
        let found = entries("workflow", &fixed, &[], &[], &[]);
        assert_eq!(titles(&found), ["Workflows", "New workflow"]);
        assert_eq!(found[0].sort, Sort::Page);
        assert!(entries("no such thing", &fixed, &[], &[], &[]).is_empty());
    }
}
