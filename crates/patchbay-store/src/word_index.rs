//! In which rows of a list a text occurs, as a part of one of their words.
//!
//! Each different word is kept once, with the rows that have it. What many rows share is thus looked through once and
//! not once for each of them, and an answer for 100,000 rows takes hardly longer than one for 1,000.

use std::collections::HashMap;

use fixedbitset::FixedBitSet;
use memchr::memmem::Finder;

/// Rows by their place in the list.
pub(crate) type Rows = FixedBitSet;

/// The words of the rows so far.
#[derive(Default)]
pub(crate) struct Builder {
    words: HashMap<String, Vec<u32>>,
    letters: Vec<Letters>,
}

impl Builder {
    /// Takes the words of the list's next row. A word may be any text that is to be found as a whole.
    pub(crate) fn row<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) {
        let row = u32::try_from(self.letters.len()).unwrap_or(u32::MAX);
        let mut letters = Letters::default();
        for word in words {
            letters.add(word);
            match self.words.get_mut(word) {
                Some(rows) if rows.last() == Some(&row) => {}
                Some(rows) => rows.push(row),
                None => drop(self.words.insert(word.to_owned(), vec![row])),
            }
        }
        self.letters.push(letters);
    }

    pub(crate) fn build(self) -> WordIndex {
        let mut index = WordIndex { letters: self.letters, ..WordIndex::default() };
        for (word, rows) in self.words {
            index.text.push_str(&word);
            index.rows.extend(rows);
            index.words.push(Word { text_end: index.text.len(), rows_end: index.rows.len() });
        }
        index
    }
}

/// The words of a list's rows.
#[derive(Default)]
pub(crate) struct WordIndex {
    /// All words, one after the other.
    text: String,
    /// The rows of all words, one word's after the other's.
    rows: Vec<u32>,
    words: Vec<Word>,
    /// Of each row.
    letters: Vec<Letters>,
}

/// Where a word and its rows end; they begin where those of the word before end.
#[derive(Clone, Copy, Default)]
struct Word {
    text_end: usize,
    rows_end: usize,
}

impl WordIndex {
    /// Every row.
    pub(crate) fn all(&self) -> Rows {
        let mut rows = Rows::with_capacity(self.letters.len());
        rows.insert_range(..);
        rows
    }

    /// The rows in one of whose words this occurs.
    pub(crate) fn having(&self, part: &str) -> Rows {
        let mut found = Rows::with_capacity(self.letters.len());
        if let [letter] = part.as_bytes() {
            // Nearly every word has one or another: the words would be looked through for each.
            let rows = self.letters.iter().enumerate();
            rows.filter(|(_, letters)| letters.has(*letter)).for_each(|(row, _)| found.insert(row));
            return found;
        }
        let finder = Finder::new(part);
        let (mut from, mut number) = (0, 0);
        while let Some(at) = finder.find(&self.text.as_bytes()[from..]).map(|at| from + at) {
            // Few are skipped at a time, and all of them are fewer than a search for each hit would look at.
            while self.words[number].text_end <= at {
                number += 1;
            }
            let word = self.words[number];
            if at + part.len() > word.text_end {
                // It begins in one word and ends in the next.
                from = at + 1;
                continue;
            }
            let rows_begin = number.checked_sub(1).map_or(0, |before| self.words[before].rows_end);
            self.rows[rows_begin..word.rows_end].iter().for_each(|row| found.insert(*row as usize));
            (from, number) = (word.text_end, number + 1);
        }
        found
    }
}

/// Which letters of ASCII occur, a bit for each.
#[derive(Clone, Copy, Default)]
struct Letters(u128);

impl Letters {
    fn add(&mut self, word: &str) {
        word.bytes().filter(u8::is_ascii).for_each(|letter| self.0 |= 1 << letter);
    }

    fn has(self, letter: u8) -> bool {
        self.0 & (1 << letter) != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Builder;

    proptest! {
        /// What is found is what a look through each row finds.
        #[test]
        fn it_finds_what_a_look_through_every_row_finds(
            rows in prop::collection::vec(prop::collection::vec("[abcü \u{1}]{1,4}", 0..4), 0..12),
            part in "[abcü]{1,3}",
        ) {
            let mut builder = Builder::default();
            rows.iter().for_each(|words| builder.row(words.iter().map(String::as_str)));
            let index = builder.build();

            let has_it = |words: &Vec<String>| words.iter().any(|word| word.contains(&part));
            let expected: Vec<usize> = (0..rows.len()).filter(|row| has_it(&rows[*row])).collect();
            prop_assert_eq!(index.having(&part).ones().collect::<Vec<_>>(), expected);
            prop_assert_eq!(index.all().count_ones(..), rows.len());
        }
    }
}
