//! What is wrong with a document, in sentences, at line and column.

mod yaml;

use patchbay_core::catalog::Catalog;
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::problem::{Problem, Severity};

use crate::document::Document;

impl Document {
    /// What is wrong with the text, in the order of its lines.
    #[must_use]
    pub fn problems(&self, catalog: &Catalog) -> Vec<Problem> {
        let mut problems = Problems { document: self, found: Vec::new() };
        yaml::check(&mut problems);
        let _ = catalog;
        let mut found = problems.found;
        found.sort_by_key(|problem| (problem.line, problem.column));
        found
    }
}

/// Problems as they are found.
struct Problems<'a> {
    document: &'a Document,
    found: Vec<Problem>,
}

impl Problems<'_> {
    /// A problem at a byte offset.
    fn at(&mut self, severity: Severity, offset: usize, pointer: Pointer, message: String) {
        let (line, column) = self.document.place(offset);
        self.found.push(Problem { severity, line, column, pointer, message });
    }
}
