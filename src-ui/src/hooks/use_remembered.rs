//! What a page looked like when it was left, also before the last start: how a list was narrowed. What the engine knows is
//! never kept here.

use serde::Serialize;
use serde::de::DeserializeOwned;
use yew::prelude::*;

use crate::dom;
use crate::shell::use_shell;

/// A state of the active profile's that outlives the page and the window, under a name of its own.
pub struct Remembered<T> {
    /// The state.
    pub value: T,
    /// Makes it another one.
    pub set: Callback<T>,
}

/// The state of that name; the default where none is kept, or what is kept cannot be read any more.
#[hook]
pub fn use_remembered<T>(name: &'static str) -> Remembered<T>
where
    T: Clone + PartialEq + Default + Serialize + DeserializeOwned + 'static,
{
    let shell = use_shell();
    let profile = shell.overview.profile.as_ref().map(|profile| profile.id.to_string()).unwrap_or_default();
    let key = format!("{profile}/{name}");
    let state = use_state_eq(|| {
        dom::remembered(&key).and_then(|kept| serde_json::from_str::<T>(&kept).ok()).unwrap_or_default()
    });
    let set = {
        let state = state.clone();
        Callback::from(move |value: T| {
            // Only a map with keys that are no texts could not be written.
            if let Ok(kept) = serde_json::to_string(&value) {
                dom::remember(&key, &kept);
            }
            state.set(value);
        })
    };
    Remembered { value: (*state).clone(), set }
}
