//! An author who writes valid documents of the profile in all the ways that YAML allows: block and flow style,
//! any indentation, quotes, comments, blank lines, either line end.

use proptest::prelude::*;

/// A document, and the texts in it that can be changed.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) text: String,
    /// Every value is there exactly once: `v0`, `v1`, …
    pub(crate) values: usize,
    /// Every comment too: `# c0.`, `# c1.`, …
    pub(crate) comments: usize,
}

/// Documents of any author.
pub(crate) fn documents() -> impl Strategy<Value = Written> {
    proptest::collection::vec(any::<u8>(), 1..300).prop_map(|choices| {
        let mut author =
            Author { choices, at: 0, text: String::new(), values: 0, comments: 0, step: 2, offset: 0 };
        author.document();
        let is_windows = author.choose(4) == 0;
        let text = if is_windows { author.text.replace('\n', "\r\n") } else { author.text };
        Written { text, values: author.values, comments: author.comments }
    })
}

struct Author {
    choices: Vec<u8>,
    at: usize,
    text: String,
    values: usize,
    comments: usize,
    /// How far members are indented.
    step: usize,
    /// How far lists are.
    offset: usize,
}

impl Author {
    /// A number below `count`; when there is nothing left to choose, 0.
    fn choose(&mut self, count: u8) -> u8 {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        choice % count
    }

    fn is_tired(&self) -> bool {
        self.at >= self.choices.len()
    }

    fn document(&mut self) {
        self.step = [2, 4, 3][usize::from(self.choose(3))];
        self.offset = [0, self.step][usize::from(self.choose(2))];
        self.comment_lines(0);
        if self.choose(3) == 0 {
            self.text.push_str("---\n");
        }
        self.text.push_str("document: { dsl: '1.0.3', namespace: default, name: any, version: '0.1.0' }");
        self.end_line();
        self.text.push_str("do:");
        self.list(0, 2);
        self.comment_lines(0);
    }

    /// Ends a line, perhaps with a comment.
    fn end_line(&mut self) {
        if self.choose(5) == 0 {
            let comment = self.comment();
            self.text.push_str(&format!(" {comment}"));
        }
        self.text.push('\n');
        if self.choose(7) == 0 {
            self.text.push('\n');
        }
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# c{}.", self.comments - 1)
    }

    fn comment_lines(&mut self, column: usize) {
        if self.choose(6) == 0 {
            let comment = self.comment();
            self.text.push_str(&format!("{}{comment}\n", " ".repeat(column)));
        }
    }

    /// A value that is there once, in any quotes.
    fn value(&mut self) -> String {
        self.values += 1;
        let value = format!("v{}.", self.values - 1);
        match self.choose(4) {
            0 => format!("'{value}'"),
            1 => format!("\"{value}\""),
            _ => value,
        }
    }

    /// A list of tasks behind the colon of a key at `column`.
    fn list(&mut self, column: usize, depth: u8) {
        if self.choose(6) == 0 {
            self.text.push_str(" []");
            self.end_line();
            return;
        }
        if self.choose(6) == 0 {
            let (one, other) = (self.value(), self.value());
            let names = self.at;
            self.text.push_str(&format!(
                " [ {{ f{names}: {{ set: {{ a: {one} }} }} }}, {{ g{names}: {{ \"set\": {{\"b\": {other}}}, then: end }} }} ]"
            ));
            self.end_line();
            return;
        }
        self.end_line();
        let column = column + self.offset;
        loop {
            self.comment_lines(column);
            self.task(column, depth);
            if self.is_tired() || self.choose(3) == 0 {
                break;
            }
        }
    }

    fn task(&mut self, column: usize, depth: u8) {
        let indent = " ".repeat(column);
        let name = format!("t{}", self.at);
        let inner = column + 2 + self.step;
        let pad = " ".repeat(inner);
        match self.choose(if depth == 0 { 4 } else { 8 }) {
            0 => {
                let value = self.value();
                self.text.push_str(&format!("{indent}- {name}: {{ set: {{ a: {value}, n: 1 }} }}"));
                self.end_line();
                return;
            }
            1 => {
                self.start(&indent, &name);
                self.text.push_str(&format!("{pad}set:"));
                self.end_line();
                let deeper = " ".repeat(inner + self.step);
                for member in ["a", "\"b c\"", "d"] {
                    let value = self.value();
                    self.text.push_str(&format!("{deeper}{member}: {value}"));
                    self.end_line();
                }
                self.values += 1;
                let literal = self.values - 1;
                self.text
                    .push_str(&format!("{deeper}e: |\n{deeper}  v{literal}.\n\n{deeper}    # no comment\n"));
            }
            2 => {
                self.start(&indent, &name);
                let value = self.value();
                self.text.push_str(&format!("{pad}call: http\n{pad}with: {{ method: get, endpoint: {{ uri: https://example.com/ }}, headers: {{ X: {value} }} }}"));
                self.end_line();
            }
            3 => {
                self.start(&indent, &name);
                let value = self.value();
                let dash = " ".repeat(inner + self.offset);
                self.text.push_str(&format!(
                    "{pad}switch:\n{dash}- many:\n{dash}{}when: .a == \"x\"\n{dash}{}then: end",
                    " ".repeat(4),
                    " ".repeat(4)
                ));
                self.end_line();
                self.text.push_str(&format!("{pad}metadata: {{ note: {value} }}"));
                self.end_line();
            }
            4 => {
                self.start(&indent, &name);
                self.text.push_str(&format!("{pad}do:"));
                self.list(inner, depth - 1);
            }
            5 => {
                self.start(&indent, &name);
                let deeper = " ".repeat(inner + self.step);
                self.text
                    .push_str(&format!("{pad}for:\n{deeper}each: item\n{deeper}in: ${{ .items }}\n{pad}do:"));
                self.list(inner, depth - 1);
            }
            6 => {
                self.start(&indent, &name);
                self.text.push_str(&format!("{pad}try:"));
                self.list(inner, depth - 1);
                self.text.push_str(&format!("{pad}catch:\n{}do:", " ".repeat(inner + self.step)));
                self.list(inner + self.step, depth - 1);
            }
            _ => {
                self.start(&indent, &name);
                self.text.push_str(&format!("{pad}fork:\n{}branches:", " ".repeat(inner + self.step)));
                self.list(inner + self.step, depth - 1);
            }
        }
        if self.choose(3) == 0 {
            let value = self.value();
            self.text.push_str(&format!("{pad}output: {{ as: {{ x: {value} }} }}"));
            self.end_line();
        }
        if self.choose(4) == 0 {
            let comment = self.comment();
            self.text.push_str(&format!("{}{comment}\n", " ".repeat(column + 2)));
        }
    }

    fn start(&mut self, indent: &str, name: &str) {
        self.text.push_str(&format!("{indent}- {name}:"));
        self.end_line();
    }
}
