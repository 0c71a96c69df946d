use std::collections::HashMap;

use engine::calendar::WorkCalendar;
use engine::model::{CalendarDay, Node, NodeLoad, NodeStatus, NodeView, Page, Permission};
use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{NetworkNode, Put, Seen, check};
use crate::paging::page_of;
use crate::store::sql::{self, values};
use crate::store::tables::nodes::{Column, Entity, Model};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, PageRequest, Result, repair};

/// Makes a node or changes it.
pub async fn put_node(
    orc: &Orchestrator,
    actor: &Actor,
    code: &str,
    mut node: Node,
) -> Result<Put<Node>> {
    code.clone_into(&mut node.code);
    write(orc, actor, Seen::Any, node).await
}

/// Makes a node (`before` is none), or changes one that still is as it was seen.
pub async fn change_node(
    orc: &Orchestrator,
    actor: &Actor,
    before: Option<Node>,
    node: Node,
) -> Result<Node> {
    let seen = match before {
        Some(before) if before.code == node.code => Seen::This(before),
        Some(_) => return Err(Error::field("#/code", "a code does not change")),
        None => Seen::Nothing,
    };
    Ok(write(orc, actor, seen, node).await?.value)
}

async fn write(
    orc: &Orchestrator,
    actor: &Actor,
    seen: Seen<Node>,
    mut node: Node,
) -> Result<Put<Node>> {
    actor.check(Permission::ChangeNetwork)?;
    let errors = check::node(&mut node);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            let before = find(tx.conn(), &by, &node.code).await?;
            seen.check("node", &node.code, before.as_ref())?;
            if before.as_ref() != Some(&node) {
                upsert(tx, std::slice::from_ref(&node)).await?;
                if let Some(before) = &before {
                    moves_on(tx, before, &node).await?;
                }
                let (kind, verb) = if before.is_some() {
                    ("node.changed", "changed")
                } else {
                    ("node.added", "added")
                };
                let summary = format!("Node {} ({}) {verb}", node.code, node.name);
                let data = serde_json::to_value(&node).map_err(Error::internal)?;
                tx.emit(
                    NewEvent::new(kind, format!("node:{}", node.code), &by, summary).data(data),
                );
                if before
                    .as_ref()
                    .is_some_and(|before| before.kind != node.kind)
                {
                    crate::stock::apply_rules(tx, &by, None).await?;
                }
                crate::routing::wake_all_backorders(tx).await?;
            }
            Ok(Put {
                created: before.is_none(),
                value: node,
            })
        }
        .boxed()
    })
    .await
}

/// A node as it would be stored, ready for questions; nothing is written.
pub(crate) fn checked(mut node: Node) -> Result<NetworkNode> {
    let errors = check::node(&mut node);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let calendar = WorkCalendar::new(&node.working_time()).map_err(Error::Invalid)?;
    Ok(NetworkNode { node, calendar })
}

/// Whether these nodes could be imported; fills in what is looked up.
pub fn check_nodes(actor: &Actor, nodes: &mut [Node]) -> Result<()> {
    actor.check(Permission::ChangeNetwork)?;
    let errors: Vec<_> = nodes
        .iter_mut()
        .enumerate()
        .flat_map(|(row, node)| check::in_row(row, check::node(node)))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Many nodes at once, all or nothing; one event tells how many.
pub async fn import_nodes(
    orc: &Orchestrator,
    actor: &Actor,
    mut nodes: Vec<Node>,
) -> Result<usize> {
    check_nodes(actor, &mut nodes)?;
    let by = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            upsert(tx, &nodes).await?;
            let summary = format!("{} nodes imported", nodes.len());
            tx.emit(NewEvent::new("nodes.imported", "nodes", &by, summary));
            crate::stock::apply_rules(tx, &by, None).await?;
            crate::routing::wake_all_backorders(tx).await?;
            Ok(nodes.len())
        }
        .boxed()
    })
    .await
}

