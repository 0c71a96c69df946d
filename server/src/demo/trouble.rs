//! What goes wrong in the demonstration beside what its people do: nodes close for a while, counts find less than there
//! should be, and carriers stop.

use engine::model::{NodeStatus, StockAdjustment, StockFilter, StockOnly};
use orchestrator::{Actor, Error, Orchestrator, PageRequest, Result, network, stock};

use super::data::Data;
use super::pick;

/// Looks between two closings of a node, at one in a hundred.
const LOOKS: u64 = 400;
/// Looks that a node stays closed for.
const CLOSED_FOR: u64 = 6;

/// Trouble that comes from outside.
pub struct Trouble {
    nodes: Vec<String>,
    /// Of a hundred.
    percent: u32,
    looks: u64,
    /// The node that is closed, and until which look.
    closed: Option<(String, u64)>,
}

impl Trouble {
    pub fn new(data: &Data, percent: u32) -> Self {
        Trouble {
            nodes: data.nodes.iter().map(|node| node.code.clone()).collect(),
            percent,
            looks: 0,
            closed: None,
        }
    }

    /// One look: perhaps something happens, perhaps something is over.
    pub async fn strike(&mut self, orc: &Orchestrator, actor: &Actor) -> Result<()> {
        self.looks += 1;
        if let Some((node, until)) = self.closed.clone()
            && self.looks >= until
        {
            network::set_node_status(orc, actor, &node, NodeStatus::Active).await?;
            self.closed = None;
        }
        if self.percent == 0 {
            return Ok(());
        }
        let every = (LOOKS / u64::from(self.percent)).max(1);
        let turn = self.looks / every;
        if self.looks.is_multiple_of(every) && self.closed.is_none() {
            let node = self.busy_node(orc, actor, turn).await?;
            network::set_node_status(orc, actor, &node, NodeStatus::Paused).await?;
            self.closed = Some((node, self.looks + CLOSED_FOR));
        }
        if self.looks % every == every / 2 {
            self.count_finds_less(orc, actor, turn).await?;
        }
        Ok(())
    }

    /// Whoever is closed opens again.
    pub async fn end(&mut self, orc: &Orchestrator, actor: &Actor) -> Result<()> {
        if let Some((node, _)) = self.closed.take() {
            network::set_node_status(orc, actor, &node, NodeStatus::Active).await?;
        }
        Ok(())
    }

    /// A node that has something to do, so that its closing is felt.
    async fn busy_node(&self, orc: &Orchestrator, actor: &Actor, turn: u64) -> Result<String> {
        let views = network::node_views(orc, actor).await?;
        let mut busy: Vec<_> = views
            .into_iter()
            .filter(|view| view.load.open_fulfillments > 0)
            .map(|view| view.node.code)
            .collect();
        busy.sort();
        let from = if busy.is_empty() { &self.nodes } else { &busy };
        Ok(from[pick(&format!("closes {turn}"), from.len() as u64) as usize].clone())
    }

    /// A shelf that orders wait for turns out to hold less than they need.
    async fn count_finds_less(&self, orc: &Orchestrator, actor: &Actor, turn: u64) -> Result<()> {
        let filter = StockFilter {
            only: Some(StockOnly::Reserved),
            ..StockFilter::default()
        };
        let rows = stock::list(orc, actor, &filter, &PageRequest::first(100)).await?;
        let rows = rows.items;
        if rows.is_empty() {
            return Ok(());
        }
        let row = &rows[pick(&format!("counts {turn}"), rows.len() as u64) as usize];
        let less = row.on_hand - row.reserved + 1;
        if less <= 0 {
            return Ok(());
        }
        let gone = StockAdjustment {
            node: row.node.clone(),
            sku: row.sku.clone(),
            delta: -less,
            reason: "counted: broken or gone".to_owned(),
        };
        match stock::adjust(orc, actor, vec![gone]).await {
            // Somebody has taken of it meanwhile.
            Ok(_) | Err(Error::Invalid(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
