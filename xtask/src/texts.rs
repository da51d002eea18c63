//! `cargo xtask texts`: gathers what the sources say into the catalogue, and brings the translations up to it.

use std::collections::HashMap;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use anyhow::{Context, Result, anyhow, ensure};
use patchbay_texts::Language;
use polib::catalog::Catalog;
use polib::message::{Message, MessageView};
use polib::metadata::CatalogMetadata;
use polib::po_file;
use proc_macro2::{Group, TokenStream, TokenTree};

use crate::project::Project;
use crate::step::say;

/// Where the catalogue and its translations are, below the project's root.
const FOLDER: &str = "texts";

/// A text of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The English; where a count decides, the form for one.
    pub english: String,
    /// Where a count decides, the form for every other count.
    pub many: Option<String>,
    /// The files in which it stands, below the project's root.
    pub files: Vec<String>,
}

/// Writes the catalogue anew and brings each translation up to it: what is new waits for its translator, what is said
/// no more goes.
///
/// # Errors
/// A source or a catalogue cannot be read, or not be written.
pub fn run(project: &Project) -> Result<()> {
    let said = gather(project.root())?;
    let folder = project.root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    write(&folder.join("patchbay.pot"), &template(&said)?)?;
    for language in translations() {
        let path = catalogue(project.root(), language);
        let known = po_file::parse(&path).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        let brought = brought_up(&said, language, &known)?;
        let waiting = brought.messages().filter(|message| !message.is_translated()).count();
        write(&path, &brought)?;
        say(format_args!("{}: {} texts, {waiting} to be translated", language.name(), said.len()));
    }
    Ok(())
}

/// The languages that have a catalogue of their own.
pub fn translations() -> impl Iterator<Item = Language> {
    Language::ALL.into_iter().filter(|language| *language != Language::English)
}

/// The catalogue of a language.
#[must_use]
pub fn catalogue(root: &Path, language: Language) -> PathBuf {
    root.join(FOLDER).join(format!("{}.po", language.code()))
}

