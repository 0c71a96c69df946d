//! Where a request comes from, and patience with addresses that keep guessing keys.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};

/// The client's address: the peer's, or what the trusted proxies in front of us say about it.
pub fn address(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
    let mut address = peer.to_canonical();
    if !trusted.contains(&address) {
        return address;
    }
    let forwarded = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    // Each proxy appends whom it heard from; what stands before the last untrusted hop is only claimed.
    for hop in hops.iter().rev() {
        let Ok(hop) = hop.parse::<IpAddr>() else {
            break;
        };
        address = hop.to_canonical();
        if !trusted.contains(&address) {
            break;
        }
    }
    address
}

/// Counts wrong keys per address; too many within a minute and the address has to wait.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<IpAddr, Failures>>);

struct Failures {
    count: u32,
    since: Instant,
}

const FREE_FAILURES: u32 = 30;
const WINDOW: Duration = Duration::from_mins(1);
/// Addresses remembered at once; the memory stays bounded whoever knocks.
const MOST_ADDRESSES: usize = 10_000;

impl Throttle {
    /// For how many seconds the address has to wait, if it has to.
    pub fn wait_s(&self, address: IpAddr) -> Option<u64> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = failures
            .get(&address)
            .filter(|entry| entry.count >= FREE_FAILURES)?;
        WINDOW
            .checked_sub(entry.since.elapsed())
            .map(|left| left.as_secs() + 1)
    }

    /// Counts a wrong key.
    pub fn failed(&self, address: IpAddr) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_ADDRESSES {
            failures.retain(|_, entry| entry.since.elapsed() < WINDOW);
            if failures.len() >= MOST_ADDRESSES {
                failures.clear();
            }
        }
        let entry = failures.entry(address).or_insert_with(|| Failures {
            count: 0,
            since: Instant::now(),
        });
        if entry.since.elapsed() >= WINDOW {
            *entry = Failures {
                count: 0,
                since: Instant::now(),
            };
        }
        entry.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
        address(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_its_own_neighbour() {
        assert_eq!(seen("9.9.9.9", "1.1.1.1", &[]), "9.9.9.9");
        assert_eq!(seen("10.0.0.1", "1.1.1.1", &["10.0.0.1"]), "1.1.1.1");
        assert_eq!(
            seen(
                "10.0.0.1",
                "6.6.6.6, 1.1.1.1, 10.0.0.2",
                &["10.0.0.1", "10.0.0.2"]
            ),
            "1.1.1.1"
        );
        assert_eq!(seen("10.0.0.1", "nonsense", &["10.0.0.1"]), "10.0.0.1");
    }

    #[test]
    fn an_address_waits_after_many_wrong_keys_and_others_do_not() {
        let (throttle, bad, good) = (
            Throttle::default(),
            IpAddr::from([1, 1, 1, 1]),
            IpAddr::from([2, 2, 2, 2]),
        );
        for _ in 0..FREE_FAILURES {
            assert_eq!(throttle.wait_s(bad), None);
            throttle.failed(bad);
        }
        assert!(throttle.wait_s(bad).is_some_and(|s| (1..=61).contains(&s)));
        assert_eq!(throttle.wait_s(good), None);
    }
}
