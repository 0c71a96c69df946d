use engine::model::{ApiKeyView, KeyId, KeyKind, Role, Scope, UserId, UserView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// Everybody who may sign in or might again.
#[server]
pub async fn load_people() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::accounts::users(&orc, &actor).await?)
}

/// Somebody or something with a secret, which is shown this once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WithSecret {
    /// Whose it is.
    pub name: String,
    pub secret: String,
}

/// What is entered about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub nodes: Vec<String>,
}

/// Lets a person in with a password that is made up for them.
#[server(input = Json)]
pub async fn add_person(person: Person) -> Result<WithSecret, AppError> {
    use orchestrator::accounts;
    let (orc, actor) = super::backend()?;
    let secret = accounts::new_password();
    let new = accounts::NewUser {
        email: person.email,
        name: person.name,
        role: person.role,
        nodes: person.nodes,
        password: secret.clone(),
    };
    let user = accounts::add_user(&orc, &actor, new).await?;
    Ok(WithSecret {
        name: user.name,
        secret,
    })
}

/// Changes what a person is called and may do.
#[server(input = Json)]
pub async fn change_person(id: UserId, person: Person) -> Result<UserView, AppError> {
    use orchestrator::accounts;
    let (orc, actor) = super::backend()?;
    let change = accounts::UserChange {
        name: person.name,
        role: person.role,
        nodes: person.nodes,
    };
    Ok(accounts::change_user(&orc, &actor, id, change).await?)
}

/// Keeps a person from signing in, or lets them in again.
#[server(input = Json)]
pub async fn set_person_disabled(id: UserId, disabled: bool) -> Result<UserView, AppError> {
    let (orc, actor) = super::backend()?;
    Ok(orchestrator::accounts::set_user_disabled(&orc, &actor, id, disabled).await?)
}

/// Gives a person a new password.
#[server(input = Json)]
pub async fn reset_person_password(id: UserId) -> Result<WithSecret, AppError> {
    let (orc, actor) = super::backend()?;
    let (user, secret) = orchestrator::accounts::reset_password(&orc, &actor, id).await?;
    Ok(WithSecret {
        name: user.name,
        secret,
    })
}

/// Changes one's own password, which ends every other session of one's own.
#[server(input = Json)]
pub async fn change_password(current: String, new: String) -> Result<(), AppError> {
    use crate::server_context::SessionHandle;
    let (orc, actor) = super::backend()?;
    let user = orchestrator::accounts::change_own_password(&orc, &actor, &current, new).await?;
    if let Some(session) = use_context::<SessionHandle>() {
        session.0.sign_in(user).await.map_err(AppError::Failed)?;
    }
    Ok(())
}

/// Every API key, without its secret.
#[server]
pub async fn load_keys() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let keys: Vec<ApiKeyView> = orchestrator::accounts::keys(&orc, &actor).await?;
    Packed::new(&keys)
}

/// Makes an API key.
#[server(input = Json)]
pub async fn add_api_key(
    name: String,
    kind: KeyKind,
    scopes: Vec<Scope>,
    origins: Vec<String>,
) -> Result<WithSecret, AppError> {
    use orchestrator::accounts;
    let (orc, actor) = super::backend()?;
    let new = accounts::NewKey {
        name,
        kind,
        scopes,
        origins,
    };
    let (key, secret) = accounts::add_key(&orc, &actor, new).await?;
    Ok(WithSecret {
        name: key.name,
        secret,
    })
}

/// Ends an API key.
#[server(input = Json)]
pub async fn revoke_api_key(id: KeyId) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    Ok(orchestrator::accounts::revoke_key(&orc, &actor, id).await?)
}
