//! The network as routing sees it, kept in memory until it changes.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use engine::calendar::{CarrierCalendar, WorkCalendar};
use engine::model::{MerchantId, Node, Service, WorkSettings};
use engine::promise::{self, SnapshotNode};
use engine::routing::PolicySpec;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::{nodes, services};
use crate::stock::Allocations;
use crate::store::sql::{self, values};
use crate::store::tables;
use crate::{Error, Orchestrator, Result, fulfillments};

/// Nodes, services and policy of a merchant at one version.
pub(crate) struct Network {
    version: i64,
    /// By code.
    pub nodes: Vec<NetworkNode>,
    /// Nodes and services by code, and the policy: what decisions are based on.
    pub snapshot: Snapshot,
    /// How long nodes may take.
    pub work: WorkSettings,
    /// Codes of the channels.
    pub channels: BTreeSet<String>,
    /// How stock is divided among them.
    pub allocations: Allocations,
    /// What decisions refer to: a hash over `content`.
    pub hash: String,
    /// The snapshot as JSON.
    pub content: String,
    by_code: HashMap<String, usize>,
    /// By code of the service.
    carriers: HashMap<String, CarrierCalendar>,
    times: Mutex<Option<(DateTime<Utc>, Arc<promise::Snapshot>)>>,
}

/// For how long the coming days of nodes are kept before they are worked out anew.
const TIMES_FOR: chrono::Duration = chrono::Duration::days(1);

/// A node with its calendar ready for questions.
pub(crate) struct NetworkNode {
    pub node: Node,
    pub calendar: WorkCalendar,
}

/// What decisions were based on, as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub nodes: Vec<Node>,
    pub services: Vec<Service>,
    pub policy: PolicySpec,
}

impl Network {
    pub fn version(&self) -> i64 {
        self.version
    }

    pub fn node(&self, code: &str) -> Option<&NetworkNode> {
        self.by_code.get(code).map(|i| &self.nodes[*i])
    }

    pub fn service(&self, code: &str) -> Option<&Service> {
        let mut services = self.snapshot.services.iter();
        services.find(|service| service.code == code)
    }

    /// The coming days of its nodes and carriers.
    pub fn times(&self, now: DateTime<Utc>) -> Arc<promise::Snapshot> {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, known)) = &*times
            && (chrono::Duration::zero()..TIMES_FOR).contains(&(now - *made))
        {
            return known.clone();
        }
        let nodes = self.nodes.iter().map(|node| SnapshotNode {
            code: &node.node.code,
            country: &node.node.address.country,
            region: None,
            calendar: &node.calendar,
        });
        let made = Arc::new(promise::Snapshot::new(nodes, self.carriers(), now));
        *times = Some((now, made.clone()));
        made
    }

    /// The coming days as they would be with this node in place of the one that has its code, and of no other nodes
    /// than those that are named.
    pub fn times_with(
        &self,
        changed: &NetworkNode,
        only: &BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> promise::Snapshot {
        let code = &changed.node.code;
        let others = only.iter().filter(|other| *other != code);
        let others = others.filter_map(|code| self.node(code));
        let nodes = others.chain([changed]).map(|node| SnapshotNode {
            code: &node.node.code,
            country: &node.node.address.country,
            region: None,
            calendar: &node.calendar,
        });
        promise::Snapshot::new(nodes, self.carriers(), now)
    }

    fn carriers(&self) -> impl Iterator<Item = (&str, CarrierCalendar)> {
        let carriers = self.carriers.iter();
        carriers.map(|(code, calendar)| (code.as_str(), calendar.clone()))
    }
}

#[derive(Default)]
pub(crate) struct NetworkCache(Mutex<HashMap<MerchantId, Arc<Network>>>);

impl Orchestrator {
    /// The merchant's network as it is now.
    pub(crate) async fn network(&self, merchant: MerchantId) -> Result<Arc<Network>> {
        #[derive(FromQueryResult)]
        struct Row {
            network_version: i64,
            policy: String,
        }
        let sql = "SELECT network_version, policy FROM merchants WHERE id = ?";
        let row: Row = sql::one(self.reader(), sql, values![merchant.0])
            .await?
            .ok_or_else(|| Error::not_found("merchant", merchant.to_string()))?;
        let cached = {
            let cache = self
                .network_cache()
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            cache.get(&merchant).cloned()
        };
        if let Some(network) = cached.filter(|network| network.version == row.network_version) {
            return Ok(network);
        }
        let network = Arc::new(
            self.load(merchant, row.network_version, &row.policy)
                .await?,
        );
        let mut cache = self
            .network_cache()
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        cache.insert(merchant, network.clone());
        Ok(network)
    }

    async fn load(&self, merchant: MerchantId, version: i64, policy: &str) -> Result<Network> {
        let rows = tables::nodes::Entity::find()
            .filter(tables::nodes::Column::MerchantId.eq(merchant.0))
            .order_by_asc(tables::nodes::Column::Code)
            .all(self.reader())
            .await?;
        let node_list = rows
            .into_iter()
            .map(nodes::parse)
            .collect::<Result<Vec<_>>>()?;
        let rows = tables::services::Entity::find()
            .filter(tables::services::Column::MerchantId.eq(merchant.0))
            .order_by_asc(tables::services::Column::Code)
            .all(self.reader())
            .await?;
        let services = rows
            .into_iter()
            .map(services::parse)
            .collect::<Result<Vec<_>>>()?;
        let channels = tables::channels::Entity::find()
            .filter(tables::channels::Column::MerchantId.eq(merchant.0))
            .all(self.reader())
            .await?;
        let policy = if policy == "{}" {
            default_policy()
        } else {
            serde_json::from_str(policy).map_err(Error::internal)?
        };
        let snapshot = Snapshot {
            nodes: node_list,
            services,
            policy,
        };
        let content = serde_json::to_string(&snapshot).map_err(Error::internal)?;
        let mut network_nodes = Vec::with_capacity(snapshot.nodes.len());
        for node in &snapshot.nodes {
            let calendar = WorkCalendar::new(&node.working_time()).map_err(Error::Invalid)?;
            network_nodes.push(NetworkNode {
                node: node.clone(),
                calendar,
            });
        }
        let mut carriers = HashMap::new();
        for service in &snapshot.services {
            let calendar = CarrierCalendar::new(&service.working_time()).map_err(Error::Invalid)?;
            carriers.insert(service.code.clone(), calendar);
        }
        let work = fulfillments::work_settings(self.reader(), merchant).await?;
        Ok(Network {
            version,
            work,
            carriers,
            times: Mutex::default(),
            by_code: network_nodes
                .iter()
                .enumerate()
                .map(|(i, n)| (n.node.code.clone(), i))
                .collect(),
            nodes: network_nodes,
            allocations: Allocations::load(self.reader(), merchant).await?,
            channels: channels.into_iter().map(|channel| channel.code).collect(),
            snapshot,
            hash: blake3::hash(content.as_bytes()).to_hex().to_string(),
            content,
        })
    }
}

/// What holds until the merchant says otherwise: a further package costs a little, an unfilled unit far more than any
/// way to send it.
fn default_policy() -> PolicySpec {
    PolicySpec {
        extra_package: 300.0,
        unfilled_per_unit: 100_000.0,
        max_packages: None,
        late_per_package: 5_000.0,
    }
}
