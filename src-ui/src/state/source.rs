//! The text in *Source* beside the document the engine has: nothing that was typed is lost, whatever happens to the
//! document meanwhile.

use std::rc::Rc;

use yew::{AttrValue, Reducible};

/// The text as it is typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Source {
    /// What stands in the text box.
    pub text: AttrValue,
    /// What the engine has, as far as it told.
    known: AttrValue,
    /// What is on its way to the engine.
    sent: Option<AttrValue>,
    /// The engine did not take it; it is not sent again by itself.
    is_refused: bool,
    /// What the document has become elsewhere while something else was being typed here.
    pub other: Option<AttrValue>,
}

/// What happens to the text.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceAction {
    /// It was typed.
    Typed(AttrValue),
    /// It is on its way to the engine.
    Sent(AttrValue),
    /// The engine did not take it.
    Refused,
    /// The engine has this.
    Arrived(AttrValue),
    /// What was typed here goes over what was changed elsewhere.
    KeepMine,
    /// What was changed elsewhere stays, and what was typed here goes.
    TakeOther,
}

impl Source {
    /// Whether something was typed that the engine does not have.
    #[must_use]
    pub fn is_ahead(&self) -> bool {
        self.text != self.known
    }

    /// What has to be sent, if something has to.
    #[must_use]
    pub fn to_send(&self) -> Option<AttrValue> {
        let waits = self.sent.is_none() && self.other.is_none() && !self.is_refused && self.is_ahead();
        waits.then(|| self.text.clone())
    }

    /// What would be lost if it were put away now: what the engine neither has nor is being sent.
    #[must_use]
    pub fn unsent(&self) -> Option<AttrValue> {
        let is_under_way = self.sent.as_ref() == Some(&self.text);
        (self.is_ahead() && self.other.is_none() && !is_under_way).then(|| self.text.clone())
    }
}

impl Reducible for Source {
    type Action = SourceAction;

    fn reduce(self: Rc<Self>, action: SourceAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            SourceAction::Typed(text) => {
                next.text = text;
                next.is_refused = false;
            }
            SourceAction::Sent(text) => {
                next.sent = Some(text);
                next.is_refused = false;
            }
            SourceAction::Refused => {
                next.sent = None;
                next.is_refused = true;
            }
            SourceAction::Arrived(text) => {
                next.is_refused = false;
                let is_ours = next.sent.as_ref() == Some(&text);
                if is_ours {
                    next.sent = None;
                }
                if !self.is_ahead() || next.text == text {
                    next.text = text.clone();
                    next.known = text;
                    next.other = None;
                } else if is_ours || text == next.known {
                    next.known = text;
                } else {
                    next.other = Some(text);
                }
            }
            SourceAction::KeepMine => {
                if let Some(other) = next.other.take() {
                    next.known = other;
                    next.sent = None;
                }
            }
            SourceAction::TakeOther => {
                if let Some(other) = next.other.take() {
                    next.text = other.clone();
                    next.known = other;
                    next.sent = None;
                }
            }
        }
        Rc::new(next)
    }
}

/// Where a line begins in a text, in UTF-16 units as the page counts them; the first line is 1.
#[must_use]
pub fn line_start(text: &str, line: u32) -> u32 {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1) as usize);
    before.map(|line| u32::try_from(line.encode_utf16().count()).unwrap_or(u32::MAX)).sum()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use yew::Reducible;

    use super::{Source, SourceAction, line_start};

    fn doing(actions: &[SourceAction]) -> Rc<Source> {
        let start = Rc::new(Source::default());
        actions.iter().fold(start, |source, action| source.reduce(action.clone()))
    }

    fn arrived(text: &'static str) -> SourceAction {
        SourceAction::Arrived(text.into())
    }

    fn typed(text: &'static str) -> SourceAction {
        SourceAction::Typed(text.into())
    }

    fn sent(text: &'static str) -> SourceAction {
        SourceAction::Sent(text.into())
    }

    #[test]
    fn it_follows_the_document_while_nothing_is_typed() {
        let source = doing(&[arrived("a"), arrived("b")]);
        assert_eq!((source.text.as_str(), source.is_ahead(), source.to_send()), ("b", false, None));
    }

    #[test]
    fn what_is_typed_while_an_answer_is_on_its_way_stays() {
        let source = doing(&[arrived("a"), typed("ab"), sent("ab"), typed("abc")]);
        assert_eq!(source.to_send(), None, "one at a time");
        assert_eq!(source.unsent().as_deref(), Some("abc"), "unless it is the last chance");
        let source = source.reduce(arrived("ab"));
        assert_eq!((source.text.as_str(), source.to_send().as_deref()), ("abc", Some("abc")));
        let source = doing(&[arrived("a"), typed("ab"), sent("ab"), arrived("ab")]);
        assert!(!source.is_ahead());
        assert_eq!(source.unsent(), None);
    }

    #[test]
    fn a_change_elsewhere_takes_nothing_away() {
        let source = doing(&[arrived("a"), typed("mine"), arrived("theirs")]);
        assert_eq!((source.text.as_str(), source.other.as_deref()), ("mine", Some("theirs")));
        assert_eq!(source.to_send(), None, "not before somebody has decided");
        let mine = source.clone().reduce(SourceAction::KeepMine);
        assert_eq!(mine.to_send().as_deref(), Some("mine"));
        let theirs = source.reduce(SourceAction::TakeOther);
        assert_eq!((theirs.text.as_str(), theirs.is_ahead()), ("theirs", false));
    }

    #[test]
    fn a_refused_text_stays_and_can_be_sent_again() {
        let source = doing(&[arrived("a"), typed("b"), sent("b"), SourceAction::Refused]);
        assert_eq!((source.text.as_str(), source.to_send()), ("b", None), "not again and again");
        assert_eq!(source.clone().reduce(typed("bc")).to_send().as_deref(), Some("bc"));
        let told_again = source.reduce(arrived("a"));
        assert_eq!((told_again.text.as_str(), told_again.to_send().as_deref()), ("b", Some("b")));
        assert_eq!(told_again.other, None);
    }

    #[test]
    fn lines_begin_where_the_page_counts_them() {
        let text = "a\n😀b\r\nc";
        assert_eq!([1, 2, 3, 9].map(|line| line_start(text, line)), [0, 2, 7, 8]);
    }
}
