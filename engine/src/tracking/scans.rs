use chrono::{DateTime, Utc};

use crate::model::{DelayReason, TrackingStatus};

/// A scan as far as it says where a package stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// `None` for a word that nobody knows.
    pub status: Option<TrackingStatus>,
    pub reason: Option<DelayReason>,
    pub at: DateTime<Utc>,
    /// Tells scans of the same moment apart.
    pub id: String,
}

/// What the scans of a package come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelState {
    /// Never `delayed`.
    pub status: TrackingStatus,
    /// Since when.
    pub status_at: DateTime<Utc>,
    /// When the carrier first had it in its hands.
    pub first_scan_at: Option<DateTime<Utc>>,
    pub last_scan_at: Option<DateTime<Utc>>,
    /// When it was first delivered, also where that was taken back later.
    pub delivered_at: Option<DateTime<Utc>>,
    pub delayed: Option<Delay>,
}

/// What a carrier says of a delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    pub reason: DelayReason,
    pub since: DateTime<Utc>,
}

/// The state of a package that left at `shipped_at`.
///
/// Scans count in the order in which they happened, so that one that comes late never moves the package back. What is
/// delivered stays so, unless the carrier takes it back (`exception`) or it is sent back; what is sent back stays so.
pub fn fold(shipped_at: DateTime<Utc>, scans: &mut [Scan]) -> ParcelState {
    // Of what happened in the same moment, the furthest counts last.
    scans.sort_by(|a, b| (a.at, a.status, &a.id).cmp(&(b.at, b.status, &b.id)));
    let mut state = ParcelState {
        status: TrackingStatus::PreTransit,
        status_at: shipped_at,
        first_scan_at: None,
        last_scan_at: None,
        delivered_at: None,
        delayed: None,
    };
    for scan in scans {
        state.last_scan_at = Some(scan.at);
        if scan.status != Some(TrackingStatus::PreTransit) {
            state.first_scan_at.get_or_insert(scan.at);
        }
        if let Some(status) = scan.status {
            state.take(status, scan);
        }
    }
    state
}

impl ParcelState {
    fn take(&mut self, status: TrackingStatus, scan: &Scan) {
        use TrackingStatus as S;
        let delay = |usual| {
            let reason = scan.reason.unwrap_or(usual);
            Some(Delay {
                reason,
                since: scan.at,
            })
        };
        let may_move = match self.status {
            S::ReturnToSender => false,
            S::Delivered => matches!(status, S::ReturnToSender | S::Exception),
            _ => status != S::PreTransit,
        };
        if !may_move {
            return;
        }
        match status {
            S::Delayed => {
                self.delayed = delay(DelayReason::CarrierDelay);
                return;
            }
            S::FailedAttempt => self.delayed = delay(DelayReason::RecipientAbsent),
            S::Exception => self.delayed = delay(DelayReason::Unknown),
            S::OutForDelivery | S::AvailableForPickup | S::ReturnToSender => self.delayed = None,
            S::Delivered => {
                self.delayed = None;
                self.delivered_at.get_or_insert(scan.at);
            }
            S::PreTransit | S::InTransit => {}
        }
        if self.status != status {
            self.status = status;
            self.status_at = scan.at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3_600, 0).unwrap()
    }

    fn of(scans: &[(i64, &str)]) -> ParcelState {
        let scan = |(i, (hour, word)): (usize, &(i64, &str))| Scan {
            status: TrackingStatus::of(word),
            reason: None,
            at: at(*hour),
            id: i.to_string(),
        };
        fold(
            at(0),
            &mut scans.iter().enumerate().map(scan).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn an_older_scan_never_moves_a_package_back() {
        let state = of(&[
            (5, "out_for_delivery"),
            (2, "in_transit"),
            (1, "pre_transit"),
        ]);
        assert_eq!(
            (state.status, state.status_at),
            (TrackingStatus::OutForDelivery, at(5))
        );
        assert_eq!(state.first_scan_at, Some(at(2)));
    }

    #[test]
    fn delivered_is_kept_unless_it_is_taken_back() {
        assert_eq!(
            of(&[(5, "delivered"), (6, "in_transit")]).status,
            TrackingStatus::Delivered
        );
        let back = of(&[
            (5, "delivered"),
            (6, "return_to_sender"),
            (7, "in_transit"),
            (8, "delivered"),
        ]);
        assert_eq!(
            (back.status, back.delivered_at),
            (TrackingStatus::ReturnToSender, Some(at(5)))
        );
        let corrected = of(&[(5, "delivered"), (6, "exception"), (9, "delivered")]);
        assert_eq!(
            (corrected.status, corrected.delivered_at),
            (TrackingStatus::Delivered, Some(at(5)))
        );
    }

    #[test]
    fn a_delay_is_said_beside_the_status_and_ends_at_the_door() {
        let late = of(&[(1, "in_transit"), (2, "delayed"), (3, "in_transit")]);
        assert_eq!(
            (late.status, late.delayed.map(|d| d.since)),
            (TrackingStatus::InTransit, Some(at(2)))
        );
        assert_eq!(of(&[(2, "delayed"), (3, "out_for_delivery")]).delayed, None);
    }

    #[test]
    fn a_word_that_nobody_knows_only_shows_that_the_package_is_alive() {
        let state = of(&[(1, "in_transit"), (4, "sang a song")]);
        assert_eq!(
            (state.status, state.last_scan_at),
            (TrackingStatus::InTransit, Some(at(4)))
        );
    }
}