/// Takes a node out of routing, or back into it. What it has not packed yet goes to others.
pub async fn set_node_status(
    orc: &Orchestrator,
    actor: &Actor,
    code: &str,
    status: NodeStatus,
) -> Result<Node> {
    actor.check(Permission::ChangeNetwork)?;
    let (by, code) = (actor.clone(), code.to_owned());
    orc.write_once(actor, move |tx| {
        async move {
            let mut node = find(tx.conn(), &by, &code)
                .await?
                .ok_or_else(|| Error::not_found("node", &code))?;
            if node.status == status {
                return Ok(node);
            }
            let before = node.clone();
            node.status = status;
            upsert(tx, std::slice::from_ref(&node)).await?;
            moves_on(tx, &before, &node).await?;
            let (kind, verb) = match status {
                NodeStatus::Paused => ("node.paused", "paused"),
                NodeStatus::Active => ("node.resumed", "resumed"),
            };
            let summary = format!("Node {} ({}) {verb}", node.code, node.name);
            tx.emit(NewEvent::new(
                kind,
                format!("node:{}", node.code),
                &by,
                summary,
            ));
            if status == NodeStatus::Active {
                crate::routing::wake_all_backorders(tx).await?;
            }
            Ok(node)
        }
        .boxed()
    })
    .await
}

pub async fn node(orc: &Orchestrator, actor: &Actor, code: &str) -> Result<Node> {
    actor.check_at(Permission::ReadNetwork, code)?;
    find(orc.reader(), actor, code)
        .await?
        .ok_or_else(|| Error::not_found("node", code))
}

/// By code.
pub async fn nodes(orc: &Orchestrator, actor: &Actor, page: &PageRequest) -> Result<Page<Node>> {
    actor.check(Permission::ReadNetwork)?;
    let limit = page.limit()?;
    let mut query = Entity::find().filter(Column::MerchantId.eq(actor.merchant.0));
    if let Some(only) = actor.only_nodes() {
        query = query.filter(Column::Code.is_in(only.to_vec()));
    }
    if let Some(after) = page.after()? {
        query = query.filter(Column::Code.gt(after));
    }
    let rows = query
        .order_by_asc(Column::Code)
        .limit(limit + 1)
        .all(orc.reader())
        .await?;
    let nodes = rows.into_iter().map(parse).collect::<Result<Vec<_>>>()?;
    Ok(page_of(nodes, limit, None, |node| node.code.clone()))
}

/// One node with its load.
pub async fn node_view(orc: &Orchestrator, actor: &Actor, code: &str) -> Result<NodeView> {
    actor.check_at(Permission::ReadNetwork, code)?;
    let network = orc.network(actor.merchant).await?;
    let node = network
        .node(code)
        .ok_or_else(|| Error::not_found("node", code))?;
    let loads = Loads::read(orc, actor, Some(code)).await?;
    Ok(loads.view(orc, node))
}

/// All nodes with their load, by code.
pub async fn node_views(orc: &Orchestrator, actor: &Actor) -> Result<Vec<NodeView>> {
    actor.check(Permission::ReadNetwork)?;
    let network = orc.network(actor.merchant).await?;
    let loads = Loads::read(orc, actor, None).await?;
    let mut views = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        if actor
            .only_nodes()
            .is_none_or(|only| only.contains(&node.node.code))
        {
            views.push(loads.view(orc, node));
        }
    }
    Ok(views)
}

/// The coming days of a node, today first.
pub async fn calendar(
    orc: &Orchestrator,
    actor: &Actor,
    code: &str,
    days: u32,
) -> Result<Vec<CalendarDay>> {
    actor.check_at(Permission::ReadNetwork, code)?;
    let network = orc.network(actor.merchant).await?;
    let node = network
        .node(code)
        .ok_or_else(|| Error::not_found("node", code))?;
    Ok(node.calendar.days(orc.now(), days.min(366)))
}

/// What the nodes hold and have to do, in three statements for all of them.
struct Loads {
    open: HashMap<String, i64>,
    on_hand: HashMap<String, i64>,
    /// Units by node and local day.
    assigned: HashMap<(String, String), i64>,
}

#[derive(FromQueryResult)]
struct Sum {
    node: String,
    n: i64,
}

