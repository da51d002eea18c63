//! Finding what has all of some words.

/// The items in whose words all of a search occur, those that begin with its first word before the others. `words_of` is
/// an item's words in lower case.
#[must_use]
pub fn found<'a, T>(items: &'a [T], search: &str, words_of: impl Fn(&T) -> &str) -> Vec<&'a T> {
    let search = search.to_lowercase();
    let words: Vec<&str> = search.split_whitespace().collect();
    let all = items.iter().filter(|item| words.iter().all(|word| words_of(item).contains(word)));
    let Some(first) = words.first() else { return all.collect() };
    let (mut begin, rest): (Vec<&T>, Vec<&T>) = all.partition(|item| words_of(item).starts_with(first));
    begin.extend(rest);
    begin
}
