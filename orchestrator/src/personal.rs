//! What a person sets for themselves: how they like the screens, and lists of orders that they have named. Nobody else
//! sees it, so the log has nothing of it.

use engine::model::{FieldError, Permission, Preferences, SavedView, SavedViewId, UserId};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::saved_views::{Column, Entity, Model};
use crate::{Actor, Error, Orchestrator, Result, Who};

const MOST_VIEWS: u64 = 50;
const LONGEST_NAME: usize = 60;
const LONGEST_QUERY: usize = 2_000;
const MOST_COLUMNS: usize = 40;
const LONGEST_COLUMN: usize = 40;

/// A view as a person gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewView {
    pub name: String,
    /// As the address of the list has it, without `?`.
    pub query: String,
    pub columns: Vec<String>,
}

/// Keeps how the person likes the screens.
pub async fn set_preferences(
    orc: &Orchestrator,
    actor: &Actor,
    preferences: Preferences,
) -> Result<()> {
    let user = person(actor)?;
    if let Some(error) = check_columns("#/order_columns", &preferences.order_columns) {
        return Err(Error::Invalid(vec![error]));
    }
    let content = serde_json::to_string(&preferences).map_err(Error::internal)?;
    orc.write(actor.merchant, move |tx| {
        async move {
            let sql = "UPDATE users SET preferences = ? WHERE merchant_id = ? AND id = ?";
            sql::run(tx.conn(), sql, values![content, tx.merchant().0, user.0]).await?;
            Ok(())
        }
        .boxed()
    })
    .await
}

/// The person's views, in the order of their making.
pub async fn views(orc: &Orchestrator, actor: &Actor) -> Result<Vec<SavedView>> {
    actor.check(Permission::ReadOrders)?;
    let user = person(actor)?;
    let rows = Entity::find()
        .filter(Column::MerchantId.eq(actor.merchant.0))
        .filter(Column::UserId.eq(user.0))
        .order_by_asc(Column::Id)
        .all(orc.reader())
        .await?;
    rows.into_iter().map(view).collect()
}

/// Keeps a view under a new name. The same view once more is the one that is there.
pub async fn add_view(orc: &Orchestrator, actor: &Actor, new: NewView) -> Result<SavedView> {
    actor.check(Permission::ReadOrders)?;
    let user = person(actor)?;
    let new = checked(new)?;
    orc.write(actor.merchant, move |tx| {
        async move {
            if let Some(there) = named(tx, user, &new.name).await? {
                let there = view(there)?;
                if (&there.query, &there.columns) == (&new.query, &new.columns) {
                    return Ok(there);
                }
                return Err(taken(&new.name));
            }
            let have = Entity::find()
                .filter(Column::UserId.eq(user.0))
                .count(tx.conn())
                .await?;
            if have >= MOST_VIEWS {
                return Err(Error::Conflict(format!(
                    "there is room for {MOST_VIEWS} views: delete one that is not needed any more"
                )));
            }
            let row = Model {
                id: Uuid::now_v7(),
                merchant_id: tx.merchant().0,
                user_id: user.0,
                name: new.name,
                query: new.query,
                columns: serde_json::to_string(&new.columns).map_err(Error::internal)?,
                created_at: tx.now_us(),
            };
            Entity::insert(row.clone().into_active_model())
                .exec_without_returning(tx.conn())
                .await?;
            view(row)
        }
        .boxed()
    })
    .await
}

/// Changes a view of the person, its name or what it shows.
pub async fn change_view(
    orc: &Orchestrator,
    actor: &Actor,
    id: SavedViewId,
    new: NewView,
) -> Result<SavedView> {
    actor.check(Permission::ReadOrders)?;
    let user = person(actor)?;
    let new = checked(new)?;
    orc.write(actor.merchant, move |tx| {
        async move {
            if named(tx, user, &new.name)
                .await?
                .is_some_and(|there| there.id != id.0)
            {
                return Err(taken(&new.name));
            }
            let columns = serde_json::to_string(&new.columns).map_err(Error::internal)?;
            let sql = "UPDATE saved_views SET name = ?, query = ?, columns = ?
                WHERE id = ? AND merchant_id = ? AND user_id = ?";
            let bound = values![
                new.name.clone(),
                new.query.clone(),
                columns,
                id.0,
                tx.merchant().0,
                user.0
            ];
            if sql::run(tx.conn(), sql, bound).await? == 0 {
                return Err(Error::not_found("saved view", id.to_string()));
            }
            Ok(SavedView {
                id,
                name: new.name,
                query: new.query,
                columns: new.columns,
            })
        }
        .boxed()
    })
    .await
}

/// Forgets a view of the person. Forgotten again, it stays forgotten.
pub async fn delete_view(orc: &Orchestrator, actor: &Actor, id: SavedViewId) -> Result<()> {
    actor.check(Permission::ReadOrders)?;
    let user = person(actor)?;
    orc.write(actor.merchant, move |tx| {
        async move {
            let sql = "DELETE FROM saved_views WHERE id = ? AND merchant_id = ? AND user_id = ?";
            sql::run(tx.conn(), sql, values![id.0, tx.merchant().0, user.0]).await?;
            Ok(())
        }
        .boxed()
    })
    .await
}

fn person(actor: &Actor) -> Result<UserId> {
    match actor.who {
        Who::User { id, .. } => Ok(id),
        _ => Err(Error::Conflict(
            "only a person who is signed in has views and preferences".to_owned(),
        )),
    }
}

fn checked(new: NewView) -> Result<NewView> {
    let name = new.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut errors = Vec::new();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let detail = format!("a name of 1 to {LONGEST_NAME} characters is needed");
        errors.push(FieldError::new("#/name", detail));
    }
    if new.query.len() > LONGEST_QUERY {
        let detail = format!("what a view filters by has at most {LONGEST_QUERY} characters");
        errors.push(FieldError::new("#/query", detail));
    }
    errors.extend(check_columns("#/columns", &new.columns));
    if errors.is_empty() {
        Ok(NewView { name, ..new })
    } else {
        Err(Error::Invalid(errors))
    }
}

fn check_columns(field: &str, columns: &[String]) -> Option<FieldError> {
    let fits = columns.len() <= MOST_COLUMNS
        && columns
            .iter()
            .all(|column| !column.is_empty() && column.len() <= LONGEST_COLUMN);
    (!fits).then(|| {
        let detail = format!(
            "at most {MOST_COLUMNS} columns with names of 1 to {LONGEST_COLUMN} characters"
        );
        FieldError::new(field, detail)
    })
}

async fn named(tx: &Tx, user: UserId, name: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.0))
        .filter(Column::Name.eq(name))
        .one(tx.conn())
        .await?)
}

fn taken(name: &str) -> Error {
    Error::field("#/name", format!("there is a view called “{name}” already"))
}

fn view(row: Model) -> Result<SavedView> {
    Ok(SavedView {
        id: SavedViewId(row.id),
        name: row.name,
        query: row.query,
        columns: serde_json::from_str(&row.columns).map_err(Error::internal)?,
    })
}
