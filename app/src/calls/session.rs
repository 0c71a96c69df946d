use chrono::{DateTime, Utc};
use engine::model::Viewer;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;

/// Who looks at the pages, from when on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    pub viewer: Viewer,
    /// The server's clock when the page was made.
    pub now: DateTime<Utc>,
    /// Number of the last event that is known to be in the page; 0 when none is.
    pub last_seq: i64,
}

/// Who is signed in, as the server knows while it renders. In the browser the page already carries the answer.
#[cfg_attr(
    not(feature = "ssr"),
    expect(clippy::missing_const_for_fn, clippy::unnecessary_wraps)
)]
pub fn visit() -> Option<Visit> {
    #[cfg(feature = "ssr")]
    {
        let viewer = use_context::<Viewer>()?;
        let orc = use_context::<orchestrator::Orchestrator>()?;
        let last_seq = *orchestrator::events::watch(&orc, viewer.merchant.id).borrow();
        Some(Visit {
            now: orc.now(),
            last_seq,
            viewer,
        })
    }
    #[cfg(not(feature = "ssr"))]
    None
}

/// Signs a person in and leads to the page that was asked for. Called by a plain form, so that the page that follows
/// is made for its reader from scratch.
#[server]
pub async fn sign_in(
    email: String,
    password: String,
    next: Option<String>,
) -> Result<(), AppError> {
    use crate::server_context::{ClientAddress, SessionHandle};
    let orc = super::ledger()?;
    let missing = || AppError::Failed("the session is not there".to_owned());
    let session = use_context::<SessionHandle>().ok_or_else(missing)?;
    let from = use_context::<ClientAddress>().ok_or_else(missing)?.0;
    let viewer = orchestrator::accounts::sign_in(&orc, &email, &password, from)
        .await
        .map_err(|error| match error {
            // "Signed out" would be a strange answer to somebody who tries to sign in.
            orchestrator::Error::Unauthenticated(text) => AppError::Conflict(text),
            error => error.into(),
        })?;
    session
        .0
        .sign_in(viewer.user.id)
        .await
        .map_err(AppError::Failed)?;
    let page = own_page(next.as_deref());
    // Who works at a node begins with that.
    let of_a_node = page == "/" && !viewer.may(engine::model::Permission::ReadOrders);
    leptos_axum::redirect(if of_a_node { "/work" } else { &page });
    Ok(())
}

/// Ends the session.
#[server]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::server_context::SessionHandle;
    if let Some(session) = use_context::<SessionHandle>() {
        session.0.sign_out().await;
    }
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Creates the merchant and its owner, once, for whoever holds the link from the log.
#[server]
pub async fn set_up(
    token: String,
    merchant_name: String,
    currency: String,
    time_zone: String,
    owner_name: String,
    owner_email: String,
    owner_password: String,
) -> Result<(), AppError> {
    use crate::server_context::{SessionHandle, SetupGate};
    let orc = super::ledger()?;
    let gate = use_context::<SetupGate>();
    let Some(gate) = gate.filter(|gate| gate.check(&token)) else {
        return Err(AppError::Conflict(
            "this link is not good any more; start the server again for a new one".to_owned(),
        ));
    };
    let currency = currency.trim().parse().map_err(|error| {
        AppError::Invalid(vec![engine::model::FieldError::new(
            "#/currency",
            format!("{error}"),
        )])
    })?;
    let new = orchestrator::accounts::NewMerchant {
        merchant_name,
        currency,
        time_zone,
        owner_name,
        owner_email,
        owner_password,
    };
    let viewer = orchestrator::accounts::create_first_merchant(&orc, new).await?;
    gate.use_up();
    if let Some(session) = use_context::<SessionHandle>() {
        session
            .0
            .sign_in(viewer.user.id)
            .await
            .map_err(AppError::Failed)?;
    }
    leptos_axum::redirect("/");
    Ok(())
}

/// Only ever a page of ours: a link that was sent to somebody must not lead them elsewhere after signing in.
#[cfg(feature = "ssr")]
fn own_page(next: Option<&str>) -> String {
    next.filter(|next| {
        next.starts_with('/')
            && !next.starts_with("//")
            && !next.contains('\\')
            && !next.chars().any(char::is_control)
    })
    .unwrap_or("/")
    .to_owned()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::own_page;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert_eq!(own_page(Some("/orders?view=all")), "/orders?view=all");
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\nb",
            "x",
        ] {
            assert_eq!(own_page(Some(foreign)), "/", "{foreign:?}");
        }
        assert_eq!(own_page(None), "/");
    }
}
