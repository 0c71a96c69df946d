//! By when a node has to have done what it learns of now, counted in its opening hours.

use chrono::{DateTime, Utc};

use crate::network::Network;

/// When a node has to have said that it does it; never, where the merchant has set no time or the node does not open.
pub(crate) fn accept_by(
    network: &Network,
    node: &str,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let node = network.node(node)?;
    let minutes = network.work.times(node.node.kind).accept_minutes?;
    node.calendar.after_open_minutes(now, minutes)
}

/// When it has to be handed over: when the carrier comes for it, or sooner, where the merchant's nodes have less time.
pub(crate) fn ship_by(
    network: &Network,
    node: &str,
    carrier_comes: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let own = network.node(node).and_then(|node| {
        let hours = network.work.times(node.node.kind).ship_hours?;
        node.calendar.after_open_minutes(now, hours * 60)
    });
    [carrier_comes, own].into_iter().flatten().min()
}
