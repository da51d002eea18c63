//! The picture every connection carries: two letters of its label, and a colour and a shape of its own.

use serde::{Deserialize, Serialize};

use crate::id::InstanceId;

/// How many hues the palette holds; the stylesheet has one pair of colours (light, dark) for each.
pub const HUES: u8 = 12;

/// The outline of an avatar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A circle.
    Circle,
    /// A square with rounded corners.
    Squircle,
    /// A hexagon.
    Hexagon,
    /// A square standing on its corner.
    Diamond,
}

/// What an avatar shows. Colour and shape depend on the id alone, so they survive a rename.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Avatar {
    /// One or two upper-case letters.
    pub letters: String,
    /// Index into the palette, below [`HUES`].
    pub hue: u8,
    /// The outline.
    pub shape: Shape,
}

impl Avatar {
    /// The avatar of a connection.
    #[must_use]
    pub fn of(instance: InstanceId, label: &str) -> Avatar {
        let bytes = instance.as_uuid().into_bytes();
        let shape = match bytes[14] % 4 {
            0 => Shape::Circle,
            1 => Shape::Squircle,
            2 => Shape::Hexagon,
            _ => Shape::Diamond,
        };
        Avatar { letters: letters(label), hue: bytes[15] % HUES, shape }
    }
}

/// The first letters of the first and the last word, or the first two of a single one.
fn letters(label: &str) -> String {
    let words: Vec<&str> =
        label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let picked: String = match words.as_slice() {
        [] => return "?".to_owned(),
        [only] => only.chars().take(2).collect(),
        [first, .., last] => first.chars().take(1).chain(last.chars().take(1)).collect(),
    };
    picked.to_uppercase().chars().take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::{Avatar, letters};
    use uuid::Uuid;

    #[test]
    fn letters_of_labels() {
        for (label, expected) in [
            ("GitHub", "GI"),
            ("GitHub 2", "G2"),
            ("work mail", "WM"),
            ("a b c", "AC"),
            ("  ", "?"),
            ("Ölberg", "ÖL"),
            ("ß", "SS"),
            ("😀 mail", "MA"),
        ] {
            assert_eq!(letters(label), expected, "{label:?}");
        }
    }

    #[test]
    fn a_rename_keeps_colour_and_shape() {
        let instance = Uuid::from_u128(0x1234_5678).into();
        let before = Avatar::of(instance, "work");
        let after = Avatar::of(instance, "private");
        assert_eq!((before.hue, before.shape), (after.hue, after.shape));
    }
}
