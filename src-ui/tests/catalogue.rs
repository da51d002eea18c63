//! What the window has to keep in step with: the connectors' icons, and the stylesheet's two dark themes.

use std::path::Path;

use patchbay_ui::icons::{brand, drawing};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_icon_of_a_manifest_is_there_and_draws_something() {
    let folder = root().join("../connectors");
    let mut manifests = 0;
    for entry in std::fs::read_dir(&folder).expect("connectors/ is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        manifests += 1;
        let text = std::fs::read_to_string(&path).expect("readable");
        let manifest: toml::Table = text.parse().expect("TOML");
        let Some(name) = manifest.get("icon").and_then(|icon| icon.as_str()) else { continue };
        let icon = brand(name).unwrap_or_else(|| panic!("{}: no arm for {name}", path.display()));
        assert!(drawing(icon.0.data).elements().any(|element| element.tag == "path"), "{name} draws nothing");
    }
    assert!(manifests > 0, "no manifest in {}", folder.display());
}

#[test]
fn both_dark_themes_say_the_same() {
    let css = std::fs::read_to_string(root().join("styles/tokens.css")).expect("readable");
    let block = |start: &str| -> Vec<String> {
        let after = &css[css.find(start).expect("the theme is there") + start.len()..];
        after[..after.find('}').expect("closed")].split(';').map(|line| line.trim().to_owned()).collect()
    };
    assert_eq!(block(":root:not([data-theme=\"light\"]) {"), block(":root[data-theme=\"dark\"] {"));
}
