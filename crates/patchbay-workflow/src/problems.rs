//! What is wrong with a document, in sentences, at line and column.

mod connectors;
mod expressions;
mod profile;
mod schema;
mod yaml;

use std::collections::HashMap;

use patchbay_core::catalog::Catalog;
use patchbay_core::workflow::outline::Pointer;
use patchbay_core::workflow::problem::{Problem, Severity};

use crate::document::Document;
use crate::jq;
use crate::yaml::Kind;

/// How many problems are looked for in each way; whoever has more begins with the first ones.
const MOST: usize = 500;

impl Document {
    /// What is wrong with the text, in the order of its lines.
    #[must_use]
    pub fn problems(&self, catalog: &Catalog) -> Vec<Problem> {
        let mut problems = Problems::of(self);
        yaml::check(&mut problems);
        schema::check(&mut problems);
        let mut found = problems.found;
        let of_profile = jq::with_stack(|| {
            let mut problems = Problems::of(self);
            profile::check(&mut problems, catalog);
            problems.found
        });
        found.extend(of_profile.unwrap_or_default());
        found.sort_by_key(|problem| (problem.line, problem.column));
        found
    }
}

/// Problems as they are found.
struct Problems<'a> {
    document: &'a Document,
    found: Vec<Problem>,
    /// Expressions that were looked at, with the variables they may use besides those that all have: many tasks of a
    /// document have the same ones.
    expressions: HashMap<(String, Vec<String>), Vec<jq::Trouble>>,
}

impl<'a> Problems<'a> {
    fn of(document: &'a Document) -> Self {
        Self { document, found: Vec::new(), expressions: HashMap::new() }
    }

    /// What is wrong with an expression.
    fn of_expression(&mut self, jq: &str, variables: &[String]) -> Vec<jq::Trouble> {
        let key = (jq.to_owned(), variables.to_vec());
        self.expressions.entry(key).or_insert_with(|| jq::check(jq, variables)).clone()
    }

    /// A problem at a byte offset.
    fn at(&mut self, severity: Severity, offset: usize, pointer: Pointer, message: String) {
        if self.is_full() {
            return;
        }
        let (line, column) = self.document.place(offset);
        self.found.push(Problem { severity, line, column, pointer, message });
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MOST
    }

    /// A problem of what a pointer leads to, or would lead to. A member's place is its name, unless it is one
    /// text or number.
    fn about(&mut self, severity: Severity, pointer: &Pointer, message: String) {
        if self.is_full() {
            return;
        }
        let offset = self.document.reading().map_or(0, |reading| {
            let segments = pointer.segments();
            let mut steps = segments.iter().map(String::as_str).collect::<Vec<_>>();
            loop {
                if let Some(found) = reading.tree.find(steps.iter().copied()) {
                    let is_scalar = matches!(reading.tree.node(found.node).kind, Kind::Scalar { .. });
                    let whole = steps.len() == segments.len();
                    let at_value = is_scalar && whole && !reading.tree.is_blank(found.node);
                    let value = reading.tree.node(found.node).span.start;
                    return if at_value { value } else { reading.tree.beginning(found) };
                }
                if steps.pop().is_none() {
                    return 0;
                }
            }
        });
        self.at(severity, offset, pointer.clone(), message);
    }
}
