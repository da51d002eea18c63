//! Reads the few SVG elements that icons consist of, so that they become elements of the page without any
//! text being taken for markup.

use yew::Html;
use yew::virtual_dom::VTag;

/// An icon's source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawing(&'static str);

/// One element: its tag and what its attributes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// `path`, `circle`, …
    pub tag: &'static str,
    attributes: &'static str,
}

/// The drawing in an icon's source text, which is a list of empty elements.
#[must_use]
pub fn drawing(source: &'static str) -> Drawing {
    Drawing(source)
}

impl Drawing {
    /// Its elements.
    pub fn elements(self) -> impl Iterator<Item = Element> {
        self.0.split('<').filter_map(|piece| {
            let piece: &'static str = piece.trim_end();
            // Closing tags and the text between elements hold nothing to draw.
            let inside = piece.strip_suffix("/>").or_else(|| piece.strip_suffix('>'))?;
            let (tag, attributes) = inside.trim_end().split_once(char::is_whitespace)?;
            tag.chars().all(|c| c.is_ascii_lowercase()).then_some(Element { tag, attributes })
        })
    }
}

impl Element {
    /// Its attributes.
    pub fn attributes(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (name, after) = rest.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            rest = after;
            Some((name.trim(), value))
        })
    }

    /// It as an element of the page.
    pub fn to_html(self) -> Html {
        let mut tag = VTag::new(self.tag);
        for (name, value) in self.attributes() {
            tag.add_attribute(name, value);
        }
        tag.into()
    }
}

#[cfg(test)]
mod tests {
    use super::drawing;

    #[test]
    fn elements_and_attributes() {
        let elements: Vec<_> =
            drawing("<path d=\"M3 6h1\" />\n<circle cx=\"1\" cy=\"2\" r=\"3\"/>").elements().collect();
        assert_eq!(elements.len(), 2);
        assert_eq!(elements[0].tag, "path");
        assert_eq!(elements[1].attributes().collect::<Vec<_>>(), [("cx", "1"), ("cy", "2"), ("r", "3")]);
    }

    #[test]
    fn every_interface_icon_draws_something() {
        for (name, icon) in super::super::INTERFACE {
            assert!(drawing(icon().0.data).elements().count() > 0, "{name}");
        }
    }
}
