//! Documents in the dialects of other engines.

mod zigflow;

use patchbay_core::workflow::outline::Pointer;

pub use zigflow::zigflow;

/// Where an exported document is not the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about, in the original.
    pub pointer: Pointer,
    /// What differs, in a sentence.
    pub what: String,
    /// Whether somebody has to do something about it. If not, it was translated, or is good to know.
    pub by_hand: bool,
}
