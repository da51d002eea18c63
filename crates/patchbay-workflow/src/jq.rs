//! jq expressions looked at without being run: whether they parse, and whether the variables and functions they
//! name exist. Bounded, and done on a stack that is large enough for the bounds, because the parser calls itself
//! once for each level an expression is nested.

use patchbay_texts::t;
use std::collections::HashSet;
use std::sync::LazyLock;

use jaq_core::data::JustLut;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::load::{Lexer, Parser};
use jaq_core::path::{Part, Path};

/// Longest expression, in bytes.
const LONGEST: usize = 16 * 1024;

/// How many words and brackets may open something that an expression ends later.
const MOST_OPEN: usize = 1_000;

/// How many signs may stand between parts of an expression.
const MOST_SIGNS: usize = 4_000;

/// Stack that is enough for all that, also where nothing is optimized. It is only reserved, not used up.
const STACK: usize = 128 * 1024 * 1024;

/// Variables that every expression has.
const VARIABLES: [&str; 8] =
    ["$workflow", "$runtime", "$task", "$input", "$output", "$context", "$secrets", "$authorization"];

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is no jq.
    Syntax(String),
    /// It is longer, or more deeply nested, than is looked at.
    TooLarge,
    /// There is no such variable.
    Variable(String),
    /// There is no such function, or not with that many arguments.
    Function { name: String, arguments: usize, other: Option<usize> },
    /// It reads a secret.
    Secrets,
}

/// Does what calls [`check`] with enough of a stack; nothing, if the system has no thread to spare.
pub(crate) fn with_stack<T: Send>(look: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, look).ok()?;
        thread.join().ok()
    })
}

/// What is wrong with an expression that has `variables` besides those that every expression has.
pub(crate) fn check(jq: &str, variables: &[String]) -> Vec<Trouble> {
    let signs = || jq.bytes().filter(|byte| b"|,+*/%=<>;:?".contains(byte)).count();
    if jq.len() > LONGEST || opened(jq) > MOST_OPEN || signs() > MOST_SIGNS {
        return vec![Trouble::TooLarge];
    }
    let tokens = match Lexer::new(jq).lex() {
        Ok(tokens) => tokens,
        Err(errors) => return vec![Trouble::Syntax(lexed_badly(jq, &errors))],
    };
    let term = match Parser::new(&tokens).parse(|parser| parser.term()) {
        Ok(term) => term,
        Err(errors) => {
            let (expected, found) = match errors.first() {
                Some((expected, found)) => (expected.as_str(), found.map(|token| token.as_str())),
                None => (t!("an expression"), None),
            };
            let found = found.map_or_else(
                || t!("it ends").to_owned(),
                |found| t!("there is “{found}”", found = short(found)),
            );
            return vec![Trouble::Syntax(t!(
                "{found} where {expected} should be",
                found,
                expected = article(expected)
            ))];
        }
    };
    let mut scope = Scope {
        variables: VARIABLES.iter().map(|name| (*name).to_owned()).collect(),
        functions: Vec::new(),
        troubles: Vec::new(),
    };
    scope.variables.extend(variables.iter().map(|name| format!("${name}")));
    scope.term(&term);
    let mut troubles = scope.troubles;
    let mut seen = Vec::new();
    troubles.retain(|trouble| {
        let is_new = !seen.contains(trouble);
        seen.push(trouble.clone());
        is_new
    });
    troubles
}

/// How many levels an expression could have at most.
fn opened(jq: &str) -> usize {
    let brackets = jq.bytes().filter(|byte| b"([{-".contains(byte)).count();
    let is_word = |each: char| each.is_ascii_alphanumeric() || each == '_';
    let words = jq.split(|each| !is_word(each));
    let opening = ["try", "catch", "if", "elif", "then", "else", "reduce", "foreach", "def", "label", "as"];
    brackets + words.filter(|word| opening.contains(word)).count()
}

fn lexed_badly(jq: &str, errors: &[(jaq_core::load::lex::Expect<&str>, &str)]) -> String {
    match errors.first() {
        Some((expected, "")) => {
            t!("it ends where {expected} should be", expected = article(expected.as_str()))
        }
        Some((expected, rest)) => {
            t!(
                "there is “{found}” where {expected} should be",
                found = short(rest),
                expected = article(expected.as_str())
            )
        }
        None => t!("“{found}” cannot be read", found = short(jq)),
    }
}

