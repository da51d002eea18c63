//! The catalogues that Patchbay comes with.

use std::fmt;

use polib::po_file;

use crate::{Language, Text};

/// A catalogue that cannot be read.
#[derive(Debug)]
pub struct CatalogueError(po_file::POParseError);

impl fmt::Display for CatalogueError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the catalogue cannot be read: {}", self.0)
    }
}

impl std::error::Error for CatalogueError {}

/// The texts of a language as they stand in its catalogue, those that are translated.
///
/// # Errors
/// When the catalogue is no gettext file.
pub fn built_in(language: Language) -> Result<Vec<Text>, CatalogueError> {
    let catalogue = match language {
        Language::English => return Ok(Vec::new()),
        Language::German => include_str!("../../../texts/de.po"),
    };
    let catalogue = po_file::parse_from_reader(catalogue.as_bytes()).map_err(CatalogueError)?;
    let texts = catalogue.messages().filter(|message| message.is_translated() && !message.is_fuzzy());
    Ok(texts
        .map(|message| Text {
            english: message.msgid().to_owned(),
            forms: match message.msgstr_plural() {
                Ok(forms) => forms.clone(),
                Err(_) => vec![message.msgstr().unwrap_or_default().to_owned()],
            },
        })
        .collect())
}
