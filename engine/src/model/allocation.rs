//! How the units of a stock row are divided among channels.
//!
//! A channel may have units of its own, as a share of what is for sale or as a fixed number; what is nobody's own is
//! common. A channel takes of its own first; where that is used up, one that spills over goes on with what is common.
//! Channels without a rule have what is common. All of it is about what lies at the node now: units that have left
//! count no more, neither for a channel nor against it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::node::NodeKind;
use super::scope::{StockPlace, StockScope};

/// Units that are set aside for a channel, of what the rule is about. What it leaves out, it is about all of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AllocationRule {
    /// Code of the channel.
    pub channel: String,
    /// One product. Narrower than a category.
    #[serde(default)]
    pub sku: Option<String>,
    /// All products of a category.
    #[serde(default)]
    pub category: Option<String>,
    /// One node. Narrower than a kind of node.
    #[serde(default)]
    pub node: Option<String>,
    /// All nodes of a kind.
    #[serde(default)]
    pub node_kind: Option<NodeKind>,
    /// Percent of what is for sale at each node, 0 to 100. Either this or `units`.
    #[serde(default)]
    pub share: Option<u8>,
    /// Units at each node, 0 to 1,000,000. Either this or `share`.
    #[serde(default)]
    pub units: Option<i64>,
    /// Whether the channel goes on with what is nobody's own when its own is used up.
    #[serde(default)]
    pub spill_over: bool,
}

impl AllocationRule {
    /// What it is about.
    pub fn scope(&self) -> StockScope<'_> {
        StockScope {
            sku: self.sku.as_deref(),
            category: self.category.as_deref(),
            node: self.node.as_deref(),
            node_kind: self.node_kind,
        }
    }
}

/// What rules make of one row: the channels that have units of their own there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims(Vec<Claim>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    channel: String,
    own: Own,
    spill_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Share(u8),
    Units(i64),
}

impl Claims {
    /// Of each channel the narrowest rule that covers the row; `None` where no rule does.
    pub fn of<'r>(
        rules: impl IntoIterator<Item = &'r AllocationRule>,
        row: &StockPlace<'_>,
    ) -> Option<Self> {
        let mut narrowest: Vec<&AllocationRule> = Vec::new();
        for rule in rules {
            if !rule.scope().covers(row) {
                continue;
            }
            match narrowest.iter_mut().find(|r| r.channel == rule.channel) {
                Some(before) if before.scope().narrowness() < rule.scope().narrowness() => {
                    *before = rule;
                }
                Some(_) => {}
                None => narrowest.push(rule),
            }
        }
        let claims = narrowest.into_iter().map(|rule| Claim {
            channel: rule.channel.clone(),
            own: match (rule.share, rule.units) {
                (Some(share), _) => Own::Share(share.min(100)),
                (None, units) => Own::Units(units.unwrap_or(0).max(0)),
            },
            spill_over: rule.spill_over,
        });
        let claims: Vec<_> = claims.collect();
        (!claims.is_empty()).then_some(Claims(claims))
    }

    /// Units of each channel's own. Fixed numbers come first, then shares, each in the order of the rules and up to
    /// what is left. Shares are rounded so that those which add up to 100 leave nothing over.
    fn own(&self, for_sale: i64) -> Vec<i64> {
        let mut left = for_sale;
        let mut own = vec![0; self.0.len()];
        for (own, claim) in own.iter_mut().zip(&self.0) {
            if let Own::Units(units) = claim.own {
                *own = units.min(left);
                left -= *own;
            }
        }
        let (mut percent, mut up_to) = (0, 0);
        for (own, claim) in own.iter_mut().zip(&self.0) {
            if let Own::Share(share) = claim.own {
                percent = (percent + i64::from(share)).min(100);
                let next = for_sale * percent / 100;
                *own = (next - up_to).min(left);
                (up_to, left) = (next, left - *own);
            }
        }
        own
    }
}

/// One row that is divided: what is for sale of it, and what each channel has reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    claims: Claims,
    /// on hand − safety stock, never below 0.
    for_sale: i64,
    reserved: BTreeMap<String, i64>,
}

/// What one channel has of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelUnits {
    pub channel: String,
    /// Units set aside for it.
    pub own: i64,
    pub reserved: i64,
    /// Units that it may still take: what is left of its own, and where it spills over, of what is nobody's own.
    pub available: i64,
}

