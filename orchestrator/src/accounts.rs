//! Merchants, their people and their keys.

mod changes;
mod keys;
mod people;
mod secrets;

pub use changes::{
    UserChange, change_own_password, change_user, reset_password, set_user_disabled,
};
pub(crate) use keys::KeyCache;
pub use keys::{NewKey, actor_of_key, actor_of_publishable_key, add_key, keys, revoke_key};
pub use people::{NewUser, actor_of, add_user, sign_in, users, viewer, viewer_of_session};
pub use secrets::{SignInSubject, new_password};

use engine::model::{Currency, MerchantId, MerchantView, UserId, Viewer};
use futures::FutureExt;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder,
};
use serde_json::json;
use uuid::Uuid;

use crate::store::tables::{channels, merchants};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result};

/// The channels that every merchant has from the start.
const CHANNELS: [(&str, &str); 6] = [
    ("web", "Web shop"),
    ("mobile", "Mobile app"),
    ("b2b", "B2B"),
    ("social", "Social"),
    ("marketplace", "Marketplace"),
    ("store", "Store"),
];

/// What the first visitor of an empty installation enters.
#[derive(Debug, Clone)]
pub struct NewMerchant {
    pub merchant_name: String,
    pub currency: Currency,
    /// IANA name.
    pub time_zone: String,
    pub owner_name: String,
    pub owner_email: String,
    pub owner_password: String,
}

/// Whether there is no merchant yet.
pub async fn is_empty(orc: &Orchestrator) -> Result<bool> {
    Ok(merchants::Entity::find().count(orc.reader()).await? == 0)
}

/// Every merchant, oldest first; for the command line and workers, which belong to none.
pub async fn merchants(orc: &Orchestrator) -> Result<Vec<MerchantView>> {
    let rows = merchants::Entity::find()
        .order_by_asc(merchants::Column::Id)
        .all(orc.reader())
        .await?;
    rows.into_iter().map(merchant_view).collect()
}

/// How a merchant comes to be.
enum Founding {
    /// Beside whatever others there are.
    Further,
    /// In an installation that has none.
    First,
    /// The same for the demonstration, with keys whose secrets everybody knows.
    Demo { secret: String, publishable: String },
}

/// Creates a merchant with its owner and the usual channels.
pub async fn create_merchant(orc: &Orchestrator, new: NewMerchant) -> Result<Viewer> {
    create(orc, new, Founding::Further).await
}

/// The same, unless there is a merchant already: what is asked by somebody whom nobody has let in.
pub async fn create_first_merchant(orc: &Orchestrator, new: NewMerchant) -> Result<Viewer> {
    create(orc, new, Founding::First).await
}

/// The same for the demonstration, which keeps apart from real data: only on an empty database, and with keys whose
/// secrets everybody knows.
pub async fn create_demo_merchant(
    orc: &Orchestrator,
    new: NewMerchant,
    secret: &str,
    publishable: &str,
) -> Result<Viewer> {
    let (secret, publishable) = (secret.to_owned(), publishable.to_owned());
    create(
        orc,
        new,
        Founding::Demo {
            secret,
            publishable,
        },
    )
    .await
}

/// Refuses where there is a merchant. In the transaction that makes one, so that of two that try at the same time only
/// one succeeds.
async fn check_empty(tx: &Tx) -> Result<()> {
    let there_is_one = async || -> Result<()> {
        if merchants::Entity::find().count(tx.conn()).await? == 0 {
            return Ok(());
        }
        Err(Error::Conflict(
            "there is a merchant already: let people in with 'baton user add'".to_owned(),
        ))
    };
    there_is_one().await?;
    // SQLite has one writer at a time anyway.
    if tx.conn().get_database_backend() == DatabaseBackend::Postgres {
        let lock = "LOCK TABLE merchants IN SHARE ROW EXCLUSIVE MODE";
        tx.conn().execute_unprepared(lock).await?;
        there_is_one().await?;
    }
    Ok(())
}

async fn create(orc: &Orchestrator, new: NewMerchant, founding: Founding) -> Result<Viewer> {
    let demo = matches!(founding, Founding::Demo { .. });
    let mut errors = people::check(
        &new.owner_email,
        &new.owner_name,
        &new.owner_password,
        demo,
        "owner_",
    );
    if new.merchant_name.trim().is_empty() || new.merchant_name.len() > 200 {
        errors.push(engine::model::FieldError::new(
            "#/merchant_name",
            "a name of 1 to 200 characters is needed",
        ));
    }
    if new.time_zone.parse::<chrono_tz::Tz>().is_err() {
        let detail = format!(
            "'{}' is not an IANA time zone such as America/New_York",
            new.time_zone
        );
        errors.push(engine::model::FieldError::new("#/time_zone", detail));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let password_hash = secrets::hash_password(new.owner_password.clone()).await?;
    let merchant_id = MerchantId(Uuid::now_v7());
    orc.write_global(move |tx| {
        async move {
            if !matches!(founding, Founding::Further) {
                check_empty(tx).await?;
            }
            let merchant = merchants::Model {
                id: merchant_id.0,
                name: new.merchant_name.trim().to_owned(),
                currency: new.currency.to_string(),
                time_zone: new.time_zone,
                demo,
                policy: "{}".to_owned(),
                event_seq: 0,
                event_hash: crate::events::GENESIS.to_owned(),
                order_seq: 10_000,
                network_version: 1,
                created_at: tx.now_us(),
            };
            let view = merchant_view(merchant.clone())?;
            merchants::Entity::insert(merchant.into_active_model())
                .exec_without_returning(tx.conn())
                .await?;
            insert_channels(tx, merchant_id).await?;
            let user = people::insert(
                tx,
                merchant_id,
                UserId(Uuid::now_v7()),
                NewUser {
                    email: new.owner_email,
                    name: new.owner_name,
                    role: engine::model::Role::Owner,
                    nodes: Vec::new(),
                    password: String::new(),
                },
                password_hash,
            )
            .await?;
            if let Founding::Demo {
                secret,
                publishable,
            } = &founding
            {
                keys::insert_demo_keys(tx, merchant_id, secret, publishable).await?;
            }
            Ok(Viewer {
                user,
                merchant: view,
                preferences: engine::model::Preferences::default(),
            })
        }
        .boxed()
    })
    .await
    .inspect(|viewer| tracing::info!(merchant = %viewer.merchant.id, demo, "merchant created"))
}

async fn insert_channels(tx: &Tx, merchant: MerchantId) -> Result<()> {
    let rows = CHANNELS.map(|(code, name)| {
        channels::Model {
            merchant_id: merchant.0,
            code: code.to_owned(),
            name: name.to_owned(),
        }
        .into_active_model()
    });
    channels::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

pub(crate) fn merchant_view(row: merchants::Model) -> Result<MerchantView> {
    Ok(MerchantView {
        id: MerchantId(row.id),
        name: row.name,
        currency: row.currency.parse().map_err(Error::internal)?,
        time_zone: row.time_zone,
        demo: row.demo,
    })
}

/// An event about who may enter.
fn access_event(
    kind: &'static str,
    subject: impl ToString,
    actor: &Actor,
    summary: String,
) -> NewEvent {
    NewEvent::new(kind, subject, actor, summary).data(json!({}))
}
