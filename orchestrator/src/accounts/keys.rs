use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::model::{ApiKeyView, FieldError, KeyId, KeyKind, MerchantId, Permission, Scope};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{access_event, secrets};
use crate::clock::from_micros;
use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::api_keys::{Column, Entity, Model};
use crate::{Actor, Error, Orchestrator, Result, Who};

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub name: String,
    pub kind: KeyKind,
    /// What a secret key may be used for; a publishable one only asks for promises.
    pub scopes: Vec<Scope>,
    /// Where a publishable key may be used from, such as `https://shop.example`.
    pub origins: Vec<String>,
}

/// Keys seen within the last seconds. A revoked key is refused at once by this process, and by others when its entry
/// here ends.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<HashMap<String, (Known, Instant)>>);

/// Whom a key stands for, and where it may be used from.
#[derive(Clone)]
struct Known {
    actor: Actor,
    origins: Vec<String>,
}

const CACHED_FOR: Duration = Duration::from_secs(5);
const CACHED_KEYS: usize = 10_000;
const MOST_ORIGINS: usize = 50;

impl KeyCache {
    fn get(&self, hash: &str) -> Option<Known> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache
            .get(hash)
            .filter(|(_, since)| since.elapsed() < CACHED_FOR)
            .map(|(known, _)| known.clone())
    }

    fn put(&self, hash: String, known: Known) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED_KEYS {
            cache.clear();
        }
        cache.insert(hash, (known, Instant::now()));
    }

    fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// The actor that a key stands for.
pub async fn actor_of_key(orc: &Orchestrator, secret: &str) -> Result<Actor> {
    Ok(known(orc, secret).await?.actor)
}

/// The actor that a publishable key stands for, used on a page of this origin. A key without origins may be used
/// everywhere, and who is no page has no origin.
pub async fn actor_of_publishable_key(
    orc: &Orchestrator,
    secret: &str,
    origin: Option<&str>,
) -> Result<Actor> {
    if !secret.starts_with("pk_") {
        return Err(Error::Unauthenticated(
            "a publishable key is needed, which starts with pk_".to_owned(),
        ));
    }
    let known = known(orc, secret).await?;
    let plain = |origin: &str| origin.trim_end_matches('/').to_ascii_lowercase();
    let fits = |origin: &str| {
        known
            .origins
            .iter()
            .any(|known| plain(known) == plain(origin))
    };
    match origin {
        Some(origin) if !known.origins.is_empty() && !fits(origin) => {
            Err(Error::Elsewhere(origin.chars().take(100).collect()))
        }
        _ => Ok(known.actor),
    }
}

async fn known(orc: &Orchestrator, secret: &str) -> Result<Known> {
    let unknown =
        || Error::Unauthenticated("this API key is not known, or it was revoked".to_owned());
    if !(secret.starts_with("sk_") || secret.starts_with("pk_")) || secret.len() > 200 {
        return Err(Error::Unauthenticated(
            "an API key starts with sk_ or pk_".to_owned(),
        ));
    }
    let hash = secrets::hash_key(secret);
    if let Some(known) = orc.key_cache().get(&hash) {
        return Ok(known);
    }
    let row = Entity::find()
        .filter(Column::Hash.eq(&hash))
        .one(orc.reader())
        .await?
        .ok_or_else(unknown)?;
    if row.revoked_at.is_some() {
        return Err(unknown());
    }
    let actor = Actor {
        merchant: MerchantId(row.merchant_id),
        who: Who::Key {
            id: KeyId(row.id),
            name: row.name,
            scopes: serde_json::from_str(&row.scopes).map_err(Error::internal)?,
        },
        idempotency: None,
    };
    let known = Known {
        actor,
        origins: serde_json::from_str(&row.origins).map_err(Error::internal)?,
    };
    orc.key_cache().put(hash, known.clone());
    Ok(known)
}

