//! jq expressions: compiled once, evaluated within bounds.
//!
//! Most evaluations are over in microseconds and happen where they are asked for. One that turns out to be
//! longer is begun anew on a thread of its own with a large stack, and the run's own threads stay free.
//!
//! jq can loop for ever, recurse for ever and fill the memory, and documents come from strangers. `guard` puts
//! a step counter into every place from which a loop goes round, where an evaluation stops at once when it is
//! cancelled, has taken too many steps or too much stack, or holds too much data. What is left: one built-in
//! function on data within the limit (a sort, a regular expression, a text of many interpolations) ends
//! before anybody looks. A cancelled run does not wait for it. Functions that look outside (`env`, `input`)
//! or end the process (`halt`) are not there.

mod guard;
mod template;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars};
use jaq_json::Val;
use tokio::sync::oneshot;

use guard::{Jq, JqData, Meter};
pub(crate) use template::{Template, expression_in};

use crate::data;

/// Longest expression, in bytes.
const LONGEST: usize = 64 * 1024;

/// Most outputs of one evaluation.
const MOST_OUTPUTS: usize = 100_000;

/// What an evaluation may take where it is asked for. The nesting and the steps together bound how deep a
/// value it can build, and so the stack that dropping it takes.
const STEPS_HERE: u64 = 500;
const STACK_HERE: usize = 128 * 1024;
const NESTING_HERE: usize = 6;
const LENGTH_HERE: usize = 4 * 1024;

/// What it may take on its own thread. Only what is used of a stack takes memory.
const STACK_APART: usize = 256 * 1024 * 1024;

/// Names that an expression can use besides those of loops and caught errors.
const ARGUMENTS: [&str; 8] =
    ["context", "input", "output", "workflow", "task", "runtime", "authorization", "secrets"];

/// An expression, compiled.
pub(crate) struct Expression {
    filter: jaq_core::Filter<Jq>,
    /// The variables it uses, without `$`, in the order the filter takes them.
    uses: Vec<Arc<str>>,
    /// Whether it may be evaluated where it is asked for.
    is_small: bool,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Expression").field("uses", &self.uses).finish_non_exhaustive()
    }
}

/// Why an evaluation has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The expression failed.
    Failed(String),
    /// It took more steps than it may.
    Steps,
    /// It took more stack than it may.
    Stack,
    /// It made more data than it may.
    Data,
    /// It uses `$secrets`.
    Secrets,
    /// It was stopped from outside.
    Stopped,
}

impl Expression {
    /// Compiles an expression. `scope` names the variables of the loops and caught errors it stands in.
    ///
    /// Needs stack in proportion to the expression's length; [`with_stack`] has it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn compile(text: &str, scope: &[Arc<str>]) -> Result<Expression, String> {
        if text.len() > LONGEST {
            return Err(format!("an expression has at most {LONGEST} bytes"));
        }
        let Some(term) = jaq_core::load::parse(text, |parser| parser.term()) else {
            return Err(syntax_error(text));
        };
        let called = guard::Called::by(&term);
        let known = ARGUMENTS.iter().copied().chain(scope.iter().map(|name| &**name));
        let mut uses: Vec<&str> = known.filter(|name| called.variables.contains(name)).collect();
        uses.sort_unstable();
        uses.dedup();

