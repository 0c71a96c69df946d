use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use chrono::SubsecRound;
use engine::model::{FieldError, MerchantId, NewPromise, Permission, PromiseId, PromiseView};
use futures::FutureExt;
use uuid::Uuid;

use super::compute::{self, Answer};
use super::hold;
use super::world::Shared;
use crate::store::sql;
use crate::store::tables::promises;
use crate::{Actor, Error, Orchestrator, Result, Who};

const MOST_LINES: usize = 100;
const MOST_UNITS: u32 = 100_000;
/// For how long the same question has the same answer.
const SAME_FOR: Duration = Duration::from_millis(500);
/// Answers that are kept for that.
const MOST_ANSWERS: usize = 10_000;

/// What can be promised for a basket; it is stored with the plans behind it before it is told.
pub async fn ask(orc: &Orchestrator, actor: &Actor, asked: NewPromise) -> Result<PromiseView> {
    check(actor, &asked)?;
    if asked.hold {
        return ask_and_hold(orc, actor, asked).await;
    }
    let shared = orc.promise_world(actor.merchant).await?;
    let answer = compute(orc, &shared, &asked)?;
    let row = row(actor.merchant, &asked, &answer)?;
    let view = answer.view;
    orc.write_once(actor, move |tx| {
        async move {
            sql::insert(tx.conn(), vec![row]).await?;
            Ok(view)
        }
        .boxed()
    })
    .await
}

/// How often it is tried to hold what others take at the same time.
const TRIES: usize = 8;
/// The wait before the world has seen what others have taken.
const CATCH_UP: Duration = Duration::from_millis(60);

/// The same, with stock reserved for the option; where nothing can be promised, nothing is held either.
async fn ask_and_hold(orc: &Orchestrator, actor: &Actor, asked: NewPromise) -> Result<PromiseView> {
    let shared = orc.promise_world(actor.merchant).await?;
    let mut tries = 0;
    loop {
        let now = orc.now();
        let mut answer = compute(orc, &shared, &asked)?;
        let chosen = answer.view.options.iter().find(|option| {
            let wanted = asked.option.as_ref();
            option.date.is_some() && wanted.is_none_or(|wanted| *wanted == option.id)
        });
        let id = chosen.map(|option| option.id.clone());
        let plan = answer
            .plans
            .iter()
            .find(|(way, _)| Some(way) == id.as_ref());
        let wanted = plan.map(|(_, plan)| {
            let wanted = |world: &_| compute::wanted(world, &asked, plan, now);
            shared.read(|world| (world.network.clone(), wanted(world)))
        });
        let seconds = shared.read(|world| world.settings.hold_seconds);
        let until = answer.view.issued_at + chrono::Duration::seconds(seconds.into());
        answer.view.held_until = wanted.is_some().then_some(until);
        let row = row(actor.merchant, &asked, &answer)?;
        let (view, by) = (answer.view, actor.clone());
        let held = orc.write_once(actor, move |tx| {
            async move {
                if let Some((network, wanted)) = wanted
                    && !hold::take(tx, &network, view.id, &wanted, until, &by).await?
                {
                    return Err(hold::gone());
                }
                sql::insert(tx.conn(), vec![row]).await?;
                Ok(view)
            }
            .boxed()
        });
        match held.await {
            Err(Error::Conflict(_)) if tries < TRIES => {
                tries += 1;
                tokio::time::sleep(CATCH_UP).await;
            }
            other => return other,
        }
    }
}

/// The same for shop pages: one answer serves everybody who asks the same within a moment, and it is stored while it
/// is on its way.
pub async fn ask_public(
    orc: &Orchestrator,
    actor: &Actor,
    asked: NewPromise,
) -> Result<Arc<PromiseView>> {
    check(actor, &asked)?;
    let shared = orc.promise_world(actor.merchant).await?;
    let question = serde_json::to_string(&asked).map_err(Error::internal)?;
    {
        let answers = shared
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((since, view)) = answers.get(&question)
            && since.elapsed() < SAME_FOR
            && view.expires_at > orc.now()
        {
            return Ok(view.clone());
        }
    }
    let answer = compute(orc, &shared, &asked)?;
    let row = row(actor.merchant, &asked, &answer)?;
    let view = Arc::new(answer.view);
    {
        let mut answers = shared
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(question, (Instant::now(), view.clone()));
    }
    let (orc, merchant) = (orc.clone(), actor.merchant);
    tokio::spawn(async move {
        let stored = orc.write(merchant, move |tx| {
            async move { Ok(sql::insert(tx.conn(), vec![row]).await?) }.boxed()
        });
        if let Err(error) = stored.await {
            tracing::warn!(%error, "a promise that was told could not be stored");
        }
    });
    Ok(view)
}

