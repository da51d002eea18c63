//! How well a connector answers a query: folding of texts, and the rank of a match.

use crate::connector::ConnectorManifest;

/// How well a connector matches: the smaller, the better. First whether the whole query begins the name, then
/// how well each word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    name: NameMatch,
    words: u32,
}

/// How the whole query relates to the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameMatch {
    Whole,
    Beginning,
    Otherwise,
}

/// How one word of the query matches, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum WordMatch {
    NameBegins,
    NameWordBegins,
    NameContains,
    KeywordBegins,
    ElsewhereBegins,
}

/// What search reads of a connector, folded.
#[derive(Debug, Clone)]
pub(super) struct Searched {
    name: String,
    keywords: Vec<String>,
    elsewhere: Vec<String>,
}

impl Searched {
    pub(super) fn of(manifest: &ConnectorManifest) -> Self {
        let elsewhere = [manifest.category.title(), manifest.provider.as_str(), manifest.slug.as_str()];
        Self {
            name: words(&manifest.name).join(" "),
            keywords: manifest.keywords.iter().flat_map(|keyword| words(keyword)).collect(),
            elsewhere: elsewhere.into_iter().flat_map(words).collect(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn matching(&self, word: &str) -> Option<WordMatch> {
        let begins = |each: &str| each.starts_with(word);
        let any_begins = |words: &[String]| words.iter().any(|each| begins(each));
        if begins(&self.name) {
            Some(WordMatch::NameBegins)
        } else if self.name.split(' ').any(begins) {
            Some(WordMatch::NameWordBegins)
        } else if self.name.contains(word) {
            Some(WordMatch::NameContains)
        } else if any_begins(&self.keywords) {
            Some(WordMatch::KeywordBegins)
        } else if any_begins(&self.elsewhere) {
            Some(WordMatch::ElsewhereBegins)
        } else {
            None
        }
    }
}

/// What a person typed, folded.
pub(super) struct Query {
    words: Vec<String>,
    whole: String,
}

impl Query {
    pub(super) fn new(text: &str) -> Self {
        let words = words(text);
        Self { whole: words.join(" "), words }
    }

    /// How well `searched` answers the query; `None` if a word of it occurs nowhere, or if it has no word.
    pub(super) fn rank(&self, searched: &Searched) -> Option<Rank> {
        if self.words.is_empty() {
            return None;
        }
        let mut words = 0;
        for word in &self.words {
            words += searched.matching(word)? as u32;
        }
        let name = if searched.name == self.whole {
            NameMatch::Whole
        } else if searched.name.starts_with(&self.whole) {
            NameMatch::Beginning
        } else {
            NameMatch::Otherwise
        };
        Some(Rank { name, words })
    }
}

/// The runs of letters and digits in a text, in lower case and without diacritics.
fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    text.chars().flat_map(char::to_lowercase).for_each(|letter| push_folded(letter, &mut folded));
    folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Appends a lower-case letter without its diacritic. Covers the Latin letters of European languages, composed
/// or followed by combining marks; any other letter stays as it is.
fn push_folded(letter: char, folded: &mut String) {
    let plain = match letter {
        '\u{300}'..='\u{36f}' => return,
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ð' | 'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ß' => return folded.push_str("ss"),
        'æ' => return folded.push_str("ae"),
        'œ' => return folded.push_str("oe"),
        other => other,
    };
    folded.push(plain);
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::catalog::tests::catalog;

    #[rstest::rstest]
    #[case::name_first("drive", &["drive", "google-drive", "onedrive"])]
    #[case::as_one_types("goog", &["google-calendar", "google-drive", "gmail"])]
    #[case::across_words("google d", &["google-drive", "google-calendar"])]
    #[case::any_order("drive google", &["google-drive"])]
    #[case::case("GMAIL", &["gmail"])]
    #[case::diacritics("Gmàil", &["gmail"])]
    #[case::combining_mark("gma\u{300}il", &["gmail"])]
    #[case::within_the_name("mail", &["gmail"])]
    #[case::keyword("imag", &["imgur"])]
    #[case::keyword_then_name_order("files", &["google-drive", "onedrive"])]
    #[case::category("scheduling", &["google-calendar"])]
    #[case::category_as_shown("Payments", &["stripe"])]
    #[case::provider("google-mail", &["gmail"])]
    #[case::slug("monday-com", &["monday-com"])]
    #[case::punctuation("Monday.com", &["monday-com"])]
    #[case::every_word_counts("gmail files", &[])]
    #[case::nothing("zzz", &[])]
    #[case::no_word("!?", &[])]
    fn search_finds(#[case] query: &str, #[case] expected: &[&str]) {
        let catalog = catalog();
        let found: Vec<_> = catalog.search(query).iter().map(|manifest| manifest.slug.as_str()).collect();
        assert_eq!(found, expected, "for {query:?}");
    }

    #[test]
    fn folding_keeps_letters_it_does_not_know() {
        assert_eq!(words("Ærøskøbing, Łódź & STRASSE/straße"), ["aeroskobing", "lodz", "strasse", "strasse"]);
        assert_eq!(words("カレンダー 2"), ["カレンダー", "2"]);
        assert!(words(" … ").is_empty());
    }
}