fn article(expected: &str) -> String {
    match expected.chars().next() {
        Some(first) if !first.is_ascii_alphabetic() => format!("“{expected}”"),
        Some('a' | 'e' | 'i' | 'o') => t!("an {expected}", expected),
        Some(_) if matches!(expected, "nothing" | "else or end" | "as" | "then") => format!("“{expected}”"),
        _ => t!("a {expected}", expected),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(20) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Functions of jq that a run does not have: they would read its surroundings, or end it.
const ABSENT: [&str; 3] = ["env", "halt", "halt_error"];

/// Names of functions with the number of their arguments.
static FUNCTIONS: LazyLock<HashSet<(&'static str, usize)>> = LazyLock::new(|| {
    type Data = JustLut<jaq_json::Val>;
    let native = jaq_core::funs::<Data>().chain(jaq_std::funs::<Data>()).chain(jaq_json::funs::<Data>());
    let written = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    native
        .map(|(name, arguments, _)| (name, arguments.len()))
        .chain(written.map(|written| (written.name, written.args.len())))
        .filter(|(name, _)| !ABSENT.contains(name))
        .collect()
});

/// The names of all functions.
pub(crate) fn names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name).collect()
}

/// What can be named at a place of an expression.
struct Scope {
    variables: Vec<String>,
    functions: Vec<(String, usize)>,
    troubles: Vec<Trouble>,
}

impl Scope {
    /// Looks at something that has more names, which are gone behind it.
    fn inside(&mut self, look: impl FnOnce(&mut Self)) {
        let (variables, functions) = (self.variables.len(), self.functions.len());
        look(self);
        self.variables.truncate(variables);
        self.functions.truncate(functions);
    }

    fn term(&mut self, term: &Term<&str>) {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) => {}
            Term::Str(_, parts) => {
                for part in parts {
                    if let StrPart::Term(term) = part {
                        self.term(term);
                    }
                }
            }
            Term::Arr(inner) => {
                if let Some(inner) = inner {
                    self.term(inner);
                }
            }
            Term::Obj(members) => {
                for (key, value) in members {
                    self.term(key);
                    if let Some(value) = value {
                        self.term(value);
                    }
                }
            }
            Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::BinOp(left, operator, right) => {
                self.term(left);
                self.inside(|scope| {
                    if let BinaryOp::Pipe(Some(pattern)) = operator {
                        scope.pattern(pattern);
                    }
                    scope.term(right);
                });
            }
            Term::Fold(_, source, pattern, steps) => {
                self.term(source);
                self.inside(|scope| {
                    scope.pattern(pattern);
                    steps.iter().for_each(|step| scope.term(step));
                });
            }
            Term::TryCatch(tried, caught) => {
                self.term(tried);
                if let Some(caught) = caught {
                    self.term(caught);
                }
            }
            Term::IfThenElse(branches, otherwise) => {
                for (condition, branch) in branches {
                    self.term(condition);
                    self.term(branch);
                }
                if let Some(otherwise) = otherwise {
                    self.term(otherwise);
                }
            }
            Term::Def(definitions, rest) => self.inside(|scope| {
                definitions.iter().for_each(|definition| scope.definition(definition));
                scope.term(rest);
            }),
            Term::Call(name, arguments) => {
                self.call(name, arguments.len());
                arguments.iter().for_each(|argument| self.term(argument));
            }
            Term::Var(name) => {
                if *name == "$secrets" {
                    self.troubles.push(Trouble::Secrets);
                } else if !self.variables.iter().any(|known| known == name) {
                    self.troubles.push(Trouble::Variable((*name).to_owned()));
                }
            }
            Term::Path(start, Path(parts)) => {
                self.term(start);
                for (part, _) in parts {
                    match part {
                        Part::Index(index) => self.term(index),
                        Part::Range(from, to) => {
                            from.iter().chain(to).for_each(|bound| self.term(bound));
                        }
                    }
                }
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern<&str>) {
        match pattern {
            Pattern::Var(name) => self.variables.push((*name).to_owned()),
            Pattern::Arr(patterns) => patterns.iter().for_each(|pattern| self.pattern(pattern)),
            Pattern::Obj(members) => {
                for (key, pattern) in members {
                    self.term(key);
                    self.pattern(pattern);
                }
            }
        }
    }

