//! A link that claims to be a callback, as the system delivers it and as a person pastes it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use patchbay_core::callback::{Callback, LONGEST_LINK};
use secrecy::ExposeSecret;
use url::Url;

fuzz_target!(|link: &str| {
    let bridge = Url::parse("https://connect.example.com/patchbay").expect("a URL");
    let read = [Callback::parse(link), Callback::parse_pasted(link, Some(&bridge))];
    for callback in read.into_iter().flatten() {
        assert!(link.len() <= LONGEST_LINK);
        let query = callback.query.expose_secret();
        let states =
            url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state").count();
        assert_eq!(states, 1, "one dance is meant");
        let shown = format!("{callback:?}");
        assert!(!shown.contains(callback.state.expose_secret()), "the state is a secret");
    }
});