/// For how long after its end a promise that no order cites is kept.
const KEPT_FOR: chrono::Duration = chrono::Duration::days(30);

/// Forgets promises that nobody will cite any more; returns how many.
pub async fn forget_old(orc: &Orchestrator) -> Result<u64> {
    orc.write_global(|tx| {
        async move {
            let limit = (tx.now() - KEPT_FOR).timestamp_micros();
            let sql = "DELETE FROM promises WHERE expires_at < ?
                AND id NOT IN (SELECT promise_id FROM order_promises)";
            Ok(sql::run(tx.conn(), sql, sql::values![limit]).await?)
        }
        .boxed()
    })
    .await
}

fn compute(orc: &Orchestrator, shared: &Shared, asked: &NewPromise) -> Result<Answer> {
    let (id, now) = (PromiseId(Uuid::now_v7()), orc.now().trunc_subsecs(3));
    let fresh = shared.is_fresh();
    let answer = |fresh| shared.read(|world| compute::answer(world, asked, id, now, fresh));
    catch_unwind(AssertUnwindSafe(|| answer(fresh))).or_else(|_| {
        tracing::error!("the engine failed on a basket; the answer is the service table's");
        catch_unwind(AssertUnwindSafe(|| answer(false)))
            .map_err(|_| Error::Internal("no promise could be made".to_owned()))
    })
}

fn check(actor: &Actor, asked: &NewPromise) -> Result<()> {
    actor.check(Permission::AskPromises)?;
    if asked.hold {
        actor.check(Permission::PlaceOrders)?;
    }
    // Which node sends what is nothing for shop pages.
    if asked.hints && matches!(&actor.who, Who::Key { .. }) {
        actor.check(Permission::ReadNetwork)?;
    }
    check_question(asked)
}

/// Every field of the question that does not fit.
pub(super) fn check_question(asked: &NewPromise) -> Result<()> {
    let mut errors = Vec::new();
    let lines = asked.lines.len();
    if lines == 0 || lines > MOST_LINES {
        let detail = format!("a basket has 1 to {MOST_LINES} lines, this one has {lines}");
        errors.push(FieldError::new("#/lines", detail));
    }
    for (i, line) in asked.lines.iter().enumerate() {
        if !(1..=MOST_UNITS).contains(&line.quantity) {
            let detail = format!("{} is no quantity from 1 to {MOST_UNITS}", line.quantity);
            errors.push(FieldError::new(format!("#/lines/{i}/quantity"), detail));
        }
        if line.sku.is_empty() || line.sku.len() > 100 {
            errors.push(FieldError::new(
                format!("#/lines/{i}/sku"),
                "a SKU has 1 to 100 characters",
            ));
        }
    }
    let to = &asked.destination;
    if to.country.len() != 2 || !to.country.bytes().all(|b| b.is_ascii_uppercase()) {
        let detail = format!(
            "'{}' is not an ISO 3166 country code such as US",
            to.country.chars().take(20).collect::<String>()
        );
        errors.push(FieldError::new("#/destination/country", detail));
    }
    for (pointer, text) in [
        ("#/destination/postal_code", &to.postal_code),
        ("#/locale", &asked.locale),
        ("#/channel", &asked.channel),
    ] {
        if text.as_ref().is_some_and(|text| text.len() > 100) {
            errors.push(FieldError::new(pointer, "at most 100 characters"));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

fn row(merchant: MerchantId, asked: &NewPromise, answer: &Answer) -> Result<promises::Model> {
    let view = &answer.view;
    let json = |value: serde_json::Result<String>| value.map_err(Error::internal);
    Ok(promises::Model {
        id: view.id.0,
        merchant_id: merchant.0,
        channel: asked.channel.clone(),
        status: json(serde_json::to_string(&view.status))?
            .trim_matches('"')
            .to_owned(),
        asked: json(serde_json::to_string(asked))?,
        answer: json(serde_json::to_string(view))?,
        plans: json(serde_json::to_string(&answer.plans))?,
        created_at: view.issued_at.timestamp_micros(),
        expires_at: view.expires_at.timestamp_micros(),
    })
}