#[derive(FromQueryResult)]
struct DayUnits {
    node: String,
    day: String,
    units: i64,
}

impl Loads {
    async fn read(orc: &Orchestrator, actor: &Actor, code: Option<&str>) -> Result<Self> {
        let one = if code.is_some() { " AND node = ?" } else { "" };
        let mut bound = values![actor.merchant.0];
        bound.extend(code.map(Into::into));
        let open = format!(
            "SELECT node, count(*) AS n FROM fulfillments WHERE merchant_id = ?{one}
             AND status IN ('assigned', 'accepted', 'packed', 'ready_for_pickup') GROUP BY node"
        );
        let on_hand = format!(
            "SELECT node, CAST(sum(on_hand) AS BIGINT) AS n FROM stock WHERE merchant_id = ?{one} GROUP BY node"
        );
        // No local day is more than one day before the one in UTC.
        let days = format!(
            "SELECT node, day, units FROM node_days WHERE merchant_id = ?{one} AND day >= ?"
        );
        let mut days_bound = bound.clone();
        days_bound.push(
            (orc.now().date_naive() - chrono::Days::new(1))
                .to_string()
                .into(),
        );
        let map = |rows: Vec<Sum>| rows.into_iter().map(|row| (row.node, row.n)).collect();
        let assigned: Vec<DayUnits> = sql::all(orc.reader(), &days, days_bound).await?;
        Ok(Loads {
            open: map(sql::all(orc.reader(), &open, bound.clone()).await?),
            on_hand: map(sql::all(orc.reader(), &on_hand, bound).await?),
            assigned: assigned
                .into_iter()
                .map(|row| ((row.node, row.day), row.units))
                .collect(),
        })
    }

    fn view(&self, orc: &Orchestrator, node: &NetworkNode) -> NodeView {
        let now = orc.now();
        let code = &node.node.code;
        let today = node.calendar.local_day(now).to_string();
        let next_cutoff = node.calendar.next_cutoff(now);
        let load = NodeLoad {
            assigned_today: self
                .assigned
                .get(&(code.clone(), today))
                .copied()
                .unwrap_or(0),
            daily_capacity: node.node.daily_capacity,
            open_fulfillments: self.open.get(code).copied().unwrap_or(0),
            on_hand: self.on_hand.get(code).copied().unwrap_or(0),
            open_now: node.calendar.is_open_at(now),
            next_cutoff,
            next_cutoff_local: next_cutoff.map(|at| node.calendar.format_local(at)),
        };
        NodeView {
            node: node.node.clone(),
            load,
        }
    }
}

async fn find(
    on: &impl sea_orm::ConnectionTrait,
    actor: &Actor,
    code: &str,
) -> Result<Option<Node>> {
    let row = Entity::find_by_id((actor.merchant.0, code.to_owned()))
        .one(on)
        .await?;
    row.map(parse).transpose()
}

pub(super) fn parse(row: Model) -> Result<Node> {
    serde_json::from_str(&row.detail).map_err(Error::internal)
}

/// What the node can no longer do is planned again.
async fn moves_on(tx: &mut Tx, before: &Node, now: &Node) -> Result<()> {
    repair::node_down(tx, before, now).await?;
    repair::capacity_cut(tx, before, now).await?;
    Ok(())
}

async fn upsert(tx: &mut Tx, nodes: &[Node]) -> Result<()> {
    tx.network_changed();
    let update = OnConflict::columns([Column::MerchantId, Column::Code])
        .update_columns([
            Column::Name,
            Column::Kind,
            Column::Status,
            Column::Detail,
            Column::UpdatedAt,
        ])
        .to_owned();
    for node in nodes {
        let status = if node.status == NodeStatus::Active {
            "active"
        } else {
            "paused"
        };
        let row = Model {
            merchant_id: tx.merchant().0,
            code: node.code.clone(),
            name: node.name.clone(),
            kind: node.kind.as_str().to_owned(),
            status: status.to_owned(),
            detail: serde_json::to_string(node).map_err(Error::internal)?,
            updated_at: tx.now_us(),
        };
        Entity::insert(row.into_active_model())
            .on_conflict(update.clone())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}
