use std::collections::HashMap;

use engine::model::{FulfillmentId, FulfillmentRow, FulfillmentStatus, NewScan};
use orchestrator::{Actor, Orchestrator, PageRequest, Result, fulfillments, tracking};

use super::pick;

/// Scans in one call.
const AT_ONCE: usize = 500;
/// Packages that a round looks at, at most.
const MOST_IN_A_ROUND: usize = 5_000;

/// Carriers, who scan what they are given on its way.
pub struct Carriers {
    /// Seconds of demo time per second.
    speed: f64,
    /// How many of its scans a package has had; what is forgotten is told again, which changes nothing.
    told: HashMap<FulfillmentId, usize>,
}

impl Carriers {
    pub fn new(speed: f64) -> Self {
        Carriers {
            speed,
            told: HashMap::new(),
        }
    }

    /// Reports every scan whose time has come.
    pub async fn scan(&mut self, orc: &Orchestrator, actor: &Actor) -> Result<()> {
        let mut page = PageRequest::first(PageRequest::MAX);
        let (mut seen, mut scans, mut on_the_way) = (0, Vec::new(), HashMap::new());
        loop {
            let shipped = Some(FulfillmentStatus::Shipped);
            let rows = fulfillments::list(orc, actor, None, shipped, &page).await?;
            seen += rows.items.len();
            for row in &rows.items {
                let told = self.told.get(&row.fulfillment.id).copied().unwrap_or(0);
                let due = self.due(orc, row);
                scans.extend(due.iter().skip(told).cloned());
                on_the_way.insert(row.fulfillment.id, due.len());
            }
            if rows.next_cursor.is_none() || seen >= MOST_IN_A_ROUND {
                break;
            }
            page.cursor = rows.next_cursor;
        }
        for part in scans.chunks(AT_ONCE) {
            tracking::report(orc, actor, part.to_vec()).await?;
        }
        self.told = on_the_way;
        Ok(())
    }

    /// The scans that a package has had by now, oldest first.
    fn due(&self, orc: &Orchestrator, row: &FulfillmentRow) -> Vec<NewScan> {
        let package = &row.fulfillment;
        let Some(number) = &package.tracking_number else {
            return Vec::new();
        };
        let key = package.id.to_string();
        let days = u64::from(package.transit_days.unwrap_or(1));
        let minutes = (days * 1_440 + pick(&format!("{key} takes"), 600)) as f64;
        let trouble = pick(&format!("{key} on its way"), 100);
        let mut steps = vec![
            (0.06, "in_transit", "Picked up"),
            (0.4, "in_transit", "Arrived at the hub"),
        ];
        match trouble {
            0 | 1 => steps.push((0.6, "delayed.weather", "Roads are closed")),
            2 => steps.push((0.6, "delayed.sorting_error", "Missorted")),
            _ => steps.push((0.65, "in_transit", "Left the hub")),
        }
        if trouble < 3 {
            steps.push((1.1, "in_transit", "Left the hub"));
            steps.push((1.4, "out_for_delivery", "Out for delivery"));
            steps.push((1.55, "delivered", "Delivered"));
        } else {
            steps.push((0.85, "out_for_delivery", "Out for delivery"));
            if trouble == 3 {
                steps.push((0.95, "failed_attempt", "Nobody there"));
                steps.push((1.3, "out_for_delivery", "Out for delivery"));
                steps.push((1.4, "delivered", "Delivered"));
            } else {
                steps.push((1.0, "delivered", "Delivered"));
            }
        }
        let now = orc.now();
        let waited = (now - package.updated_at).num_milliseconds() as f64 / 60_000.0 * self.speed;
        let has_come = steps.into_iter().enumerate();
        let has_come = has_come.filter(|(_, (part, _, _))| part * minutes <= waited);
        has_come
            .map(|(i, (_, status, message))| NewScan {
                tracking_number: number.clone(),
                status: status.to_owned(),
                occurred_at: now.fixed_offset(),
                event_id: format!("{key} {i}"),
                location: None,
                message: Some(message.to_owned()),
            })
            .collect()
    }
}
