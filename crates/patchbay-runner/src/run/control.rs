//! Tasks that run other tasks: loops, branches, attempts.

use std::sync::Arc;
use std::time::Duration;

use jaq_core::ValT as _;
use jaq_json::Val;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Done, Ended, Frame, Run, Scope, in_time};
use crate::expression::Expression;
use crate::fault::{ErrorType, Raised, Stop, last_segment, to_val};
use crate::host::Retrying;
use crate::program::{Backoff, Filter, For, Retry, Task, Then, Try};

/// Longest pause between attempts that is waited for, whoever asked for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

type Branch = Result<(Val, Then), Stop>;

impl Run {
    pub(super) async fn each(
        self: &Arc<Self>,
        frame: &Frame<'_>,
        each: &For,
        input: Val,
        inside: &Scope,
    ) -> Result<Done, Stop> {
        let items = frame.evaluate(&each.items, &input).await?;
        let Val::Arr(items) = items else {
            return Err(frame.error(ErrorType::Expression, "What a for goes through is not a list."));
        };
        let mut current = input;
        for (index, item) in items.iter().enumerate() {
            if inside.cancel.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let variables = [(each.each.clone(), item.clone()), (each.at.clone(), Val::from(index))];
            let scope = inside.with_variables(variables);
            if let Some(condition) = &each.condition {
                let frame = frame.in_scope(&scope);
                if !frame.is_true(condition, &current).await? {
                    break;
                }
            }
            let (output, ends) = self.list(&each.tasks, current, &scope).await?;
            current = output;
            if ends {
                return Ok(Done { output: current, then: Some(Then::End) });
            }
        }
        Ok(current.into())
    }

    /// Starts every branch. Stopping the scope stops them all.
    fn start(
        self: &Arc<Self>,
        branches: &[Arc<Task>],
        input: &Val,
        scope: &Scope,
    ) -> JoinSet<(usize, Branch)> {
        let mut running = JoinSet::new();
        for (index, branch) in branches.iter().enumerate() {
            let branch = self.task(branch.clone(), input.clone(), scope.clone());
            running.spawn(async move { (index, branch.await) });
        }
        running
    }

    pub(super) async fn fork(
        self: &Arc<Self>,
        frame: &Frame<'_>,
        branches: &[Arc<Task>],
        input: Val,
        inside: &Scope,
    ) -> Result<Done, Stop> {
        let scope = inside.with_own_cancel();
        let mut running = self.start(branches, &input, &scope);
        let mut outputs = vec![Val::Null; branches.len()];
        // What the first branch that did not simply complete came to; the others are stopped for it.
        let mut first = None;
        while let Some(ended) = running.join_next().await {
            match ended {
                Ok((index, Ok((output, then)))) if then != Then::End => outputs[index] = output,
                Ok((_, Ok((output, _)))) => {
                    scope.cancel.cancel();
                    first = first.or(Some(Ok(Done { output, then: Some(Then::End) })));
                }
                Ok((_, Err(stop))) => {
                    scope.cancel.cancel();
                    first = first.or(Some(Err(stop)));
                }
                Err(_) => {
                    scope.cancel.cancel();
                    first = first.or(Some(Err(frame.error(ErrorType::Runtime, "A branch broke off."))));
                }
            }
        }
        first.unwrap_or_else(|| Ok(outputs.into_iter().collect::<Val>().into()))
    }

    pub(super) async fn compete(
        self: &Arc<Self>,
        frame: &Frame<'_>,
        branches: &[Arc<Task>],
        input: Val,
        inside: &Scope,
    ) -> Result<Done, Stop> {
        let scope = inside.with_own_cancel();
        let mut running = self.start(branches, &input, &scope);
        let mut winner = None;
        let mut lost = None;
        while let Some(ended) = running.join_next().await {
            match ended {
                Ok((_, Ok((output, then)))) => {
                    scope.cancel.cancel();
                    let then = (then == Then::End).then_some(Then::End);
                    winner = winner.or(Some(Done { output, then }));
                }
                // Nothing makes up for this one.
                Ok((_, Err(stop @ Stop::Broken(_)))) => {
                    scope.cancel.cancel();
                    lost = Some(stop);
                }
                Ok((_, Err(stop))) => {
                    lost = lost.filter(|lost| matches!(lost, Stop::Broken(_))).or(Some(stop))
                }
                Err(_) => {
                    lost = lost.or_else(|| Some(frame.error(ErrorType::Runtime, "A branch broke off.")))
                }
            }
        }
        match (winner, lost) {
            (_, Some(stop @ Stop::Broken(_))) | (None, Some(stop)) => Err(stop),
            (Some(done), _) => Ok(done),
            (None, None) => Ok(input.into()),
        }
    }

