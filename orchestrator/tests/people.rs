//! People after they were let in: what changes about them, and what they set for themselves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use chrono::Duration;
use engine::model::{Preferences, Role, UserView, Viewer};
use orchestrator::accounts::{self, NewUser, UserChange};
use orchestrator::personal::{self, NewView};
use orchestrator::{Actor, Error, Orchestrator};

/// A ledger on each database that there is, with its owner and a manager.
async fn ledgers(folder: &tempfile::TempDir) -> Vec<(Orchestrator, Viewer, UserView)> {
    let mut ledgers = Vec::new();
    for url in common::databases(folder).await {
        let (orc, owner) = common::ledger(&url).await;
        let new = NewUser {
            email: "max@example.com".into(),
            name: "Max".into(),
            role: Role::Manager,
            nodes: Vec::new(),
            password: "another long password".into(),
        };
        let manager = accounts::add_user(&orc, &accounts::actor_of(&owner), new)
            .await
            .unwrap();
        ledgers.push((orc, owner, manager));
    }
    ledgers
}

fn as_role(role: Role) -> UserChange {
    UserChange {
        name: "Max".into(),
        role,
        nodes: Vec::new(),
    }
}

async fn signs_in(orc: &Orchestrator, email: &str, password: &str) -> bool {
    let from = "127.0.0.1".parse().unwrap();
    accounts::sign_in(orc, email, password, from).await.is_ok()
}

