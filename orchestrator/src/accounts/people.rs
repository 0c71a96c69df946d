use std::net::IpAddr;

use engine::model::{FieldError, MerchantId, Permission, Role, UserId, UserView, Viewer};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::secrets::{self, SignInSubject};
use super::{access_event, merchant_view};
use crate::store::Tx;
use crate::store::tables::{merchants, users};
use crate::{Actor, Error, Orchestrator, Result, Who};

/// A person to let in.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// For `node_staff`: where they work.
    pub nodes: Vec<String>,
    /// At least 12 characters.
    pub password: String,
}

const NO_MATCH: &str = "this e-mail and password do not match";

/// Lets a person in by e-mail and password. Says no more than that they do not match, in the same time.
pub async fn sign_in(
    orc: &Orchestrator,
    email: &str,
    password: &str,
    from: IpAddr,
) -> Result<Viewer> {
    let email = normalized(email);
    let subjects = [
        SignInSubject::Email(email.clone()),
        SignInSubject::Address(from),
    ];
    for subject in &subjects {
        secrets::check_patience(orc, subject).await?;
    }
    let row = users::Entity::find()
        .filter(users::Column::Email.eq(&email))
        .one(orc.reader())
        .await?;
    let row = row.filter(|row| !row.disabled);
    let hash = row.as_ref().map(|row| row.password_hash.clone());
    let password: String = password.chars().take(1_000).collect();
    let fits = secrets::verify_password(password, hash).await?;
    secrets::count_attempt(orc, subjects, fits).await?;
    match row {
        Some(row) if fits => viewer(orc, UserId(row.id)).await,
        _ => Err(Error::Unauthenticated(NO_MATCH.to_owned())),
    }
}

/// The person of a session, as they are now.
pub async fn viewer(orc: &Orchestrator, user: UserId) -> Result<Viewer> {
    let gone = || Error::Unauthenticated("this person may no longer sign in".to_owned());
    let row = users::Entity::find_by_id(user.0)
        .one(orc.reader())
        .await?
        .filter(|row| !row.disabled)
        .ok_or_else(gone)?;
    let merchant = merchants::Entity::find_by_id(row.merchant_id)
        .one(orc.reader())
        .await?
        .ok_or_else(gone)?;
    Ok(Viewer {
        user: user_view(row)?,
        merchant: merchant_view(merchant)?,
    })
}

/// The person as one who acts.
pub fn actor_of(viewer: &Viewer) -> Actor {
    let user = &viewer.user;
    Actor {
        merchant: viewer.merchant.id,
        who: Who::User {
            id: user.id,
            name: user.name.clone(),
            role: user.role,
            nodes: user.nodes.clone(),
        },
        idempotency: None,
    }
}

/// Lets a person in from now on.
pub async fn add_user(orc: &Orchestrator, actor: &Actor, new: NewUser) -> Result<UserView> {
    actor.check(Permission::ManageAccess)?;
    let mut errors = check(&new.email, &new.name, &new.password, false, "");
    if new.role == Role::NodeStaff && new.nodes.is_empty() {
        errors.push(FieldError::new(
            "#/nodes",
            "node staff work at one node at least",
        ));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let hash = secrets::hash_password(new.password.clone()).await?;
    let actor = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            for (i, node) in new.nodes.iter().enumerate() {
                let id = (tx.merchant().0, node.clone());
                if crate::store::tables::nodes::Entity::find_by_id(id)
                    .one(tx.conn())
                    .await?
                    .is_none()
                {
                    return Err(Error::field(
                        format!("#/nodes/{i}"),
                        format!("there is no node '{node}'"),
                    ));
                }
            }
            let user = insert(tx, actor.merchant, UserId(Uuid::now_v7()), new, hash).await?;
            let summary = format!(
                "{} may sign in as {}",
                user.name,
                user.role.label().to_lowercase()
            );
            tx.emit(access_event("user.added", user.id, &actor, summary));
            Ok(user)
        }
        .boxed()
    })
    .await
}

/// Everybody who may sign in.
pub async fn users(orc: &Orchestrator, actor: &Actor) -> Result<Vec<UserView>> {
    actor.check(Permission::ManageAccess)?;
    let rows = users::Entity::find()
        .filter(users::Column::MerchantId.eq(actor.merchant.0))
        .order_by_asc(users::Column::Email)
        .all(orc.reader())
        .await?;
    rows.into_iter().map(user_view).collect()
}

pub(super) async fn insert(
    tx: &Tx,
    merchant: MerchantId,
    id: UserId,
    new: NewUser,
    password_hash: String,
) -> Result<UserView> {
    let email = normalized(&new.email);
    let taken = users::Entity::find()
        .filter(users::Column::Email.eq(&email))
        .one(tx.conn())
        .await?;
    if taken.is_some() {
        return Err(Error::field(
            "#/email",
            "somebody already signs in with this e-mail",
        ));
    }
    let row = users::Model {
        id: id.0,
        merchant_id: merchant.0,
        email,
        name: new.name.trim().to_owned(),
        role: new.role.to_string(),
        nodes: serde_json::to_string(&new.nodes).map_err(Error::internal)?,
        password_hash,
        disabled: false,
        created_at: tx.now_us(),
    };
    let view = user_view(row.clone())?;
    users::Entity::insert(row.into_active_model())
        .exec_without_returning(tx.conn())
        .await?;
    Ok(view)
}

pub(super) fn check(
    email: &str,
    name: &str,
    password: &str,
    demo: bool,
    prefix: &str,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, detail: &str| {
        errors.push(FieldError::new(format!("#/{prefix}{field}"), detail));
    };
    let email = normalized(email);
    let plausible = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    if !plausible || email.len() > 254 || email.chars().any(char::is_whitespace) {
        wrong(
            "email",
            "an e-mail address such as ana@example.com is needed",
        );
    }
    if name.trim().is_empty() || name.len() > 200 {
        wrong("name", "a name of 1 to 200 characters is needed");
    }
    // The demonstration's password is printed for everybody anyway.
    let shortest = if demo { 1 } else { 12 };
    if password.chars().count() < shortest || password.len() > 1_000 {
        wrong("password", "a password has 12 to 1,000 characters");
    }
    errors
}

fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

fn user_view(row: users::Model) -> Result<UserView> {
    Ok(UserView {
        id: UserId(row.id),
        email: row.email,
        name: row.name,
        role: row.role.parse().map_err(Error::Internal)?,
        nodes: serde_json::from_str(&row.nodes).map_err(Error::internal)?,
    })
}
