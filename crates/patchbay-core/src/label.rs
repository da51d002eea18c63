//! Labels: the names people give their connections.

/// Longest label, in characters.
pub const LONGEST_LABEL: usize = 80;

/// Why a text cannot be a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing but white space.
    #[error("the label is empty")]
    Empty,
    /// More than [`LONGEST_LABEL`] characters.
    #[error("the label has more than {LONGEST_LABEL} characters")]
    TooLong,
    /// A line break or another control character.
    #[error("the label holds a control character")]
    ControlCharacter,
    /// Another connection of the same connector has it.
    #[error("another connection of this connector has this label")]
    Taken,
}

/// The label as it is stored: outer white space removed.
///
/// # Errors
/// When the text cannot be a label. Whether it is taken is for the caller to find out.
pub fn clean_label(text: &str) -> Result<String, LabelError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(LabelError::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(LabelError::ControlCharacter);
    }
    if text.chars().count() > LONGEST_LABEL {
        return Err(LabelError::TooLong);
    }
    Ok(text.to_owned())
}

/// The label offered for a new connection: the connector's name, then `<name> 2`, `<name> 3`, …
#[must_use]
pub fn default_label<'a>(connector_name: &str, taken: impl IntoIterator<Item = &'a str>) -> String {
    let taken: Vec<String> = taken.into_iter().map(str::to_lowercase).collect();
    let is_free = |label: &String| !taken.contains(&label.to_lowercase());
    std::iter::once(connector_name.to_owned())
        .chain((2..).map(|number| format!("{connector_name} {number}")))
        .find(is_free)
        .unwrap_or_else(|| connector_name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{LabelError, clean_label, default_label};

    #[test]
    fn default_labels_count_up_and_fill_gaps() {
        assert_eq!(default_label("GitHub", []), "GitHub");
        assert_eq!(default_label("GitHub", ["GitHub"]), "GitHub 2");
        assert_eq!(default_label("GitHub", ["github", "GitHub 2"]), "GitHub 3");
        assert_eq!(default_label("GitHub", ["GitHub", "GitHub 3"]), "GitHub 2");
        assert_eq!(default_label("GitHub", ["work"]), "GitHub");
    }

    #[test]
    fn labels_are_cleaned_or_refused() {
        assert_eq!(clean_label("  work mail "), Ok("work mail".to_owned()));
        assert_eq!(clean_label(" \t "), Err(LabelError::Empty));
        assert_eq!(clean_label("a\nb"), Err(LabelError::ControlCharacter));
        assert_eq!(clean_label(&"x".repeat(81)), Err(LabelError::TooLong));
        assert!(clean_label(&"é".repeat(80)).is_ok(), "characters are counted, not bytes");
    }
}
