//! How much somebody may ask in a minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::config::Config;

/// Those who are remembered at once; the memory stays bounded whoever asks.
const MOST: usize = 50_000;

/// What shop pages may ask.
pub struct Quotas {
    pub keys: Quota<String>,
    pub addresses: Quota<IpAddr>,
}

impl Quotas {
    pub fn new(config: &Config) -> Self {
        Quotas {
            keys: Quota::new(config.promises_per_key),
            addresses: Quota::new(config.promises_per_address),
        }
    }
}

/// A bucket for each of them, which holds a minute's worth of questions and fills all the time.
pub struct Quota<K> {
    /// 0 for no limit.
    per_minute: u32,
    buckets: Mutex<HashMap<K, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl<K: Hash + Eq> Quota<K> {
    pub fn new(per_minute: u32) -> Self {
        Quota {
            per_minute,
            buckets: Mutex::default(),
        }
    }

    /// Takes so many questions; where there are not as many left, tells in how many seconds there will be.
    pub fn take(&self, who: K, questions: usize) -> Option<u64> {
        self.take_at(who, questions, Instant::now())
    }

    fn take_at(&self, who: K, questions: usize, now: Instant) -> Option<u64> {
        if self.per_minute == 0 {
            return None;
        }
        let most = f64::from(self.per_minute);
        let per_second = most / 60.0;
        let filled = |bucket: &Bucket| {
            let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.left + passed * per_second).min(most)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&who) {
            // A full bucket is as good as none.
            buckets.retain(|_, bucket| filled(bucket) < most);
            if buckets.len() >= MOST {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(who).or_insert(Bucket {
            left: most,
            at: now,
        });
        let left = filled(bucket);
        // More than fits into a bucket is let through when it is full.
        let wanted = (questions as f64).min(most);
        *bucket = Bucket { left, at: now };
        if left < wanted {
            return Some(((wanted - left) / per_second).ceil().max(1.0) as u64);
        }
        bucket.left = left - wanted;
        None
    }
}

/// Whom an address stands for: whoever has an IPv6 address has the whole /64.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_minutes_worth_at_once_and_then_as_it_fills() {
        let quota = Quota::new(60);
        let start = Instant::now();
        let take = |who, n, after| quota.take_at(who, n, start + Duration::from_secs(after));
        assert_eq!(take("a", 58, 0), None);
        assert_eq!(take("a", 5, 0), Some(3));
        assert_eq!(take("b", 60, 0), None, "others have their own");
        assert_eq!(take("a", 5, 3), None);
        assert_eq!(take("a", 1, 3), Some(1));
        assert_eq!(
            take("a", 60, 3_600),
            None,
            "it holds no more than a minute's worth"
        );
        assert_eq!(take("a", 1, 3_600), Some(1));
        assert_eq!(Quota::new(0).take("a", 1_000_000), None, "0 is no limit");
    }

    #[test]
    fn an_ipv6_network_is_one() {
        let of = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }
}
