//! What changes about people after they were let in.

use engine::model::{Permission, Role, UserId, UserView};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{access_event, people, secrets};
use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::users::{Column, Entity, Model};
use crate::{Actor, Error, Orchestrator, Result, Who};

/// What somebody is to the merchant from now on.
#[derive(Debug, Clone)]
pub struct UserChange {
    pub name: String,
    pub role: Role,
    /// For `node_staff`: where they work.
    pub nodes: Vec<String>,
}

/// Changes what a person is called and may do. It counts from their next click on.
pub async fn change_user(
    orc: &Orchestrator,
    actor: &Actor,
    user: UserId,
    change: UserChange,
) -> Result<UserView> {
    actor.check(Permission::ManageAccess)?;
    let mut errors: Vec<_> = people::check_name(&change.name).into_iter().collect();
    errors.extend(people::check_work(change.role, &change.nodes));
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let actor = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            let mut row = find(tx, user).await?;
            let before = row.clone();
            if change.role != Role::Owner {
                keep_an_owner(tx, &row).await?;
            }
            people::check_nodes(tx, &change.nodes).await?;
            change.name.trim().clone_into(&mut row.name);
            row.role = change.role.to_string();
            let nodes = if change.role == Role::NodeStaff {
                change.nodes
            } else {
                Vec::new()
            };
            row.nodes = serde_json::to_string(&nodes).map_err(Error::internal)?;
            if row == before {
                return people::user_view(row);
            }
            let sql = "UPDATE users SET name = ?, role = ?, nodes = ? WHERE id = ?";
            let bound = values![
                row.name.clone(),
                row.role.clone(),
                row.nodes.clone(),
                row.id
            ];
            sql::run(tx.conn(), sql, bound).await?;
            let view = people::user_view(row)?;
            let summary = format!("{} is now {}", view.name, view.role.label().to_lowercase());
            tx.emit(access_event("user.changed", view.id, &actor, summary));
            Ok(view)
        }
        .boxed()
    })
    .await
}

/// Keeps a person from signing in, at once and in every browser, or lets them in again. Repeated, it changes nothing.
pub async fn set_user_disabled(
    orc: &Orchestrator,
    actor: &Actor,
    user: UserId,
    disabled: bool,
) -> Result<UserView> {
    actor.check(Permission::ManageAccess)?;
    if disabled && acts_on_themselves(actor, user) {
        return Err(Error::Conflict(
            "nobody can shut themselves out: another owner can".to_owned(),
        ));
    }
    let actor = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            let mut row = find(tx, user).await?;
            if row.disabled == disabled {
                return people::user_view(row);
            }
            if disabled {
                keep_an_owner(tx, &row).await?;
                // When they are let in again they sign in again.
                row.sessions_from = tx.now_us();
            }
            row.disabled = disabled;
            let sql = "UPDATE users SET disabled = ?, sessions_from = ? WHERE id = ?";
            sql::run(tx.conn(), sql, values![disabled, row.sessions_from, row.id]).await?;
            let view = people::user_view(row)?;
            let (kind, what) = if disabled {
                ("user.disabled", "may no longer sign in")
            } else {
                ("user.enabled", "may sign in again")
            };
            let summary = format!("{} {what}", view.name);
            tx.emit(access_event(kind, view.id, &actor, summary));
            Ok(view)
        }
        .boxed()
    })
    .await
}

/// Gives a person a new password, which ends their sessions everywhere. The second part of the answer is the password,
/// which is shown this once.
pub async fn reset_password(
    orc: &Orchestrator,
    actor: &Actor,
    user: UserId,
) -> Result<(UserView, String)> {
    actor.check(Permission::ManageAccess)?;
    let password = secrets::new_password();
    let hash = secrets::hash_password(password.clone()).await?;
    let actor = actor.clone();
    let view = orc
        .write(actor.merchant, move |tx| {
            async move {
                let row = find(tx, user).await?;
                set_password(tx, &row, hash).await?;
                let view = people::user_view(row)?;
                let summary = format!("{} got a new password", view.name);
                tx.emit(access_event(
                    "user.password_reset",
                    view.id,
                    &actor,
                    summary,
                ));
                Ok(view)
            }
            .boxed()
        })
        .await?;
    Ok((view, password))
}

/// A person changes their own password. Ends their sessions everywhere, the one that asks included: whoever asks signs
/// them in again.
pub async fn change_own_password(
    orc: &Orchestrator,
    actor: &Actor,
    current: &str,
    new: String,
) -> Result<UserId> {
    let Who::User { id, .. } = actor.who else {
        return Err(Error::Conflict("only people have passwords".to_owned()));
    };
    if !people::password_fits(&new) {
        return Err(Error::field("#/new", people::PASSWORD_RULE));
    }
    let row = Entity::find_by_id(id.0)
        .filter(Column::MerchantId.eq(actor.merchant.0))
        .one(orc.reader())
        .await?
        .ok_or_else(|| Error::not_found("person", id.to_string()))?;
    people::check_password(orc, &row, current).await?;
    let hash = secrets::hash_password(new).await?;
    let actor = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            let row = find(tx, id).await?;
            set_password(tx, &row, hash).await?;
            let summary = format!("{} changed their password", row.name);
            tx.emit(access_event("user.password_changed", id, &actor, summary));
            Ok(id)
        }
        .boxed()
    })
    .await
}

async fn set_password(tx: &Tx, row: &Model, hash: String) -> Result<()> {
    let sql = "UPDATE users SET password_hash = ?, sessions_from = ? WHERE id = ?";
    sql::run(tx.conn(), sql, values![hash, tx.now_us(), row.id]).await?;
    Ok(())
}

fn acts_on_themselves(actor: &Actor, user: UserId) -> bool {
    matches!(actor.who, Who::User { id, .. } if id == user)
}

async fn find(tx: &Tx, user: UserId) -> Result<Model> {
    Entity::find_by_id(user.0)
        .filter(Column::MerchantId.eq(tx.merchant().0))
        .one(tx.conn())
        .await?
        .ok_or_else(|| Error::not_found("person", user.to_string()))
}

/// Refuses to take the last owner's rights: nobody could give them back.
async fn keep_an_owner(tx: &Tx, row: &Model) -> Result<()> {
    if row.role != Role::Owner.as_str() || row.disabled {
        return Ok(());
    }
    let others = Entity::find()
        .filter(Column::MerchantId.eq(tx.merchant().0))
        .filter(Column::Role.eq(Role::Owner.as_str()))
        .filter(Column::Disabled.eq(false))
        .filter(Column::Id.ne(row.id))
        .count(tx.conn())
        .await?;
    if others > 0 {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "{} is the only owner: make somebody else an owner first",
        row.name
    )))
}