impl Division {
    pub fn new(
        claims: Claims,
        on_hand: i64,
        safety_stock: i64,
        reserved: BTreeMap<String, i64>,
    ) -> Self {
        Division {
            claims,
            for_sale: (on_hand - safety_stock).max(0),
            reserved,
        }
    }

    /// Units that a channel may take, if so many more were there (`coming`). The one place where this is said.
    pub fn may_take(&self, channel: &str, coming: i64) -> i64 {
        let for_sale = self.for_sale + coming;
        let (own, common) = self.split(for_sale);
        let available = for_sale - self.reserved.values().sum::<i64>();
        let (left, spill_over) = self.own_left(channel, &own);
        let common = if spill_over { common.max(0) } else { 0 };
        (left + common).min(available).max(0)
    }

    /// Whether what the channel has reserved is within what it may: of its own, or of what is common as long as that
    /// reaches. To be asked after it has taken something.
    pub fn is_within(&self, channel: &str) -> bool {
        let (own, common) = self.split(self.for_sale);
        let reserved = self.reserved.get(channel).copied().unwrap_or(0);
        match self.position(channel) {
            Some(i) if reserved <= own[i] => true,
            Some(i) => self.claims.0[i].spill_over && common >= 0,
            None => reserved == 0 || common >= 0,
        }
    }

    /// A channel takes units, or gives them back where they are negative.
    pub fn take(&mut self, channel: &str, units: i64) {
        *self.reserved.entry(channel.to_owned()).or_default() += units;
    }

    /// What each channel has that a rule is about or that has something reserved.
    pub fn channels(&self) -> Vec<ChannelUnits> {
        let own = self.claims.own(self.for_sale);
        let with_rule = self.claims.0.iter().map(|claim| claim.channel.as_str());
        let others = self
            .reserved
            .iter()
            .filter(|(channel, units)| **units != 0 && self.position(channel).is_none());
        let channels = with_rule.chain(others.map(|(channel, _)| channel.as_str()));
        channels
            .map(|channel| ChannelUnits {
                channel: channel.to_owned(),
                own: self.position(channel).map_or(0, |i| own[i]),
                reserved: self.reserved.get(channel).copied().unwrap_or(0),
                available: self.may_take(channel, 0),
            })
            .collect()
    }

    /// Each channel's own, and what is left of the common units; below 0 where more of them is reserved than there is.
    fn split(&self, for_sale: i64) -> (Vec<i64>, i64) {
        let own = self.claims.own(for_sale);
        let common = for_sale - own.iter().sum::<i64>();
        let taken = self.reserved.iter().map(|(channel, reserved)| {
            let own = self.position(channel).map_or(0, |i| own[i]);
            (reserved - own).max(0)
        });
        let left = common - taken.sum::<i64>();
        (own, left)
    }

    /// What is left of the channel's own, and whether it may go on with what is common.
    fn own_left(&self, channel: &str, own: &[i64]) -> (i64, bool) {
        let reserved = self.reserved.get(channel).copied().unwrap_or(0);
        self.position(channel).map_or((0, true), |i| {
            ((own[i] - reserved).max(0), self.claims.0[i].spill_over)
        })
    }