    pub(super) async fn attempt(
        self: &Arc<Self>,
        frame: &Frame<'_>,
        attempt: &Try,
        input: Val,
        inside: &Scope,
    ) -> Result<Done, Stop> {
        let began = Instant::now();
        let mut failed = 0;
        loop {
            let limit = match &attempt.retry {
                Some(retry) => frame.optional_span(retry.attempt_duration.as_ref(), &input).await?,
                None => None,
            };
            let list = async |scope: Scope| self.list(&attempt.tasks, input.clone(), &scope).await;
            let raised = match in_time(limit, inside, list).await {
                Ok((output, ends)) => return Ok(Done { output, then: ends.then_some(Then::End) }),
                Err(Ended::Stop(Stop::Raised(raised))) => *raised,
                Err(Ended::Stop(stop)) => return Err(stop),
                Err(Ended::InTime) => {
                    ErrorType::Timeout.raise(frame.path, frame.number, "An attempt took longer than it may.")
                }
            };
            failed += 1;

            let scope = inside.with_variables([(attempt.error.clone(), to_val(&raised.error))]);
            let caught = frame.in_scope(&scope);
            if !attempt.filter.matches(&raised)
                || !holds(&caught, attempt.when.as_ref(), attempt.except_when.as_ref(), &input).await?
            {
                return Err(raised.into());
            }
            if let Some(retry) = &attempt.retry {
                if let Some(pause) = pause(&caught, retry, &raised, failed, began, &input).await? {
                    let retrying = Retrying { failed, after: pause, error: raised.error };
                    frame.saved(self.host.log.retrying(frame.number(), retrying).await)?;
                    inside.until_cancelled(tokio::time::sleep(pause)).await?;
                    continue;
                }
                if attempt.handler.is_none() {
                    return Err(raised.into());
                }
            }
            let Some(handler) = &attempt.handler else {
                return Ok(Done { output: input, then: attempt.then });
            };
            let (output, ends) = self.list(handler, input, &scope).await?;
            return Ok(Done { output, then: if ends { Some(Then::End) } else { attempt.then } });
        }
    }
}

/// Whether `when` is met and `exceptWhen` is not.
async fn holds(
    frame: &Frame<'_>,
    when: Option<&Arc<Expression>>,
    except_when: Option<&Arc<Expression>>,
    input: &Val,
) -> Result<bool, Stop> {
    if let Some(when) = when
        && !frame.evaluate(when, input).await?.as_bool()
    {
        return Ok(false);
    }
    match except_when {
        Some(except_when) => Ok(!frame.evaluate(except_when, input).await?.as_bool()),
        None => Ok(true),
    }
}

/// How long to wait before the next attempt; nothing: there is none.
async fn pause(
    frame: &Frame<'_>,
    retry: &Retry,
    raised: &Raised,
    failed: u32,
    began: Instant,
    input: &Val,
) -> Result<Option<Duration>, Stop> {
    if retry.most_retries.is_some_and(|most| u64::from(failed) > most)
        || !holds(frame, retry.when.as_ref(), retry.except_when.as_ref(), input).await?
    {
        return Ok(None);
    }
    let delay = frame.optional_span(retry.delay.as_ref(), input).await?.unwrap_or_default();
    let factor = match retry.backoff {
        Backoff::Constant => 1,
        Backoff::Linear => failed,
        Backoff::Exponential => 2_u32.saturating_pow(failed - 1),
    };
    let mut pause = delay.saturating_mul(factor);
    if let Some((from, to)) = &retry.jitter {
        let (from, to) = (frame.span(from, input).await?, frame.span(to, input).await?);
        pause = pause.saturating_add(from + to.saturating_sub(from).mul_f64(rand::random::<f64>()));
    }
    let pause = pause.max(raised.retry_after.unwrap_or_default()).min(LONGEST_PAUSE);
    let most = frame.optional_span(retry.duration.as_ref(), input).await?;
    let is_too_long = most.is_some_and(|most| began.elapsed().saturating_add(pause) > most);
    Ok((!is_too_long).then_some(pause))
}

impl Filter {
    fn matches(&self, raised: &Raised) -> bool {
        let error = &raised.error;
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == is)
        };
        let same_type = |wanted: &String| last_segment(wanted) == last_segment(&error.r#type);
        self.error_type.as_ref().is_none_or(same_type)
            && self.status.is_none_or(|status| status == u64::from(error.status))
            && same(&self.instance, Some(&error.instance))
            && same(&self.title, Some(&error.title))
            && same(&self.detail, error.detail.as_deref())
    }
}
