//! What was written where nothing is set up to send with: demonstrations, tests, the first steps of an installation.

use chrono::{DateTime, Utc};
use engine::model::{MerchantId, MessageKind};
use futures::FutureExt;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Due;
use crate::clock::from_micros;
use crate::store::sql::{self, values};
use crate::store::tables::mailbox::{Column, Entity, Model};
use crate::{Error, Orchestrator, Result};

/// Messages that are kept, the newest.
const KEPT: i64 = 500;

/// A message as its reader gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub id: Uuid,
    pub kind: MessageKind,
    pub to: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    pub at: DateTime<Utc>,
}

/// Puts a message into the mailbox, once.
pub async fn keep(
    orc: &Orchestrator,
    due: &Due,
    to: String,
    subject: String,
    html: String,
    text: String,
) -> Result<()> {
    let row = Model {
        id: due.id,
        merchant_id: due.merchant.0,
        kind: due.kind.to_string(),
        recipient: to,
        subject,
        html,
        body: text,
        sent_at: orc.now().timestamp_micros(),
    };
    orc.write_global(move |tx| {
        async move {
            let (id, merchant) = (row.id, row.merchant_id);
            sql::insert_new(tx.conn(), vec![row]).await?;
            let sql = "UPDATE messages SET status = 'sent', data = '{}', done_at = ?, problem = NULL WHERE id = ?";
            sql::run(tx.conn(), sql, values![tx.now_us(), id]).await?;
            let old = "DELETE FROM mailbox WHERE merchant_id = ? AND id <
                (SELECT id FROM mailbox WHERE merchant_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)";
            sql::run(tx.conn(), old, values![merchant, merchant, KEPT - 1]).await?;
            Ok(())
        }
        .boxed()
    })
    .await
}

/// The newest messages, to this address where one is given.
pub async fn mailbox(
    orc: &Orchestrator,
    merchant: MerchantId,
    to: Option<&str>,
    most: u64,
) -> Result<Vec<Mail>> {
    let mut query = Entity::find().filter(Column::MerchantId.eq(merchant.0));
    if let Some(to) = to {
        query = query.filter(Column::Recipient.eq(to));
    }
    let rows = query
        .order_by_desc(Column::Id)
        .limit(most)
        .all(orc.reader())
        .await?;
    rows.into_iter().map(parse).collect()
}

/// One message.
pub async fn mail(orc: &Orchestrator, merchant: MerchantId, id: Uuid) -> Result<Option<Mail>> {
    let row = Entity::find_by_id(id)
        .filter(Column::MerchantId.eq(merchant.0))
        .one(orc.reader())
        .await?;
    row.map(parse).transpose()
}

fn parse(row: Model) -> Result<Mail> {
    Ok(Mail {
        id: row.id,
        kind: row.kind.parse().map_err(Error::Internal)?,
        to: row.recipient,
        subject: row.subject,
        html: row.html,
        text: row.body,
        at: from_micros(row.sent_at),
    })
}
