use std::net::IpAddr;

use chrono::{DateTime, Utc};
use engine::model::{
    FieldError, MerchantId, Permission, Preferences, Role, UserId, UserView, Viewer,
};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::secrets::{self, SignInSubject};
use super::{access_event, merchant_view};
use crate::store::Tx;
use crate::store::tables::{merchants, nodes, users};
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
    secrets::count_attempt(orc, subjects.to_vec(), fits).await?;
    match row {
        Some(row) if fits => viewer(orc, UserId(row.id)).await,
        _ => Err(Error::Unauthenticated(NO_MATCH.to_owned())),
    }
}

/// The person as they are now.
pub async fn viewer(orc: &Orchestrator, user: UserId) -> Result<Viewer> {
    viewer_of_session(orc, user, orc.now()).await
}

/// The person of a session that began at `since`. A new password ends the sessions that began before it.
pub async fn viewer_of_session(
    orc: &Orchestrator,
    user: UserId,
    since: DateTime<Utc>,
) -> Result<Viewer> {
    let gone = || Error::Unauthenticated("this person may no longer sign in".to_owned());
    let row = users::Entity::find_by_id(user.0)
        .one(orc.reader())
        .await?
        .filter(|row| !row.disabled && row.sessions_from <= since.timestamp_micros())
        .ok_or_else(gone)?;
    let merchant = merchants::Entity::find_by_id(row.merchant_id)
        .one(orc.reader())
        .await?
        .ok_or_else(gone)?;
    Ok(Viewer {
        // What cannot be read any more is as if it had never been set.
        preferences: serde_json::from_str(&row.preferences).unwrap_or_default(),
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
    errors.extend(check_work(new.role, &new.nodes));
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let hash = secrets::hash_password(new.password.clone()).await?;
    let actor = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            check_nodes(tx, &new.nodes).await?;
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

/// Everybody who may sign in or might again.
pub async fn users(orc: &Orchestrator, actor: &Actor) -> Result<Vec<UserView>> {
    actor.check(Permission::ManageAccess)?;
    let rows = users::Entity::find()
        .filter(users::Column::MerchantId.eq(actor.merchant.0))
        .order_by_asc(users::Column::Email)
        .all(orc.reader())
        .await?;
    rows.into_iter().map(user_view).collect()
}

/// Whether this is the person's password, with the same patience as for signing in.
pub(super) async fn check_password(
    orc: &Orchestrator,
    row: &users::Model,
    password: &str,
) -> Result<()> {
    let subject = SignInSubject::Email(row.email.clone());
    secrets::check_patience(orc, &subject).await?;
    let password: String = password.chars().take(1_000).collect();
    let fits = secrets::verify_password(password, Some(row.password_hash.clone())).await?;
    secrets::count_attempt(orc, vec![subject], fits).await?;
    if fits {
        Ok(())
    } else {
        Err(Error::field("#/current", "this is not your password"))
    }
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
        sessions_from: 0,
        preferences: serde_json::to_string(&Preferences::default()).map_err(Error::internal)?,
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
    if name_is_wrong(name) {
        wrong("name", NAME_RULE);
    }
    // The demonstration's password is printed for everybody anyway.
    let fits = if demo {
        !password.is_empty()
    } else {
        password_fits(password)
    };
    if !fits {
        wrong("password", PASSWORD_RULE);
    }
    errors
}

const NAME_RULE: &str = "a name of 1 to 200 characters is needed";

fn name_is_wrong(name: &str) -> bool {
    name.trim().is_empty() || name.len() > 200
}

/// Whether it is a name.
pub(super) fn check_name(name: &str) -> Option<FieldError> {
    name_is_wrong(name).then(|| FieldError::new("#/name", NAME_RULE))
}

pub(super) const PASSWORD_RULE: &str = "a password has 12 to 1,000 characters";

pub(super) fn password_fits(password: &str) -> bool {
    password.chars().count() >= 12 && password.len() <= 1_000
}

/// Whether the role goes with these nodes.
pub(super) fn check_work(role: Role, nodes: &[String]) -> Option<FieldError> {
    match (role, nodes) {
        (Role::NodeStaff, []) => Some(FieldError::new(
            "#/nodes",
            "node staff work at one node at least",
        )),
        _ => None,
    }
}

/// Refuses nodes that are not there.
pub(super) async fn check_nodes(tx: &Tx, codes: &[String]) -> Result<()> {
    for (i, node) in codes.iter().enumerate() {
        let id = (tx.merchant().0, node.clone());
        if nodes::Entity::find_by_id(id)
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
    Ok(())
}

fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

pub(super) fn user_view(row: users::Model) -> Result<UserView> {
    Ok(UserView {
        id: UserId(row.id),
        email: row.email,
        name: row.name,
        role: row.role.parse().map_err(Error::Internal)?,
        nodes: serde_json::from_str(&row.nodes).map_err(Error::internal)?,
        disabled: row.disabled,
    })
}
