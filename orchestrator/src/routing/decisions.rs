use engine::model::{DecisionId, DecisionView, OrderId, Permission};
use engine::routing::{Plan, Problem, UnfilledReason};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::problem::{Inputs, problem_of};
use crate::clock::from_micros;
use crate::network::Snapshot;
use crate::orders::resolve;
use crate::store::tables::{decisions, networks};
use crate::{Actor, Error, Orchestrator, Result};

/// Every decision about an order, newest first, with the inputs as seen and each node's verdict.
pub async fn decisions(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
) -> Result<Vec<DecisionView>> {
    actor.check(Permission::ReadOrders)?;
    let id = resolve(orc.reader(), actor, order).await?;
    let mut views = Vec::new();
    for row in stored(orc, actor, id).await? {
        let inputs: Inputs = parse(&row.inputs)?;
        let problem = problem_of(&snapshot(orc, &row).await?, &inputs);
        let plan: Plan = parse(&row.plan)?;
        views.push(DecisionView {
            id: DecisionId(row.id),
            run: row.run,
            trigger: row.trigger_kind.parse().map_err(Error::Internal)?,
            decided_at: from_micros(row.decided_at),
            took_us: row.took_us,
            summary: summary(&plan),
            ruled_out: parse(&row.ruled_out)?,
            together: inputs.together,
            explanation: engine::routing::explain(&problem, &plan),
            plan,
            problem,
        });
    }
    Ok(views)
}

/// What the engine was asked at each decision about an order, oldest first.
pub async fn asked(orc: &Orchestrator, actor: &Actor, order: &str) -> Result<Vec<Problem>> {
    actor.check(Permission::ReadOrders)?;
    let id = resolve(orc.reader(), actor, order).await?;
    let mut problems = Vec::new();
    for row in stored(orc, actor, id).await?.into_iter().rev() {
        problems.push(problem_of(
            &snapshot(orc, &row).await?,
            &parse(&row.inputs)?,
        ));
    }
    Ok(problems)
}

/// A stored decision, made once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    pub decision: DecisionId,
    pub run: i64,
    /// The plan as it was stored, byte for byte.
    pub stored: String,
    /// The plan that the same inputs give now.
    pub now: String,
}

impl Replay {
    pub fn is_same(&self) -> bool {
        self.stored == self.now
    }
}

/// Makes every decision about an order once more from its stored inputs, oldest first.
pub async fn replay(orc: &Orchestrator, actor: &Actor, order: &str) -> Result<Vec<Replay>> {
    actor.check(Permission::ReadOrders)?;
    let id = resolve(orc.reader(), actor, order).await?;
    let mut replays = Vec::new();
    for row in stored(orc, actor, id).await?.into_iter().rev() {
        let problem = problem_of(&snapshot(orc, &row).await?, &parse(&row.inputs)?);
        let plan = engine::routing::plan(&problem).map_err(Error::internal)?;
        replays.push(Replay {
            decision: DecisionId(row.id),
            run: row.run,
            stored: row.plan,
            now: serde_json::to_string(&plan).map_err(Error::internal)?,
        });
    }
    Ok(replays)
}

async fn stored(
    orc: &Orchestrator,
    actor: &Actor,
    order: OrderId,
) -> Result<Vec<decisions::Model>> {
    let rows = decisions::Entity::find()
        .filter(decisions::Column::MerchantId.eq(actor.merchant.0))
        .filter(decisions::Column::OrderId.eq(order.0))
        .order_by_desc(decisions::Column::Run)
        .all(orc.reader())
        .await?;
    Ok(rows)
}

async fn snapshot(orc: &Orchestrator, row: &decisions::Model) -> Result<Snapshot> {
    let network = networks::Entity::find_by_id((row.merchant_id, row.network_hash.clone()))
        .one(orc.reader())
        .await?;
    let network = network.ok_or_else(|| {
        Error::Internal(format!("the network of decision {} is not there", row.id))
    })?;
    parse(&network.content)
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(Error::internal)
}

fn summary(plan: &Plan) -> String {
    let units: u32 = plan
        .packages
        .iter()
        .flat_map(|package| &package.lines)
        .map(|line| line.quantity)
        .sum();
    let waiting: u32 = plan.unfilled.iter().map(|unfilled| unfilled.quantity).sum();
    let sent = match plan.packages.as_slice() {
        [] => "Nothing can be sent now".to_owned(),
        [one] => format!(
            "{} sends {units} {} with {}",
            one.node,
            if units == 1 { "unit" } else { "units" },
            one.service
        ),
        many => format!("{units} units in {} packages", many.len()),
    };
    let proof = if plan.optimal {
        "the cheapest plan, proved"
    } else {
        "the best plan found"
    };
    let waits = match plan.unfilled.first() {
        Some(first) => format!("; {waiting} units wait: {}", reason(first.reason)),
        None => String::new(),
    };
    format!("{sent}, {proof}{waits}")
}

fn reason(reason: UnfilledReason) -> String {
    reason.as_str().replace('_', " ")
}