/// Every text that stands as `t!` or `mark!` in the application's sources, in the order of the files.
///
/// # Errors
/// A source cannot be read, or is no Rust.
pub fn gather(root: &Path) -> Result<Vec<Said>> {
    let mut files = Vec::new();
    for folder in ["crates", "src-tauri", "src-ui"] {
        sources(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut said: Vec<Said> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for file in files {
        let code = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let tokens = TokenStream::from_str(&code).map_err(|error| anyhow!("{}: {error}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        each_text(tokens, &mut |english, many| {
            let place = *places.entry(english.clone()).or_insert_with(|| {
                said.push(Said { english, many: None, files: Vec::new() });
                said.len() - 1
            });
            let text = &mut said[place];
            if text.files.last() != Some(&name) {
                text.files.push(name.clone());
            }
            ensure!(
                text.many.is_none() || many.is_none() || text.many == many,
                "{name}: “{}” has two forms for other counts",
                text.english
            );
            text.many = text.many.take().or(many);
            Ok(())
        })?;
    }
    Ok(said)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// What stands in `t!(…)` and `mark!(…)`, also inside other macros.
fn each_text(
    tokens: TokenStream,
    found: &mut impl FnMut(String, Option<String>) -> Result<()>,
) -> Result<()> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let called = index.checked_sub(2).map(|before| (&tokens[before], &tokens[before + 1]));
        if let Some((TokenTree::Ident(name), TokenTree::Punct(mark))) = called
            && (name == "t" || name == "mark")
            && mark.as_char() == '!'
        {
            let mut literals = literals(group)?.into_iter();
            if let Some(english) = literals.next() {
                found(english, literals.next())?;
            }
        }
        each_text(group.stream(), found)?;
    }
    Ok(())
}

/// The one or two texts that a macro begins with.
fn literals(group: &Group) -> Result<Vec<String>> {
    let mut tokens = group.stream().into_iter();
    let mut texts = Vec::new();
    while let Some(TokenTree::Literal(literal)) = tokens.next() {
        let text = syn::parse_str::<syn::LitStr>(&literal.to_string())
            .with_context(|| format!("{literal} is no text"))?;
        texts.push(text.value());
        match tokens.next() {
            Some(TokenTree::Punct(mark)) if mark.as_char() == '|' => {}
            _ => break,
        }
    }
    Ok(texts)
}

fn header(language: Option<Language>) -> Result<CatalogMetadata> {
    let code = language.map_or("", Language::code);
    let forms = language.unwrap_or_default().plural_forms();
    let header = format!(
        "Project-Id-Version: patchbay\nLanguage: {code}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n\
         Content-Transfer-Encoding: 8bit\nPlural-Forms: {forms}\n"
    );
    Ok(CatalogMetadata::parse(&header)?)
}

/// The catalogue as translators are given it.
fn template(said: &[Said]) -> Result<Catalog> {
    let mut catalogue = Catalog::new(header(None)?);
    for text in said {
        catalogue.append_or_update(message(text, None));
    }
    Ok(catalogue)
}

fn brought_up(said: &[Said], language: Language, known: &Catalog) -> Result<Catalog> {
    let mut catalogue = Catalog::new(header(Some(language))?);
    for text in said {
        let known = known.find_message(None, &text.english, text.many.as_deref());
        catalogue.append_or_update(message(text, known));
    }
    Ok(catalogue)
}

fn message(text: &Said, known: Option<&dyn MessageView>) -> Message {
    let mut builder = match &text.many {
        Some(many) => {
            let mut builder = Message::build_plural();
            let forms = known.and_then(|known| known.msgstr_plural().ok().cloned());
            builder.with_msgid_plural(many.clone());
            builder.with_msgstr_plural(forms.unwrap_or_else(|| vec![String::new(); 2]));
            builder
        }
        None => {
            let mut builder = Message::build_singular();
            builder.with_msgstr(known.and_then(|known| known.msgstr().ok()).unwrap_or_default().to_owned());
            builder
        }
    };
    if let Some(known) = known {
        builder.with_translator_comments(known.translator_comments().to_owned());
        builder.with_flags(known.flags().clone());
    }
    builder.with_msgid(text.english.clone()).with_source(text.files.join(" ")).done()
}

fn write(path: &Path, catalogue: &Catalog) -> Result<()> {
    let mut text = BufWriter::new(Vec::new());
    po_file::write(catalogue, &mut text)?;
    fs::write(path, text.into_inner()?).with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};
    use std::path::Path;

    use patchbay_texts::built_in;

    use super::{Said, brought_up, catalogue, gather, template, translations};

    fn said() -> Vec<Said> {
        gather(root()).expect("the sources are read")
    }

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's root")
    }

    fn written(catalogue: &polib::catalog::Catalog) -> String {
        let mut text = std::io::BufWriter::new(Vec::new());
        polib::po_file::write(catalogue, &mut text).expect("memory takes it");
        String::from_utf8(text.into_inner().expect("memory takes it")).expect("text")
    }

    /// The places of a text, such as `{name}`.
    fn places(text: &str) -> BTreeSet<&str> {
        let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
        parts
            .map(|(name, _)| name)
            .filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty())
            .collect()
    }

    #[test]
    fn the_catalogue_is_that_of_the_sources() {
        let said = said();
        assert!(said.len() > 1_000, "{} texts are found", said.len());
        let kept = std::fs::read_to_string(root().join("texts/patchbay.pot")).expect("the catalogue");
        assert!(kept == written(&template(&said).expect("a catalogue")), "run `cargo xtask texts`");
        for language in translations() {
            let path = catalogue(root(), language);
            let known = polib::po_file::parse(&path).expect("a catalogue");
            let brought = written(&brought_up(&said, language, &known).expect("a catalogue"));
            let kept = std::fs::read_to_string(&path).expect("a catalogue");
            assert!(kept == brought, "run `cargo xtask texts` for {}", language.name());
        }
    }

    #[test]
    fn a_translation_has_every_text_and_every_place_in_it() {
        let said = said();
        for language in translations() {
            let known: HashMap<String, Vec<String>> = built_in(language)
                .expect("a catalogue")
                .into_iter()
                .map(|text| (text.english, text.forms))
                .collect();
            for Said { english, many, .. } in &said {
                let forms = known.get(english).unwrap_or_else(|| panic!("{language:?} lacks “{english}”"));
                assert_eq!(forms.len(), if many.is_some() { 2 } else { 1 }, "{english}");
                for (index, form) in forms.iter().enumerate() {
                    let wanted = places(if index == 0 { english } else { many.as_ref().unwrap_or(english) });
                    let known: BTreeSet<_> =
                        many.iter().flat_map(|many| places(many)).chain(places(english)).collect();
                    let found = places(form);
                    assert!(found.is_superset(&wanted) && found.is_subset(&known), "{form}: of “{english}”");
                    assert_eq!(
                        (english.starts_with(' '), english.ends_with(' '), english.ends_with('\n')),
                        (form.starts_with(' '), form.ends_with(' '), form.ends_with('\n')),
                        "the spaces around “{form}”"
                    );
                }
            }
        }
    }

    #[test]
    fn two_forms_differ_and_the_one_has_no_place_of_its_own() {
        for Said { english, many, .. } in said() {
            let Some(many) = many else { continue };
            assert_ne!(english, many);
            // The compiler has held the other one to the values that are given.
            assert!(places(&english).is_subset(&places(&many)), "{english}");
        }
    }
}