    fn position(&self, channel: &str) -> Option<usize> {
        self.claims.0.iter().position(|c| c.channel == channel)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHANNELS: [&str; 4] = ["web", "store", "b2b", "app"];

    fn rule(
        channel: &str,
        share: Option<u8>,
        units: Option<i64>,
        spill_over: bool,
    ) -> AllocationRule {
        AllocationRule {
            channel: channel.to_owned(),
            share,
            units,
            spill_over,
            ..AllocationRule::default()
        }
    }

    fn place<'a>() -> StockPlace<'a> {
        StockPlace {
            sku: "TEA",
            category: Some("drinks"),
            node: "east",
            kind: NodeKind::Warehouse,
        }
    }

    fn division(rules: &[AllocationRule], on_hand: i64) -> Division {
        let claims = Claims::of(rules, &place()).unwrap();
        Division::new(claims, on_hand, 0, BTreeMap::new())
    }

    #[test]
    fn own_units_first_and_then_what_is_common_where_it_spills_over() {
        let rules = [
            rule("web", Some(40), None, true),
            rule("store", None, Some(30), false),
        ];
        let mut row = division(&rules, 100);
        // 40 and 30 are somebody's own, 30 are common.
        let may = |row: &Division| CHANNELS.map(|channel| row.may_take(channel, 0));
        assert_eq!(may(&row), [70, 30, 30, 30]);
        row.take("web", 50);
        assert_eq!(may(&row), [20, 30, 20, 20]);
        row.take("b2b", 20);
        assert_eq!(may(&row), [0, 30, 0, 0]);
        row.take("store", 30);
        assert_eq!(may(&row), [0; 4]);
        row.take("web", -45);
        assert_eq!(may(&row), [45, 0, 10, 10], "10 of its 50 were common");
    }

    #[test]
    fn shares_that_make_up_the_whole_leave_no_unit_over() {
        let rules: Vec<_> = CHANNELS
            .iter()
            .zip([50, 30, 20])
            .map(|(channel, share)| rule(channel, Some(share), None, false))
            .collect();
        for on_hand in 0..40 {
            let row = division(&rules, on_hand);
            let sum: i64 = CHANNELS
                .iter()
                .map(|channel| row.may_take(channel, 0))
                .sum();
            assert_eq!(sum, on_hand);
        }
    }

    #[test]
    fn the_narrowest_rule_of_a_channel_holds_and_what_is_not_there_is_nobodys() {
        let mut narrow = rule("web", None, Some(10), false);
        narrow.sku = Some("TEA".to_owned());
        let mut elsewhere = rule("web", None, Some(99), false);
        elsewhere.node = Some("west".to_owned());
        let rules = [
            rule("web", Some(90), None, true),
            narrow,
            elsewhere,
            rule("store", Some(100), None, false),
        ];
        let row = division(&rules, 15);
        assert_eq!(row.may_take("web", 0), 10);
        assert_eq!(row.may_take("store", 0), 5);
        assert_eq!(
            row.may_take("web", 20),
            10,
            "its number stays when more comes"
        );
        assert_eq!(row.may_take("store", 20), 25);
        assert!(Claims::of(&rules[2..3], &place()).is_none());
    }

    proptest! {
        /// Whatever channels take and give back and however the level moves: each takes what it may and not one unit
        /// more, what it took is found to be within, and all that is there is somebody's to take.
        #[test]
        fn nobody_takes_more_than_it_may_and_no_unit_is_lost(
            rules in prop::collection::vec((0..4_usize, prop::option::of(0..=100_u8), 0..60_i64, any::<bool>()), 1..5),
            on_hand in 0..120_i64,
            steps in prop::collection::vec((0..4_usize, -20..40_i64), 0..30),
            correction in -60..60_i64,
        ) {
            let mut rules: Vec<_> = rules.into_iter()
                .map(|(channel, share, units, spills)| rule(CHANNELS[channel], share, share.is_none().then_some(units), spills))
                .collect();
            rules.sort_by(|a, b| a.channel.cmp(&b.channel));
            rules.dedup_by(|a, b| a.channel == b.channel);
            let mut row = division(&rules, on_hand);
            let mut taken = BTreeMap::<&str, i64>::new();
            for (channel, units) in steps {
                let channel = CHANNELS[channel];
                let before = row.clone();
                let may = row.may_take(channel, 0);
                if units < 0 {
                    let back = (-units).min(taken.get(channel).copied().unwrap_or(0));
                    row.take(channel, -back);
                    *taken.entry(channel).or_default() -= back;
                } else {
                    row.take(channel, units);
                    let reserved: i64 = row.reserved.values().sum();
                    prop_assert_eq!(row.is_within(channel) && reserved <= on_hand, units <= may || units == 0);
                    if units > may {
                        row = before;
                        continue;
                    }
                    *taken.entry(channel).or_default() += units;
                }
                prop_assert!(row.reserved.values().sum::<i64>() <= on_hand);
                // What is anybody's own and what is common make up what is there.
                let own = row.claims.own(row.for_sale);
                let left: i64 = CHANNELS.iter().map(|channel| row.own_left(channel, &own).0).sum();
                prop_assert_eq!(left + row.split(row.for_sale).1, on_hand - row.reserved.values().sum::<i64>());
            }
            // After a count nobody may take what is not there.
            row.for_sale = (row.for_sale + correction).max(0);
            let available = (row.for_sale - row.reserved.values().sum::<i64>()).max(0);
            for channel in CHANNELS {
                let may = row.may_take(channel, 0);
                prop_assert!((0..=available).contains(&may));
            }
        }
    }
}