/// Makes a key; the second part of the answer is its secret, which is shown this once.
pub async fn add_key(
    orc: &Orchestrator,
    actor: &Actor,
    mut new: NewKey,
) -> Result<(ApiKeyView, String)> {
    actor.check(Permission::ManageAccess)?;
    let mut errors = Vec::new();
    if new.name.trim().is_empty() || new.name.len() > 200 {
        errors.push(FieldError::new(
            "#/name",
            "a name of 1 to 200 characters is needed",
        ));
    }
    if new.kind == KeyKind::Secret && new.scopes.is_empty() {
        errors.push(FieldError::new(
            "#/scopes",
            "a secret key needs one scope at least",
        ));
    }
    if new.kind == KeyKind::Secret && !new.origins.is_empty() {
        errors.push(FieldError::new(
            "#/origins",
            "a secret key is for servers, which have no origin; only a publishable key is kept to origins",
        ));
    }
    for (i, origin) in new.origins.iter_mut().enumerate() {
        match checked_origin(origin) {
            Ok(checked) => *origin = checked,
            Err(detail) => errors.push(FieldError::new(format!("#/origins/{i}"), detail)),
        }
    }
    if new.origins.len() > MOST_ORIGINS {
        let detail = format!(
            "a key has at most {MOST_ORIGINS} origins, not {}",
            new.origins.len()
        );
        errors.push(FieldError::new("#/origins", detail));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let secret = secrets::new_secret(if new.kind == KeyKind::Secret {
        "sk_"
    } else {
        "pk_"
    });
    let actor = actor.clone();
    let shown = secret.clone();
    let view = orc
        .write(actor.merchant, move |tx| {
            async move {
                let view = insert(tx, tx.merchant(), new, &secret).await?;
                let summary = format!("API key “{}” made", view.name);
                tx.emit(access_event("key.added", view.id, &actor, summary));
                Ok(view)
            }
            .boxed()
        })
        .await?;
    Ok((view, shown))
}

/// Every key, newest first, revoked ones included.
pub async fn keys(orc: &Orchestrator, actor: &Actor) -> Result<Vec<ApiKeyView>> {
    actor.check(Permission::ManageAccess)?;
    let rows = Entity::find()
        .filter(Column::MerchantId.eq(actor.merchant.0))
        .order_by_desc(Column::Id)
        .all(orc.reader())
        .await?;
    rows.into_iter().map(view).collect()
}

/// Ends a key. Ending it again changes nothing.
pub async fn revoke_key(orc: &Orchestrator, actor: &Actor, key: KeyId) -> Result<()> {
    actor.check(Permission::ManageAccess)?;
    let actor = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            let row = Entity::find_by_id(key.0)
                .filter(Column::MerchantId.eq(tx.merchant().0))
                .one(tx.conn())
                .await?;
            let row = row.ok_or_else(|| Error::not_found("API key", key.to_string()))?;
            if row.revoked_at.is_some() {
                return Ok(());
            }
            sql::run(
                tx.conn(),
                "UPDATE api_keys SET revoked_at = ? WHERE id = ?",
                values![tx.now_us(), key.0],
            )
            .await?;
            let summary = format!("API key “{}” revoked", row.name);
            tx.emit(access_event("key.revoked", key, &actor, summary));
            Ok(())
        }
        .boxed()
    })
    .await?;
    orc.key_cache().clear();
    Ok(())
}

/// An origin as browsers send it: scheme, host and, where it is not the usual one, port.
fn checked_origin(text: &str) -> std::result::Result<String, String> {
    let wrong = || {
        let shown: String = text.chars().take(80).collect();
        format!("'{shown}' is not an origin such as https://shop.example.com")
    };
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or_else(wrong)?;
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host, None),
    };
    let names_host = !host.is_empty()
        && host.len() <= 253
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.[]:".contains(&b));
    if !names_host || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(wrong());
    }
    Ok(text)
}

pub(super) async fn insert_demo_keys(
    tx: &Tx,
    merchant: MerchantId,
    secret: &str,
    publishable: &str,
) -> Result<()> {
    let key = |name: &str, kind, scopes: &[Scope]| NewKey {
        name: name.to_owned(),
        kind,
        scopes: scopes.to_vec(),
        origins: Vec::new(),
    };
    let all = key("Demo", KeyKind::Secret, Scope::ALL);
    insert(tx, merchant, all, secret).await?;
    let promises = key("Demo shop", KeyKind::Publishable, &[Scope::Promises]);
    insert(tx, merchant, promises, publishable).await?;
    Ok(())
}

async fn insert(tx: &Tx, merchant: MerchantId, new: NewKey, secret: &str) -> Result<ApiKeyView> {
    let scopes = if new.kind == KeyKind::Publishable {
        vec![Scope::Promises]
    } else {
        new.scopes
    };
    let row = Model {
        id: KeyId(Uuid::now_v7()).0,
        merchant_id: merchant.0,
        name: new.name.trim().to_owned(),
        kind: if new.kind == KeyKind::Secret {
            "secret"
        } else {
            "publishable"
        }
        .to_owned(),
        hash: secrets::hash_key(secret),
        last4: secret
            .chars()
            .skip(secret.len().saturating_sub(4))
            .collect(),
        scopes: serde_json::to_string(&scopes).map_err(Error::internal)?,
        origins: serde_json::to_string(&new.origins).map_err(Error::internal)?,
        created_at: tx.now_us(),
        revoked_at: None,
    };
    Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx.conn())
        .await?;
    view(row)
}

fn view(row: Model) -> Result<ApiKeyView> {
    Ok(ApiKeyView {
        id: KeyId(row.id),
        name: row.name,
        kind: if row.kind == "secret" {
            KeyKind::Secret
        } else {
            KeyKind::Publishable
        },
        last4: row.last4,
        scopes: serde_json::from_str(&row.scopes).map_err(Error::internal)?,
        origins: serde_json::from_str(&row.origins).map_err(Error::internal)?,
        created_at: from_micros(row.created_at),
        revoked_at: row.revoked_at.map(from_micros),
    })
}

#[cfg(test)]
mod tests {
    use super::checked_origin;

    #[test]
    fn an_origin_is_what_browsers_send() {
        for (given, kept) in [
            ("https://shop.example", "https://shop.example"),
            (" HTTPS://Shop.example/ ", "https://shop.example"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(checked_origin(given).as_deref(), Ok(kept));
        }
        for wrong in [
            "shop.example",
            "https://",
            "https://a/b",
            "https://a b",
            "ftp://a",
            "https://a:port",
            "*",
        ] {
            assert!(checked_origin(wrong).is_err(), "{wrong}");
        }
    }
}
