use std::collections::{HashMap, HashSet};
use std::io::Read;

use anyhow::{Context, Result};
use chrono::NaiveDateTime;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::stock::{self, Shelf};

/// The built-in tables.
pub struct Data {
    pub products: Vec<ProductRow>,
    pub nodes: Vec<NodeRow>,
    /// In the order in which they were bought.
    pub baskets: Vec<Basket>,
    /// By number.
    pub households: HashMap<u32, Household>,
    /// What the nodes hold.
    pub shelves: Vec<Shelf>,
    /// The stores' shelves, by node and SKU.
    ranges: HashSet<(String, String)>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ProductRow {
    pub sku: String,
    pub department: String,
    pub category: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub package_size: String,
    pub brand: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct NodeRow {
    pub code: String,
    pub name: String,
    pub kind: engine::model::NodeKind,
    pub city: String,
    pub region: String,
    pub zip: String,
}

/// What one household bought at once.
#[derive(Debug, Clone)]
pub struct Basket {
    pub placed_at: NaiveDateTime,
    /// Code of the store.
    pub store: String,
    pub household: u32,
    /// SKU, units, price in minor units.
    pub lines: Vec<(String, i64, i64)>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Household {
    #[serde(rename = "household")]
    number: u32,
    pub city: String,
    pub region: String,
    pub zip: String,
}

#[derive(Deserialize)]
struct BasketRow {
    basket: usize,
    placed_at: NaiveDateTime,
    store: String,
    household: u32,
    sku: String,
    quantity: i64,
    unit_price: i64,
}

impl Data {
    /// Reads the tables.
    pub fn load() -> Result<Self> {
        let rows: Vec<BasketRow> = table(include_bytes!("../../../data/demo/baskets.csv.gz"))
            .context("the demonstration's baskets")?;
        let mut baskets: Vec<Basket> = Vec::new();
        for row in rows {
            if row.basket == baskets.len() {
                baskets.push(Basket {
                    placed_at: row.placed_at,
                    store: row.store,
                    household: row.household,
                    lines: Vec::new(),
                });
            }
            let basket = baskets
                .last_mut()
                .context("the demonstration's baskets begin with the first")?;
            basket.lines.push((row.sku, row.quantity, row.unit_price));
        }
        let households: Vec<Household> =
            table(include_bytes!("../../../data/demo/households.csv.gz"))
                .context("the demonstration's households")?;
        let nodes: Vec<NodeRow> = table(include_bytes!("../../../data/demo/nodes.csv.gz"))
            .context("the demonstration's nodes")?;
        let shelves = stock::shelves(&nodes, &baskets);
        let ranges = shelves.iter().map(|s| (s.node.clone(), s.sku.clone()));
        Ok(Data {
            ranges: ranges.collect(),
            shelves,
            products: table(include_bytes!("../../../data/demo/products.csv.gz"))
                .context("the demonstration's products")?,
            nodes,
            baskets,
            households: households
                .into_iter()
                .map(|row| (row.number, row))
                .collect(),
        })
    }

    /// Whether the store where the basket was bought has all of it in its range.
    pub fn can_be_collected(&self, basket: &Basket) -> bool {
        let in_range = |sku: &String| self.ranges.contains(&(basket.store.clone(), sku.clone()));
        basket.lines.iter().all(|(sku, _, _)| in_range(sku))
    }
}

fn table<T: DeserializeOwned>(packed: &[u8]) -> Result<Vec<T>> {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text)?;
    let rows = csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .collect::<Result<Vec<T>, _>>()?;
    Ok(rows)
}
