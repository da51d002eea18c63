//! What Patchbay says to people, in their language.
//!
//! The English texts stand where they are said, as `t!("Connect")`, `t!("Connect {name}", name)` or
//! `t!("1 task" | "{count} tasks" % count, count)`. The catalogue of all of them is `texts/patchbay.pot`, made from the
//! sources by `cargo xtask texts`; a translation is a gettext file beside it. What a translation lacks is said in English.
//!
//! A text is looked up where it is said: nothing that is said in English costs more than a comparison, and whoever
//! says it needs neither to own it nor to pass a language along. The language is the process's: Patchbay has one
//! window and one person before it.
#![forbid(unsafe_code)]

#[cfg(feature = "catalogues")]
mod built_in;
mod fill;
mod language;
mod spoken;

#[cfg(feature = "catalogues")]
pub use built_in::{CatalogueError, built_in};
pub use fill::fill;
pub use language::Language;
pub use spoken::{Text, knows, language, learn, plural, speak, text};

/// A text in the language that is spoken: a `&'static str`, or a `String` where something is filled in.
///
/// What is filled in has a name, and the compiler checks that the English has a place for each and no other.
/// What depends on a count has two forms in English, and as many as the language needs elsewhere.
///
/// ```
/// use patchbay_texts::t;
///
/// let (name, count) = ("GitHub", 3_u32);
/// assert_eq!(t!("Connect"), "Connect");
/// assert_eq!(t!("Connect {name}", name), "Connect GitHub");
/// assert_eq!(t!("Connect {name}", name = name.to_lowercase()), "Connect github");
/// assert_eq!(t!("One task" | "{count} tasks" % count, count), "3 tasks");
/// ```
#[macro_export]
macro_rules! t {
    ($english:literal $(,)?) => {
        $crate::text($english)
    };
    ($one:literal | $many:literal % $count:expr $(,)?) => {
        $crate::plural($one, $many, $count)
    };
    ($english:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {{
        if false {
            let _ = ::core::format_args!($english, $($name = $crate::value!($name $(= $value)?)),+);
        }
        $crate::fill($crate::text($english), &[$((stringify!($name), &$crate::value!($name $(= $value)?))),+])
    }};
    ($one:literal | $many:literal % $count:expr, $($name:ident $(= $value:expr)?),+ $(,)?) => {{
        if false {
            let _ = ::core::format_args!($many, $($name = $crate::value!($name $(= $value)?)),+);
        }
        $crate::fill(
            $crate::plural($one, $many, $count),
            &[$((stringify!($name), &$crate::value!($name $(= $value)?))),+],
        )
    }};
}

/// An English text that is kept as it is, to be looked up with [`text`] where it is said: for tables of constants.
#[macro_export]
macro_rules! mark {
    ($english:literal) => {
        $english
    };
}

/// What stands in a place of [`t!`].
#[doc(hidden)]
#[macro_export]
macro_rules! value {
    ($name:ident) => {
        $name
    };
    ($name:ident = $value:expr) => {
        $value
    };
}
