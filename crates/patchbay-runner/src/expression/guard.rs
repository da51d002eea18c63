//! What keeps jq bounded: its standard library and the expression itself, with a step counter in every place
//! from which a loop goes round.
//!
//! - A definition begins with a step; it is the only way to recurse.
//! - A step stands between the two sides of a pipe, in front of an iteration of `reduce` and `foreach`, behind
//!   each number of a `range`, and behind both operands of `+`. It looks at what goes through.
//! - Multiplication, which can make a text or a number of any length at once, looks first.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use jaq_core::box_iter::box_once;
use jaq_core::data::HasLut;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::ops::Math;
use jaq_core::path::{Part, Path};
use jaq_core::{DataT, Error, Exn, Lut, Native};
use jaq_json::{Num, Val};

use super::Trouble;
use crate::data;

/// The definition that holds the expression. It is found by this name, which nobody writes by chance; who
/// writes it on purpose calls their own expression.
pub(super) const MAIN: &str = "patchbay__main";

/// Names with `!` cannot be written in jq.
const STEP: &str = "step!";
const WEIGH: &str = "weigh!";
const MULTIPLY: &str = "multiply!";
const RANGE: &str = "range!";

/// Functions of the library that are not there: they look outside, or end the process.
const REMOVED: [&str; 5] = ["env", "halt", "debug_empty", "stderr_empty", "fromjson"];

/// Text and arrays in the middle of an evaluation may have so many bytes or items.
const LARGEST: usize = 16 * 1024 * 1024;
/// And integers so many bits.
const MOST_BITS: u64 = 64 * 1024;

/// The kind of data filters run on.
pub(super) struct Jq;

impl DataT for Jq {
    type V<'a> = Val;
    type Data<'a> = &'a JqData<'a>;
}

pub(super) struct JqData<'a> {
    pub(super) lut: &'a Lut<Jq>,
    pub(super) meter: &'a Meter<'a>,
}

impl<'a> HasLut<'a, Jq> for &'a JqData<'a> {
    fn lut(&self) -> &'a Lut<Jq> {
        self.lut
    }
}

/// Counts what an evaluation takes.
pub(super) struct Meter<'a> {
    steps: Cell<u64>,
    most_steps: u64,
    stack_top: usize,
    most_stack: usize,
    pub(super) data: usize,
    stop: &'a AtomicBool,
    trouble: Cell<Option<Kind>>,
}

#[derive(Clone, Copy)]
enum Kind {
    Steps,
    Stack,
    Data,
    Stopped,
}

impl<'a> Meter<'a> {
    /// Counts from here on, the stack as well.
    pub(super) fn new(most_steps: u64, most_stack: usize, data: usize, stop: &'a AtomicBool) -> Self {
        let (steps, trouble) = (Cell::new(0), Cell::new(None));
        Self { steps, most_steps, stack_top: stack_here(), most_stack, data, stop, trouble }
    }

    /// What the evaluation was stopped for.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        Some(match self.trouble.get()? {
            Kind::Steps => Trouble::Steps,
            Kind::Stack => Trouble::Stack,
            Kind::Data => Trouble::Data,
            Kind::Stopped => Trouble::Stopped,
        })
    }

    fn step(&self, value: &Val) -> Result<(), Kind> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > self.most_steps {
            return Err(Kind::Steps);
        }
        if self.stop.load(Ordering::Relaxed) {
            return Err(Kind::Stopped);
        }
        if self.stack_top.abs_diff(stack_here()) > self.most_stack {
            return Err(Kind::Stack);
        }
        self.weigh(value)
    }

    /// Looks at the outside of a value; now and then, for some steps, at all of it.
    fn weigh(&self, value: &Val) -> Result<(), Kind> {
        let fits = match value {
            Val::TStr(bytes) | Val::BStr(bytes) => bytes.len() <= LARGEST,
            Val::Arr(items) => items.len() <= LARGEST / 16,
            Val::Obj(members) => members.len() <= LARGEST / 16,
            Val::Num(Num::BigInt(integer)) => integer.bits() <= MOST_BITS,
            _ => true,
        };
        let is_weighed_wholly = self.steps.get() % 4096 >= 4032;
        if fits && (!is_weighed_wholly || data::is_bounded(value, self.data)) {
            Ok(())
        } else {
            Err(Kind::Data)
        }
    }

    /// Ends the evaluation in a way that no `try` of jq catches.
    fn end<'b>(&self, kind: Kind) -> Exn<'b, Val> {
        self.trouble.set(Some(kind));
        Exn::halt(1)
    }
}