    fn definition(&mut self, definition: &Def<&str>) {
        self.functions.push((definition.name.to_owned(), definition.args.len()));
        self.inside(|scope| {
            for argument in &definition.args {
                if argument.starts_with('$') {
                    scope.variables.push((*argument).to_owned());
                }
                scope.functions.push((argument.trim_start_matches('$').to_owned(), 0));
            }
            scope.term(&definition.body);
        });
    }

    fn call(&mut self, name: &str, arguments: usize) {
        let has = |name: &str, arguments| {
            FUNCTIONS.contains(&(name, arguments))
                || self.functions.iter().any(|(known, count)| known == name && *count == arguments)
        };
        if !has(name, arguments) {
            let other = (0..8).find(|count| has(name, *count));
            self.troubles.push(Trouble::Function { name: name.to_owned(), arguments, other });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Trouble, check, with_stack};

    #[test]
    fn good_expressions_are_good() {
        for jq in [
            ".",
            ".a.b[0]?",
            ".color == \"red\"",
            "[.items[] | select(.n > 1) | {n, m: .x}] | sort_by(.n)",
            "$context.a // ($workflow.input.b | tostring)",
            ". as [$a, {b: $c}] | $a + $c",
            "reduce .[] as $x (0; . + $x)",
            "def f($a; g): $a | g | a; f(1; .)",
            "\"a \\(.b | @uri) c\"",
            "try error(\"x\") catch .",
            "if .a then 1 elif .b then 2 else 3 end",
            "now | todate",
            "label $out | foreach .[] as $i (0; .+1; if . > 3 then break $out else . end)",
            "test(\"^a\")",
            "fromjson, tojson, ascii_downcase, ltrimstr(\"a\"), input_line_number?",
        ] {
            let expected: &[Trouble] = &[];
            let found: Vec<_> = check(jq, &[])
                .into_iter()
                .filter(|trouble| !matches!(trouble, Trouble::Function { name, .. } if name == "input_line_number"))
                .collect();
            assert_eq!(found, expected, "{jq}");
        }
        assert_eq!(check("$item + $index", &["item".to_owned(), "index".to_owned()]), []);
    }

    #[test]
    fn bad_expressions_say_what_is_bad() {
        let function =
            |name: &str, arguments, other| Trouble::Function { name: name.to_owned(), arguments, other };
        for (jq, expected) in [
            ("$a", Trouble::Variable("$a".to_owned())),
            ("(.b as $a | 1) | $a", Trouble::Variable("$a".to_owned())),
            ("$secrets.nango", Trouble::Secrets),
            ("lenght", function("lenght", 0, None)),
            ("map", function("map", 0, Some(1))),
            ("env", function("env", 0, None)),
            ("", Trouble::Syntax("it ends where a term should be".to_owned())),
            (".a |", Trouble::Syntax("it ends where a term should be".to_owned())),
            ("(.a", Trouble::Syntax("it ends where a closing parenthesis should be".to_owned())),
            (".a == == 1", Trouble::Syntax("there is “==” where a term should be".to_owned())),
        ] {
            assert_eq!(check(jq, &[]), [expected], "{jq}");
        }
    }

    #[test]
    fn nesting_does_not_exhaust_the_stack() {
        for (piece, end) in [
            ("(", ""),
            ("[", ""),
            ("{a:", ""),
            ("-", "1"),
            ("try ", "1"),
            ("if ", "1"),
            ("1 as $x | ", "1"),
            ("def f: ", "1; 1"),
            (".|", "."),
            (".,", "."),
            ("1+", "1"),
            (".a//", "1"),
            ("\"\\(", "1"),
            (".a", ""),
            (".[", ""),
            ("reduce ", "1"),
            ("label $x | ", "1"),
            ("f(", ""),
            (".a=", "1"),
            ("1 as [", ""),
            ("1 as {a:", ""),
            ("not ", ""),
            ("..", ""),
            ("?", ""),
            ("@base64 \"\\(", ""),
        ] {
            for count in [100, 990, 3_990, 1_000_000] {
                let jq = format!("{}{end}", piece.repeat(count));
                let looked = with_stack(|| check(&jq, &[]));
                assert!(looked.is_some_and(|troubles| !troubles.is_empty() || count <= 4_000), "{piece}");
            }
        }
    }
}
