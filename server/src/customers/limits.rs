//! How often something may be tried, by whoever and whatever it is tried for. Kept in memory, and bounded whoever knocks.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_mins(10);
/// Subjects remembered at once.
const MOST: usize = 20_000;

/// Tries within the last minutes, by subject.
#[derive(Default)]
pub struct Limits(Mutex<HashMap<String, (u32, Instant)>>);

impl Limits {
    /// Counts a try; whether it is one of the first `most` of its subject within ten minutes.
    pub fn allows(&self, subject: &str, most: u32) -> bool {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= MOST {
            tries.retain(|_, (_, since)| since.elapsed() < WINDOW);
            if tries.len() >= MOST {
                tries.clear();
            }
        }
        // Addresses and numbers themselves are nobody's business here.
        let key = blake3::hash(subject.as_bytes()).to_hex().to_string();
        let entry = tries.entry(key).or_insert((0, Instant::now()));
        if entry.1.elapsed() >= WINDOW {
            *entry = (0, Instant::now());
        }
        entry.0 += 1;
        entry.0 <= most
    }
}

/// The network that an address is in: who has one address of it has the others.
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_so_many_tries_and_others_have_their_own() {
        let limits = Limits::default();
        assert!((0..3).all(|_| limits.allows("a", 3)));
        assert!(!limits.allows("a", 3) && limits.allows("b", 3));
        assert_eq!(network("203.0.113.9".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(
            network("2001:db8:1:2:3::1".parse().unwrap()),
            "2001:db8:1:2::/64"
        );
    }
}