        let variables: Vec<String> = uses.iter().map(|name| format!("${name}")).collect();
        let main = guard::main(term, variables.iter().map(String::as_str).collect());
        let call = match variables.is_empty() {
            true => guard::MAIN.to_owned(),
            false => format!("{}({})", guard::MAIN, variables.join(";")),
        };
        let arena = Arena::default();
        let prelude = guard::prelude(&called).chain([main]);
        let modules = Loader::new(prelude)
            .load(&arena, File { code: &*call, path: () })
            .map_err(|_| syntax_error(text))?;
        let compiler = Compiler::default()
            .with_funs(guard::functions())
            .with_global_vars(variables.iter().map(String::as_str));
        let filter = compiler.compile(modules).map_err(|errors| {
            let first = errors.iter().flat_map(|(_, errors)| errors).next();
            first.map_or_else(String::new, |(name, undefined)| {
                format!("{} {name} is not defined", undefined.as_str())
            })
        })?;
        Ok(Expression {
            filter,
            uses: uses.into_iter().map(Arc::from).collect(),
            is_small: text.len() <= LENGTH_HERE && nesting(text) <= NESTING_HERE,
        })
    }

    /// Evaluates. `variable` gives the value of each variable the expression uses.
    ///
    /// # Errors
    /// [`Trouble`]; `Stopped` as soon as `stopped` is ready.
    pub(crate) async fn evaluate(
        self: &Arc<Self>,
        input: &Val,
        variable: impl Fn(&str) -> Val,
        bounds: &Bounds,
        stopped: impl Future<Output = ()>,
    ) -> Result<Val, Trouble> {
        if self.uses.iter().any(|name| &**name == "secrets") {
            return Err(Trouble::Secrets);
        }
        let variables: Vec<Val> = self.uses.iter().map(|name| variable(name)).collect();
        if self.is_small {
            let meter = Meter::new(STEPS_HERE.min(bounds.steps), STACK_HERE, bounds.data, &NEVER);
            match self.evaluate_here(input.clone(), variables.clone(), &meter) {
                Err(Trouble::Steps | Trouble::Stack) => {}
                result => return result,
            }
        }
        self.evaluate_apart(input.clone(), variables, bounds, stopped).await
    }

    async fn evaluate_apart(
        self: &Arc<Self>,
        input: Val,
        variables: Vec<Val>,
        bounds: &Bounds,
        stopped: impl Future<Output = ()>,
    ) -> Result<Val, Trouble> {
        tokio::pin!(stopped);
        let turn = tokio::select! {
            () = &mut stopped => return Err(Trouble::Stopped),
            turn = bounds.turns.clone().acquire_owned() => turn,
        };
        let (tell, told) = oneshot::channel();
        let stop = StopOnDrop::default();
        let (expression, flag, steps, data) = (self.clone(), stop.0.clone(), bounds.steps, bounds.data);
        let work = move || {
            // Leaves some stack for one built-in function's own recursion.
            let meter = Meter::new(steps, STACK_APART / 2, data, &flag);
            let result = expression.evaluate_here(input, variables, &meter);
            drop(turn);
            tell.send(result).ok();
        };
        let thread = std::thread::Builder::new().name("jq".to_owned()).stack_size(STACK_APART);
        thread.spawn(work).map_err(|error| Trouble::Failed(error.to_string()))?;
        tokio::select! {
            () = &mut stopped => Err(Trouble::Stopped),
            result = told => result.unwrap_or_else(|_| Err(Trouble::Failed("the evaluation broke off".to_owned()))),
        }
    }

    fn evaluate_here(&self, input: Val, variables: Vec<Val>, meter: &Meter<'_>) -> Result<Val, Trouble> {
        let data = JqData { lut: &self.filter.lut, meter };
        let mut outputs = Vec::new();
        for output in self.filter.id.run((Ctx::<Jq>::new(&data, Vars::new(variables)), input)) {
            match output {
                Ok(output) if outputs.len() < MOST_OUTPUTS => outputs.push(output),
                Ok(_) => return Err(Trouble::Data),
                Err(exception) => {
                    return Err(meter.trouble().unwrap_or_else(|| {
                        let text = |error: jaq_json::Error| data::Data(error.into_val()).message();
                        Trouble::Failed(exception.get_err().map_or_else(|_| "stopped".to_owned(), text))
                    }));
                }
            }
        }
        let result = match outputs.len() {
            1 => outputs.pop().unwrap_or_default(),
            0 => Val::Null,
            _ => outputs.into_iter().collect(),
        };
        if data::is_bounded(&result, meter.data) { Ok(result) } else { Err(Trouble::Data) }
    }
}

/// What evaluations of one run may take.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// Steps of each.
    pub(crate) steps: u64,
    /// Bytes of what each makes.
    pub(crate) data: usize,
    /// Permits for those that run on threads of their own.
    pub(crate) turns: Arc<tokio::sync::Semaphore>,
}

static NEVER: AtomicBool = AtomicBool::new(false);

/// Tells the thread to stop when nobody waits for it any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Checks an expression, without `${ }` around it, that stands where these variables are known besides those that every
/// task has.
///
/// # Errors
/// What is wrong with it, and at which character.
pub fn check_expression(text: &str, variables: &[Arc<str>]) -> Result<(), String> {
    let compiled = with_stack(|| Expression::compile(text, variables).map(drop));
    compiled.map_err(|error| error.to_string())?.map_err(|problem| format!("this is not jq: {problem}"))
}

/// Does something that may need much stack.
pub(crate) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_APART).spawn_scoped(scope, work)?;
        thread.join().map_err(|_| std::io::Error::other("it broke off"))
    })
}

/// How deep brackets are nested, at least.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What is wrong with a text that cannot be parsed.
fn syntax_error(text: &str) -> String {
    use jaq_core::load::Error;
    fn cause(error: Error<&str>) -> Option<(String, &str)> {
        match error {
            Error::Lex(errors) => {
                errors.first().map(|(expected, rest)| (expected.as_str().to_owned(), *rest))
            }
            Error::Parse(errors) => {
                errors.first().map(|(expected, rest)| (expected.as_str().to_owned(), *rest))
            }
            Error::Io(_) => None,
        }
    }
    let arena = Arena::default();
    let errors = match Loader::new([]).load(&arena, File { code: text, path: () }) {
        Ok(_) => Vec::new(),
        Err(errors) => errors,
    };
    match errors.into_iter().find_map(|(_, error)| cause(error)) {
        Some((expected, rest)) => {
            let at = jaq_core::load::span(text, rest).start;
            let shown: String = rest.chars().take(20).collect();
            match shown.is_empty() {
                true => format!("expected {expected} at the end"),
                false => format!(
                    "expected {expected} at character {}, before {shown:?}",
                    text[..at].chars().count() + 1
                ),
            }
        }
        None => "the expression cannot be read".to_owned(),
    }
}