/// Where the stack is now.
fn stack_here() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

fn multiply(meter: &Meter<'_>, left: Val, right: Val) -> Result<Result<Val, Error<Val>>, Kind> {
    let times = match (&left, &right) {
        (Val::TStr(bytes) | Val::BStr(bytes), Val::Num(number))
        | (Val::Num(number), Val::TStr(bytes) | Val::BStr(bytes)) => Some((bytes.len(), number)),
        _ => None,
    };
    if let Some((length, number)) = times {
        let count = match number {
            Num::BigInt(_) => usize::MAX,
            number => number.as_isize().and_then(|count| usize::try_from(count).ok()).unwrap_or(0),
        };
        if length.saturating_mul(count) > LARGEST {
            return Err(Kind::Data);
        }
    }
    meter.weigh(&left)?;
    meter.weigh(&right)?;
    Ok(left * right)
}

/// jq's own functions, without the removed ones, and those that [`guard`] calls.
pub(super) fn functions() -> impl Iterator<Item = Fun<Jq>> {
    let library = jaq_core::funs::<Jq>().chain(jaq_std::funs()).chain(jaq_json::funs());
    let library = library.filter(|(name, ..)| !REMOVED.contains(name)).map(|(name, arguments, native)| {
        let name = if name == "range" { RANGE } else { name };
        (name, arguments, native)
    });
    let step = Native::<Jq>::new(|cv| {
        let meter = cv.0.data().meter;
        box_once(meter.step(&cv.1).map(|()| cv.1).map_err(|kind| meter.end(kind)))
    })
    .with_paths(|cv| {
        let meter = cv.0.data().meter;
        box_once(meter.step(&cv.1.0).map(|()| cv.1).map_err(|kind| meter.end(kind)))
    })
    .with_update(|cv, update| {
        let meter = cv.0.data().meter;
        match meter.step(&cv.1) {
            Ok(()) => update(cv.1),
            Err(kind) => box_once(Err(meter.end(kind))),
        }
    });
    let weigh = Native::<Jq>::new(|mut cv| {
        let meter = cv.0.data().meter;
        let variable = cv.0.pop_var();
        box_once(meter.weigh(&variable).map(|()| cv.1).map_err(|kind| meter.end(kind)))
    })
    .with_paths(|mut cv| {
        let meter = cv.0.data().meter;
        let variable = cv.0.pop_var();
        box_once(meter.weigh(&variable).map(|()| cv.1).map_err(|kind| meter.end(kind)))
    })
    .with_update(|mut cv, update| {
        let meter = cv.0.data().meter;
        let variable = cv.0.pop_var();
        match meter.weigh(&variable) {
            Ok(()) => update(cv.1),
            Err(kind) => box_once(Err(meter.end(kind))),
        }
    });
    let own = [(STEP, v(0), step), (WEIGH, v(1), weigh)];
    let others: [jaq_core::native::Filter<jaq_core::RunPtr<Jq>>; 4] = [
        (MULTIPLY, v(2), |mut cv| {
            let meter = cv.0.data().meter;
            let right = cv.0.pop_var();
            let left = cv.0.pop_var();
            match multiply(meter, left, right) {
                Ok(product) => bome(product),
                Err(kind) => box_once(Err(meter.end(kind))),
            }
        }),
        // Without a limit of its own on nesting, jaq's could take any stack.
        ("fromjson", v(0), |cv| {
            let parsed = match &cv.1 {
                Val::TStr(bytes) => serde_json::from_slice::<Val>(bytes).map_err(Error::str),
                other => Err(Error::typ(other.clone(), "string")),
            };
            bome(parsed)
        }),
        ("debug_empty", v(0), |_| Box::new(std::iter::empty())),
        ("stderr_empty", v(0), |_| Box::new(std::iter::empty())),
    ];
    library.chain(own).chain(others.map(run::<Jq>))
}

/// What a term calls and which variables it uses; too many rather than too few.
#[derive(Default)]
pub(super) struct Called<'s> {
    names: HashSet<&'s str>,
    pub(super) variables: HashSet<&'s str>,
}

impl<'s> Called<'s> {
    pub(super) fn by(term: &Term<&'s str>) -> Self {
        let mut called = Self::default();
        called.look(term);
        called
    }