/// The text of a refusal that is no question of rights.
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result.unwrap_err() {
        Error::Conflict(text) => text,
        Error::Invalid(errors) => format!("{} {}", errors[0].pointer, errors[0].detail),
        Error::NotFound { what, .. } => format!("no {what}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_always_owns_the_merchant() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner, manager) in ledgers(&folder).await {
        let ana = accounts::actor_of(&owner);
        let change = || UserChange {
            name: "Ana".into(),
            ..as_role(Role::Viewer)
        };
        let only = refused(accounts::change_user(&orc, &ana, owner.user.id, change()).await);
        assert_eq!(
            only,
            "Ana is the only owner: make somebody else an owner first"
        );
        let system = Actor::system(owner.merchant.id, "Test");
        refused(accounts::set_user_disabled(&orc, &system, owner.user.id, true).await);
        refused(accounts::set_user_disabled(&orc, &ana, owner.user.id, true).await);

        accounts::change_user(&orc, &ana, manager.id, as_role(Role::Owner))
            .await
            .unwrap();
        let changed = accounts::change_user(&orc, &ana, owner.user.id, change())
            .await
            .unwrap();
        assert_eq!(changed.role, Role::Viewer);
        // One who may not sign in owns nothing.
        refused(accounts::set_user_disabled(&orc, &system, manager.id, true).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_shut_out_is_out_everywhere_and_comes_back_by_signing_in() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner, manager) in ledgers(&folder).await {
        let ana = accounts::actor_of(&owner);
        let since = orc.now();
        assert!(
            accounts::viewer_of_session(&orc, manager.id, since)
                .await
                .is_ok()
        );
        for _ in 0..2 {
            let view = accounts::set_user_disabled(&orc, &ana, manager.id, true)
                .await
                .unwrap();
            assert!(view.disabled);
        }
        assert!(
            accounts::viewer_of_session(&orc, manager.id, since)
                .await
                .is_err()
        );
        assert!(!signs_in(&orc, "max@example.com", "another long password").await);

        accounts::set_user_disabled(&orc, &ana, manager.id, false)
            .await
            .unwrap();
        assert!(
            accounts::viewer_of_session(&orc, manager.id, since)
                .await
                .is_err()
        );
        assert!(signs_in(&orc, "max@example.com", "another long password").await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_ends_the_old_one_and_every_session() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner, manager) in ledgers(&folder).await {
        let ana = accounts::actor_of(&owner);
        let since = orc.now() - Duration::seconds(1);
        let (_, password) = accounts::reset_password(&orc, &ana, manager.id)
            .await
            .unwrap();
        assert!(password.len() >= 20, "{password}");
        assert!(!signs_in(&orc, "max@example.com", "another long password").await);
        assert!(signs_in(&orc, "max@example.com", &password).await);
        assert!(
            accounts::viewer_of_session(&orc, manager.id, since)
                .await
                .is_err()
        );

        let max = accounts::viewer(&orc, manager.id).await.unwrap();
        let max = accounts::actor_of(&max);
        let own = |current: &str, new: &str| {
            let (orc, max, current, new) =
                (orc.clone(), max.clone(), current.to_owned(), new.to_owned());
            async move { accounts::change_own_password(&orc, &max, &current, new).await }
        };
        assert!(refused(own("guessed", "my very own password").await).starts_with("#/current"));
        assert!(refused(own(&password, "short").await).starts_with("#/new"));
        own(&password, "my very own password").await.unwrap();
        assert!(signs_in(&orc, "max@example.com", "my very own password").await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_a_node_have_nodes_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner, manager) in ledgers(&folder).await {
        let ana = accounts::actor_of(&owner);
        let at = |nodes: &[&str]| UserChange {
            nodes: nodes.iter().map(|&node| node.to_owned()).collect(),
            ..as_role(Role::NodeStaff)
        };
        let none = refused(accounts::change_user(&orc, &ana, manager.id, at(&[])).await);
        assert!(none.starts_with("#/nodes "), "{none}");
        let unknown = refused(accounts::change_user(&orc, &ana, manager.id, at(&["moon"])).await);
        assert!(
            unknown.starts_with("#/nodes/0 there is no node 'moon'"),
            "{unknown}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_their_makers_and_have_names_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner, manager) in ledgers(&folder).await {
        let ana = accounts::actor_of(&owner);
        let max = accounts::actor_of(&accounts::viewer(&orc, manager.id).await.unwrap());
        let held = |name: &str| NewView {
            name: name.to_owned(),
            query: "status=on_hold".into(),
            columns: vec!["placed".into(), "total".into()],
        };
        let view = personal::add_view(&orc, &ana, held("  Held   web "))
            .await
            .unwrap();
        assert_eq!(view.name, "Held web");
        assert_eq!(
            personal::add_view(&orc, &ana, held("Held web"))
                .await
                .unwrap(),
            view
        );
        let other = NewView {
            query: String::new(),
            ..held("Held web")
        };
        assert!(refused(personal::add_view(&orc, &ana, other).await).starts_with("#/name"));
        assert!(refused(personal::add_view(&orc, &ana, held(" ")).await).starts_with("#/name"));

        assert!(personal::views(&orc, &max).await.unwrap().is_empty());
        refused(personal::change_view(&orc, &max, view.id, held("Mine")).await);
        personal::delete_view(&orc, &max, view.id).await.unwrap();
        assert_eq!(
            personal::views(&orc, &ana).await.unwrap(),
            std::slice::from_ref(&view)
        );

        let renamed = personal::change_view(&orc, &ana, view.id, held("On hold"))
            .await
            .unwrap();
        assert_eq!(personal::views(&orc, &ana).await.unwrap(), [renamed]);
        for _ in 0..2 {
            personal::delete_view(&orc, &ana, view.id).await.unwrap();
        }
        assert!(personal::views(&orc, &ana).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn preferences_follow_the_person() {
    let folder = tempfile::tempdir().unwrap();
    for (orc, owner, manager) in ledgers(&folder).await {
        let ana = accounts::actor_of(&owner);
        let wanted = Preferences {
            single_keys_off: true,
            order_columns: vec!["total".into()],
        };
        personal::set_preferences(&orc, &ana, wanted.clone())
            .await
            .unwrap();
        assert_eq!(
            accounts::viewer(&orc, owner.user.id)
                .await
                .unwrap()
                .preferences,
            wanted
        );
        let others = accounts::viewer(&orc, manager.id)
            .await
            .unwrap()
            .preferences;
        assert_eq!(others, Preferences::default());
    }
}
