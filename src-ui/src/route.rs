//! Where in the window one is. The route is the address after `#`, so going back works and nothing is asked
//! of a server.

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// What can be connected.
    #[default]
    Connectors,
    /// What is connected.
    Connections,
    /// Attempts.
    Activity,
    /// Settings.
    Settings,
    /// Design tokens and components, for development; no link leads there.
    Gallery,
}

impl Route {
    /// The pages with a link, in order.
    pub const NAVIGATION: [Route; 4] =
        [Route::Connectors, Route::Connections, Route::Activity, Route::Settings];

    /// The page's name: its link, its heading, its title.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Route::Connectors => "Connectors",
            Route::Connections => "Connections",
            Route::Activity => "Activity",
            Route::Settings => "Settings",
            Route::Gallery => "Gallery",
        }
    }

    /// The address.
    #[must_use]
    pub fn hash(self) -> &'static str {
        match self {
            Route::Connectors => "#/connectors",
            Route::Connections => "#/connections",
            Route::Activity => "#/activity",
            Route::Settings => "#/settings",
            Route::Gallery => "#/gallery",
        }
    }

    /// The page at an address; the first page at an address that is none of ours.
    #[must_use]
    pub fn from_hash(hash: &str) -> Route {
        [Route::Connections, Route::Activity, Route::Settings, Route::Gallery]
            .into_iter()
            .find(|route| route.hash() == hash)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn addresses_lead_back_to_their_pages() {
        for route in Route::NAVIGATION.into_iter().chain([Route::Gallery]) {
            assert_eq!(Route::from_hash(route.hash()), route);
        }
        assert_eq!(Route::from_hash("#/elsewhere"), Route::Connectors);
        assert_eq!(Route::from_hash(""), Route::Connectors);
    }
}