    fn look(&mut self, term: &Term<&'s str>) {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Arr(None) => {}
            Term::Var(name) => {
                self.variables.insert(name.trim_start_matches('$'));
            }
            Term::Str(format, parts) => {
                self.names.extend(format);
                for part in parts {
                    if let StrPart::Term(term) = part {
                        self.look(term);
                    }
                }
            }
            Term::Arr(Some(term)) | Term::Neg(term) | Term::Label(_, term) => self.look(term),
            Term::Obj(members) => members.iter().for_each(|(key, value)| {
                self.look(key);
                value.iter().for_each(|value| self.look(value));
            }),
            Term::BinOp(left, operator, right) => {
                self.look(left);
                if let BinaryOp::Pipe(Some(pattern)) = operator {
                    self.look_pattern(pattern);
                }
                self.look(right);
            }
            Term::Fold(_, source, pattern, arguments) => {
                self.look(source);
                self.look_pattern(pattern);
                arguments.iter().for_each(|argument| self.look(argument));
            }
            Term::TryCatch(tried, caught) => {
                self.look(tried);
                caught.iter().for_each(|caught| self.look(caught));
            }
            Term::IfThenElse(cases, otherwise) => {
                for (condition, then) in cases {
                    self.look(condition);
                    self.look(then);
                }
                otherwise.iter().for_each(|otherwise| self.look(otherwise));
            }
            Term::Def(definitions, term) => {
                definitions.iter().for_each(|definition| self.look(&definition.body));
                self.look(term);
            }
            Term::Call(name, arguments) => {
                self.names.insert(name);
                arguments.iter().for_each(|argument| self.look(argument));
            }
            Term::Path(term, path) => {
                self.look(term);
                for (part, _) in &path.0 {
                    match part {
                        Part::Index(index) => self.look(index),
                        Part::Range(from, to) => from.iter().chain(to).for_each(|bound| self.look(bound)),
                    }
                }
            }
        }
    }

    fn look_pattern(&mut self, pattern: &Pattern<&'s str>) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(patterns) => patterns.iter().for_each(|pattern| self.look_pattern(pattern)),
            Pattern::Obj(members) => members.iter().for_each(|(key, pattern)| {
                self.look(key);
                self.look_pattern(pattern);
            }),
        }
    }
}

/// The library's definitions, guarded, each with the names it calls.
static LIBRARY: LazyLock<Vec<(Def, HashSet<&'static str>)>> = LazyLock::new(|| {
    let library = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let library = library.filter(|definition| !matches!(definition.name, "halt" | "halt_error"));
    let arguments = ["$from", "$to", "$by"];
    let body = pipe(Term::Call(RANGE, arguments.map(Term::Var).into()), call(STEP));
    let range = Def { name: "range", args: arguments.into(), body };
    let with_names = |definition: Def| {
        let names = Called::by(&definition.body).names;
        (definition, names)
    };
    [range].into_iter().chain(library.map(guard_definition)).map(with_names).collect()
});

/// The definitions of the library that are needed for what is called.
pub(super) fn prelude<'s>(called: &Called<'s>) -> impl Iterator<Item = Def<&'s str>> + use<'s> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, (definition, _)) in LIBRARY.iter().enumerate() {
        by_name.entry(definition.name).or_default().push(index);
    }
    let mut is_needed = vec![false; LIBRARY.len()];
    let mut open: Vec<&str> = called.names.iter().copied().collect();
    while let Some(name) = open.pop() {
        for &index in by_name.get(name).into_iter().flatten() {
            if !std::mem::replace(&mut is_needed[index], true) {
                open.extend(&LIBRARY[index].1);
            }
        }
    }
    let all = LIBRARY.iter().zip(is_needed);
    all.filter(|(_, is_needed)| *is_needed).map(|((definition, _), _)| definition.clone())
}

/// The expression, guarded, as a definition that takes the variables it uses.
pub(super) fn main<'s>(term: Term<&'s str>, variables: Vec<&'s str>) -> Def<&'s str> {
    Def { name: MAIN, args: variables, body: guard(term) }
}

fn guard_definition(definition: Def<&str>) -> Def<&str> {
    let variables = definition.args.iter().filter(|name| name.starts_with('$'));
    let weighed =
        variables.fold(call(STEP), |weighed, name| pipe(weighed, Term::Call(WEIGH, vec![Term::Var(name)])));
    Def { body: pipe(weighed, guard(definition.body)), ..definition }
}

