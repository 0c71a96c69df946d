//! Counted stock from a CSV file.

use std::collections::{HashMap, HashSet};

use engine::model::{Permission, StockCount, StockImport};
use futures::FutureExt;

use super::change::{
    HIGHEST_LEVEL, MOST_ROWS, StockChange, known_skus, would_change, write_counts,
};
use crate::sheet::{Row, Sheet};
use crate::{Actor, Orchestrator, Result};

/// Codes that are shown where one does not fit.
const SHOWN_CODES: usize = 10;
const UNITS: &str = "a whole number of units from 0 to 1000000000";

/// Counts what a CSV file says: the columns `node`, `sku`, `on_hand` and, where it is wanted, `safety_stock`. Every row
/// is looked at before the first is written; where anything is wrong, or in a dry run, nothing is. Files above 10,000
/// rows are written in parts of that size.
pub async fn import(
    orc: &Orchestrator,
    actor: &Actor,
    file: &[u8],
    dry_run: bool,
) -> Result<StockImport> {
    actor.check(Permission::ChangeStock)?;
    let mut sheet = Sheet::read(file, &["node", "sku", "on_hand"], &["safety_stock"]);
    let counts = check(orc, actor, &mut sheet).await?;
    let problems = sheet.problems().to_vec();
    let mut report = StockImport {
        dry_run,
        rows: counts.len(),
        problems,
        ..StockImport::default()
    };
    let write = !dry_run && report.problems.is_empty();
    let mut counts = counts.into_iter();
    for part in 0.. {
        let rows: Vec<_> = counts.by_ref().take(MOST_ROWS).collect();
        if rows.is_empty() {
            break;
        }
        let change = if write {
            write_part(orc, actor, part, rows).await?
        } else {
            would_change(orc, actor, rows).await?
        };
        report.changed += change.changed;
        report.new += change.new;
        report.units_up += change.units_up;
        report.units_down += change.units_down;
        report.short.extend(change.short);
    }
    Ok(report)
}

async fn write_part(
    orc: &Orchestrator,
    actor: &Actor,
    part: usize,
    rows: Vec<StockCount>,
) -> Result<StockChange> {
    let mut by = actor.clone();
    by.idempotency = by.idempotency.map(|ticket| ticket.of_part(part));
    let actor = by.clone();
    orc.write_once(&actor, move |tx| write_counts(tx, by, rows).boxed())
        .await
}

/// The rows that fit. What does not is noted in the sheet, all of it.
async fn check(orc: &Orchestrator, actor: &Actor, sheet: &mut Sheet) -> Result<Vec<StockCount>> {
    let network = orc.network(actor.merchant).await?;
    let codes = network.nodes.iter().map(|node| node.node.code.as_str());
    let own = actor.only_nodes();
    let is_own = |code: &&str| own.is_none_or(|own| own.iter().any(|node| node == code));
    let nodes: Vec<_> = codes.filter(is_own).collect();
    let skus = known_skus(orc, actor, sheet.texts("sku")).await?;
    let codes = Codes {
        any_case: skus.iter().map(|sku| (sku.to_lowercase(), sku)).collect(),
        skus: &skus,
        nodes,
    };
    let mut first_lines = HashMap::new();
    Ok(sheet.map(|row| {
        let (node, sku) = (codes.node(row), codes.sku(row));
        let on_hand = level(row, "on_hand");
        let on_hand = on_hand.filter(|given| given.is_some() || row.required("on_hand").is_some());
        let safety_stock = level(row, "safety_stock");
        let key = (row.optional("node")?, row.optional("sku")?);
        let first = *first_lines.entry(key.clone()).or_insert(row.line());
        if first != row.line() {
            let wrong = format!("'{}' at '{}' came before in line {first}", key.1, key.0);
            row.wrong("sku", wrong, "one row for each SKU at a node");
            return None;
        }
        Some(StockCount {
            node: node?,
            sku: sku?,
            on_hand: on_hand??,
            safety_stock: safety_stock?,
        })
    }))
}

/// What a file may name.
struct Codes<'a> {
    nodes: Vec<&'a str>,
    skus: &'a HashSet<String>,
    /// The SKUs by their lower case.
    any_case: HashMap<String, &'a String>,
}

impl Codes<'_> {
    fn node(&self, row: &mut Row) -> Option<String> {
        let node = row.required("node")?;
        let mut nodes = self.nodes.iter();
        if nodes.any(|code| *code == node) {
            return Some(node);
        }
        let mut nodes = self.nodes.iter();
        let right = match nodes.find(|code| code.eq_ignore_ascii_case(&node)) {
            Some(code) => format!("'{code}'"),
            None => one_of(&self.nodes),
        };
        row.wrong("node", format!("there is no node '{node}'"), right);
        None
    }

    fn sku(&self, row: &mut Row) -> Option<String> {
        let sku = row.required("sku")?;
        if self.skus.contains(&sku) {
            return Some(sku);
        }
        let right = match self.any_case.get(&sku.to_lowercase()) {
            Some(sku) => format!("'{sku}'"),
            None => "the SKU of a product; new products come first".to_owned(),
        };
        row.wrong("sku", format!("there is no product '{sku}'"), right);
        None
    }
}

fn one_of(codes: &[&str]) -> String {
    let shown: Vec<_> = codes.iter().take(SHOWN_CODES).copied().collect();
    match codes.len() {
        0 => "the code of a node; there is none yet".to_owned(),
        n if n > SHOWN_CODES => format!("the code of a node, such as {}", shown.join(", ")),
        _ => format!("one of {}", shown.join(", ")),
    }
}

/// Units, if there are any.
#[expect(clippy::option_option, reason = "missing and wrong are two things")]
fn level(row: &mut Row, column: &str) -> Option<Option<i64>> {
    let units: Option<i64> = row.value(column, UNITS)?;
    if units.is_some_and(|units| !(0..=HIGHEST_LEVEL).contains(&units)) {
        row.wrong(
            column,
            format!("'{}' does not fit", row.text(column)),
            UNITS,
        );
        return None;
    }
    Some(units)
}
