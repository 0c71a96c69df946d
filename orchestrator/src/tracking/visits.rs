//! Browsers that have come by a link: known by a cookie from then on, so that the link's secret leaves the address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use futures::FutureExt;
use sea_orm::EntityTrait;

use super::links::{access, hash_of};
use super::{Access, Tier};
use crate::store::sql::{self, values};
use crate::store::tables::{tracking_links, tracking_visits};
use crate::{Orchestrator, Result};

/// For how long a browser is known.
pub const KNOWN_FOR: Duration = Duration::days(30);
/// Browsers of one link; the oldest make room.
const MOST: i64 = 50;

/// 144 bits of chance.
pub(super) fn random_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 18]>())
}

/// Makes a browser known that has come by a link; returns the secret that its cookie keeps. Not for links to share.
pub async fn enter(orc: &Orchestrator, access: &Access) -> Result<Option<String>> {
    if access.is_shared {
        return Ok(None);
    }
    let secret = random_secret();
    let (hash, link) = (hash_of(&secret), access.link.clone());
    orc.write(access.merchant, move |tx| {
        async move {
            let old = "DELETE FROM tracking_visits WHERE link_hash = ? AND hash NOT IN
                (SELECT hash FROM tracking_visits WHERE link_hash = ? ORDER BY made_at DESC LIMIT ?)";
            sql::run(tx.conn(), old, values![link.clone(), link.clone(), MOST - 1]).await?;
            let row = tracking_visits::Model {
                hash,
                link_hash: link,
                made_at: tx.now_us(),
                expires_at: (tx.now() + KNOWN_FOR).timestamp_micros(),
                code_hash: None,
                code_until: None,
                code_tries: 0,
                codes_sent: 0,
                verified_until: None,
            };
            sql::insert(tx.conn(), vec![row]).await?;
            Ok(())
        }
        .boxed()
    })
    .await?;
    Ok(Some(secret))
}

/// Which order a known browser may see under this reference.
pub async fn visit(orc: &Orchestrator, reference: &str, secret: &str) -> Result<Option<Access>> {
    if secret.len() != 24 {
        return Ok(None);
    }
    let hash = hash_of(secret);
    let now = orc.now().timestamp_micros();
    let row = tracking_visits::Entity::find_by_id(hash.clone())
        .one(orc.reader())
        .await?;
    let Some(row) = row.filter(|row| row.expires_at > now && row.link_hash.starts_with(reference))
    else {
        return Ok(None);
    };
    let link = tracking_links::Entity::find_by_id(row.link_hash)
        .one(orc.reader())
        .await?;
    let Some(link) = link.filter(|link| link.revoked_at.is_none()) else {
        return Ok(None);
    };
    let tier = if row.verified_until.is_some_and(|until| until > now) {
        Tier::Verified
    } else {
        Tier::Browser
    };
    Ok(Some(access(link, tier, Some(hash))))
}

/// A link for whoever waits with the customer; it never shows more than the states, dates and items.
pub async fn share(orc: &Orchestrator, with: &Access) -> Result<String> {
    let secret = random_secret();
    let row = tracking_links::Model {
        hash: hash_of(&secret),
        merchant_id: with.merchant.0,
        order_id: with.order.0,
        generation: None,
        made_at: 0,
        revoked_at: None,
    };
    orc.write(with.merchant, move |tx| {
        async move {
            let made_at = tx.now_us();
            sql::insert(tx.conn(), vec![tracking_links::Model { made_at, ..row }]).await?;
            Ok(())
        }
        .boxed()
    })
    .await?;
    Ok(format!("/t/{secret}"))
}

/// Forgets browsers that are no longer known; tells how many.
pub async fn forget_old(orc: &Orchestrator) -> Result<u64> {
    orc.write_global(|tx| {
        async move {
            let sql = "DELETE FROM tracking_visits WHERE expires_at < ?";
            Ok(sql::run(tx.conn(), sql, values![tx.now_us()]).await?)
        }
        .boxed()
    })
    .await
}