fn guard(term: Term<&str>) -> Term<&str> {
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Var(_) | Term::Break(_) | Term::Arr(None) => term,
        Term::Str(format, parts) => {
            let parts = parts.into_iter().map(|part| match part {
                StrPart::Term(term) => StrPart::Term(stepped(guard(term))),
                other => other,
            });
            Term::Str(format, parts.collect())
        }
        Term::Arr(Some(term)) => Term::Arr(Some(boxed(*term))),
        Term::Obj(members) => {
            let member = |(key, value): (_, Option<_>)| (guard(key), value.map(guard));
            Term::Obj(members.into_iter().map(member).collect())
        }
        Term::Neg(term) => Term::Neg(boxed(*term)),
        Term::Label(name, term) => Term::Label(name, boxed(*term)),
        Term::BinOp(left, operator, right) => guard_operation(guard(*left), operator, guard(*right)),
        Term::Fold(name, source, pattern, arguments) => {
            let step = |(index, argument)| match index {
                1 => pipe(call(STEP), guard(argument)),
                _ => guard(argument),
            };
            let arguments = arguments.into_iter().enumerate().map(step).collect();
            Term::Fold(name, boxed(*source), guard_pattern(pattern), arguments)
        }
        Term::TryCatch(tried, caught) => Term::TryCatch(boxed(*tried), caught.map(|caught| boxed(*caught))),
        Term::IfThenElse(cases, otherwise) => {
            let cases = cases.into_iter().map(|(condition, then)| (guard(condition), guard(then)));
            Term::IfThenElse(cases.collect(), otherwise.map(|otherwise| boxed(*otherwise)))
        }
        Term::Def(definitions, term) => {
            Term::Def(definitions.into_iter().map(guard_definition).collect(), boxed(*term))
        }
        Term::Call(name, arguments) => Term::Call(name, arguments.into_iter().map(guard).collect()),
        Term::Path(term, path) => {
            let part = |part| match part {
                Part::Index(index) => Part::Index(guard(index)),
                Part::Range(from, to) => Part::Range(from.map(guard), to.map(guard)),
            };
            let path = path.0.into_iter().map(|(inner, optional)| (part(inner), optional));
            Term::Path(boxed(*term), Path(path.collect()))
        }
    }
}

/// An operation whose operands are guarded already.
fn guard_operation<'s>(
    left: Term<&'s str>,
    operator: BinaryOp<&'s str>,
    right: Term<&'s str>,
) -> Term<&'s str> {
    match operator {
        BinaryOp::Pipe(None) => pipe(left, pipe(call(STEP), right)),
        BinaryOp::Pipe(Some(pattern)) => {
            let operator = BinaryOp::Pipe(Some(guard_pattern(pattern)));
            Term::BinOp(Box::new(stepped(left)), operator, Box::new(right))
        }
        BinaryOp::Math(Math::Add) => Term::BinOp(Box::new(stepped(left)), operator, Box::new(stepped(right))),
        BinaryOp::Math(Math::Mul) => Term::Call(MULTIPLY, vec![left, right]),
        // `a *= b` is `b as $x | a |= . * $x`.
        BinaryOp::UpdateMath(Math::Mul) => {
            let factor = "$factor!";
            let product = Term::Call(MULTIPLY, vec![Term::Id, Term::Var(factor)]);
            let update = Term::BinOp(Box::new(left), BinaryOp::Update, Box::new(product));
            Term::BinOp(Box::new(right), BinaryOp::Pipe(Some(Pattern::Var(factor))), Box::new(update))
        }
        operator => Term::BinOp(Box::new(left), operator, Box::new(right)),
    }
}

fn guard_pattern(pattern: Pattern<&str>) -> Pattern<&str> {
    match pattern {
        Pattern::Var(_) => pattern,
        Pattern::Arr(patterns) => Pattern::Arr(patterns.into_iter().map(guard_pattern).collect()),
        Pattern::Obj(members) => {
            let member = |(key, pattern)| (guard(key), guard_pattern(pattern));
            Pattern::Obj(members.into_iter().map(member).collect())
        }
    }
}

fn boxed(term: Term<&str>) -> Box<Term<&str>> {
    Box::new(guard(term))
}

fn call(name: &str) -> Term<&str> {
    Term::Call(name, Vec::new())
}

fn pipe<'s>(left: Term<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    Term::BinOp(Box::new(left), BinaryOp::Pipe(None), Box::new(right))
}

/// A term with a step behind it. Numbers need none.
fn stepped(term: Term<&str>) -> Term<&str> {
    if matches!(term, Term::Num(_)) { term } else { pipe(term, call(STEP)) }
}
