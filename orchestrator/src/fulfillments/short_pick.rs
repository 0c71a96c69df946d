//! Less is on the shelf than the ledger says. The fulfillment goes on with what was picked; what is missing is given
//! up here and planned again, and is taken off what the node has on hand, so that nobody sells it a second time.

use std::collections::{BTreeMap, BTreeSet};

use engine::model::{FieldError, FulfillmentStatus, LineId, PickedLine, RejectCause, StockMove};
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};
use serde_json::json;

use super::act::Done;
use crate::network::Network;
use crate::orders::{Fulfillment, OrderState, set_status};
use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::{Error, Result, stock};

/// Lines that one call may name.
const MOST_LINES: usize = 500;

const NOTHING_THERE: &str = "Nothing of it was on the shelf";

pub(super) fn check(lines: &[PickedLine]) -> Result<()> {
    let mut errors = Vec::new();
    if lines.is_empty() || lines.len() > MOST_LINES {
        let detail = format!("1 to {MOST_LINES} lines are needed");
        errors.push(FieldError::new("#/lines", detail));
    }
    let mut seen = BTreeSet::new();
    for (n, line) in lines.iter().enumerate().take(MOST_LINES) {
        if !seen.insert(line.line) {
            let detail = "this line came before in this list";
            errors.push(FieldError::new(format!("#/lines/{n}/line"), detail));
        }
        if line.picked < 0 {
            let detail = "a number of units, 0 or more";
            errors.push(FieldError::new(format!("#/lines/{n}/picked"), detail));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Whether it has as much of each line as was picked, which is so when the call is repeated.
pub(super) fn is_done(state: &OrderState, i: usize, lines: &[PickedLine]) -> Result<bool> {
    let f = &state.fulfillments[i];
    if f.status == FulfillmentStatus::Rejected {
        return Ok(lines.iter().all(|line| line.picked == 0));
    }
    if f.status != FulfillmentStatus::Accepted {
        return Ok(false);
    }
    let mut errors = Vec::new();
    let mut same = true;
    for (n, line) in lines.iter().enumerate() {
        let held = f.lines.iter().find(|held| held.line_id == line.line.0);
        let held = held.map_or(0, |held| held.quantity);
        same &= line.picked == held;
        if !state.lines.iter().any(|known| known.id == line.line.0) {
            let detail = format!("the fulfillment has no line {}", line.line);
            errors.push(FieldError::new(format!("#/lines/{n}/line"), detail));
        } else if line.picked > held {
            let detail = format!("only {held} were to be picked");
            errors.push(FieldError::new(format!("#/lines/{n}/picked"), detail));
        }
    }
    if errors.is_empty() {
        Ok(same)
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Units of a line that were not there.
struct Missing {
    line: Uuid,
    sku: String,
    units: i64,
    picked: i64,
}

pub(super) async fn carry_out(
    tx: &Tx,
    network: &Network,
    state: &mut OrderState,
    i: usize,
    lines: &[PickedLine],
) -> Result<Done> {
    let missing = missing(&state.fulfillments[i], lines);
    let f = &mut state.fulfillments[i];
    let moves = correct(tx, f, &state.order.channel, &missing).await?;
    let units: i64 = missing.iter().map(|part| part.units).sum();
    if let Some(day) = &f.row.work_day {
        let free = "UPDATE node_days SET units = units - ?
                    WHERE merchant_id = ? AND node = ? AND day = ? AND units >= ?";
        let (merchant, node) = (tx.merchant().0, f.row.node.clone());
        let bound = values![units, merchant, node, day.clone(), units];
        sql::run(tx.conn(), free, bound).await?;
    }
    for part in &missing {
        if let Some(line) = state.lines.iter_mut().find(|line| line.id == part.line) {
            line.allocated -= part.units;
        }
    }
    if units == f.row.units {
        // What it had stays with it, as with every fulfillment that came to nothing.
        f.row.cause = Some(RejectCause::OutOfStock.to_string());
        let reason = Some(NOTHING_THERE.to_owned());
        set_status(tx, f, FulfillmentStatus::Rejected, reason).await?;
    } else {
        shorten(tx, f, &missing).await?;
        f.row.units -= units;
        let saved = saved(tx, network, &state.order, &f.row, &missing).await?;
        f.row.cost = (f.row.cost - saved).max(0.0);
        set_status(tx, f, FulfillmentStatus::Accepted, None).await?;
    }
    Ok(Done {
        moves,
        cause: "short_pick",
        reason: Some(describe(&missing)),
        more: json!({ "short": missing.iter().map(|part| json!({ "line": LineId(part.line), "sku": part.sku,
            "missing": part.units, "picked": part.picked })).collect::<Vec<_>>() }),
    })
}

/// In the one order in which rows are touched everywhere.
fn missing(f: &Fulfillment, lines: &[PickedLine]) -> Vec<Missing> {
    let short = f.lines.iter().filter_map(|held| {
        let line = lines.iter().find(|line| line.line.0 == held.line_id)?;
        (line.picked < held.quantity).then(|| Missing {
            line: held.line_id,
            sku: held.sku.clone(),
            units: held.quantity - line.picked,
            picked: line.picked,
        })
    });
    let mut missing: Vec<_> = short.collect();
    missing.sort_by(|a, b| (&a.sku, a.line).cmp(&(&b.sku, b.line)));
    missing
}

/// Gives up the reservation and corrects what is on hand.
async fn correct(
    tx: &Tx,
    f: &Fulfillment,
    channel: &str,
    missing: &[Missing],
) -> Result<Vec<StockMove>> {
    let mut by_sku: BTreeMap<&str, i64> = BTreeMap::new();
    for part in missing {
        *by_sku.entry(&part.sku).or_default() += part.units;
    }
    let mut moves = Vec::with_capacity(by_sku.len());
    for (sku, units) in by_sku {
        moves.push(stock::take_out(tx, &f.row.node, sku, channel, units).await?);
    }
    Ok(moves)
}

async fn shorten(tx: &Tx, f: &mut Fulfillment, missing: &[Missing]) -> Result<()> {
    for part in missing {
        let key = values![f.row.id, part.line];
        if part.picked == 0 {
            let drop = "DELETE FROM fulfillment_lines WHERE fulfillment_id = ? AND line_id = ?";
            sql::run(tx.conn(), drop, key).await?;
        } else {
            let less = "UPDATE fulfillment_lines SET quantity = ? WHERE fulfillment_id = ? AND line_id = ?";
            let mut bound = values![part.picked];
            bound.extend(key);
            sql::run(tx.conn(), less, bound).await?;
        }
    }
    for held in &mut f.lines {
        if let Some(part) = missing.iter().find(|part| part.line == held.line_id) {
            held.quantity = part.picked;
        }
    }
    f.lines.retain(|held| held.quantity > 0);
    Ok(())
}

/// What the package costs less without the missing units: their handling and their weight, as the plan counted them.
async fn saved(
    tx: &Tx,
    network: &Network,
    order: &crate::store::tables::orders::Model,
    row: &crate::store::tables::fulfillments::Model,
    missing: &[Missing],
) -> Result<f64> {
    #[derive(FromQueryResult)]
    struct Weight {
        sku: String,
        weight_g: i64,
    }
    let Some(node) = network.node(&row.node).map(|node| &node.node) else {
        return Ok(0.0);
    };
    let zone = || {
        let (from, service) = (node.location?, network.service(row.service.as_deref()?)?);
        let km = engine::geo::distance_km(from.lat, from.lon, order.lat?, order.lon?);
        let mut zones = service.zones.iter();
        zones.find(|zone| zone.up_to_km >= km)
    };
    let per_kg = zone().map_or(0.0, |zone| zone.per_kg);
    let sql = format!(
        "SELECT sku, weight_g FROM products WHERE merchant_id = ? AND sku IN {}",
        sql::list(missing.len())
    );
    let mut bound = values![tx.merchant().0];
    bound.extend(missing.iter().map(|part| Value::from(part.sku.as_str())));
    let weights: Vec<Weight> = sql::all(tx.conn(), &sql, bound).await?;
    let of_part = |part: &Missing| {
        let weight = weights.iter().find(|row| row.sku == part.sku);
        let kg = weight.map_or(0.0, |row| row.weight_g as f64 / 1000.0);
        part.units as f64 * (node.handling.per_unit + per_kg * kg)
    };
    Ok(missing.iter().map(of_part).sum())
}

/// `2 of TEA, 1 of CUP`
fn describe(missing: &[Missing]) -> String {
    let parts = missing
        .iter()
        .map(|part| format!("{} of {}", part.units, part.sku));
    format!("{} not found", parts.collect::<Vec<_>>().join(", "))
}
