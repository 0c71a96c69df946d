//! Passwords, keys and the patience with those who guess them.

use std::net::IpAddr;

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::store::tables::sign_in_attempts::{Column, Entity, Model};
use crate::{Error, Orchestrator, Result};

/// A hash to compare with when nobody has the e-mail, so that the answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Z3Vlc3NpbmcgdGhpcyBpcyBub3QgZWFzeSBhdCBhbGw";
/// Failures that are forgiven before each further one doubles the wait.
const FREE_FAILURES: i64 = 5;
const LONGEST_WAIT_S: i64 = 15 * 60;

/// Argon2id, off the async threads: it is slow on purpose.
pub(super) async fn hash_password(password: String) -> Result<String> {
    tokio::task::spawn_blocking(move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default()
            .hash_password(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
    })
    .await
    .map_err(Error::internal)?
    .map_err(Error::internal)
}

/// Takes the same time whether there is a hash to compare with or not.
pub(super) async fn verify_password(password: String, hash: Option<String>) -> Result<bool> {
    tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let fits = PasswordHash::new(&hash).is_ok_and(|parsed| {
            Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok()
        });
        known && fits
    })
    .await
    .map_err(Error::internal)
}

/// What failures are counted for.
#[derive(Debug, Clone)]
pub enum SignInSubject {
    Email(String),
    Address(IpAddr),
}

impl SignInSubject {
    fn key(&self) -> String {
        match self {
            // The e-mail itself is nobody's business here.
            SignInSubject::Email(email) => {
                format!("email:{}", blake3::hash(email.as_bytes()).to_hex())
            }
            SignInSubject::Address(address) => format!("address:{address}"),
        }
    }

    /// An address may stand for a whole office.
    fn free_failures(&self) -> i64 {
        match self {
            SignInSubject::Email(_) => FREE_FAILURES,
            SignInSubject::Address(_) => FREE_FAILURES * 4,
        }
    }
}

/// Refuses while the subject has to wait.
pub(super) async fn check_patience(orc: &Orchestrator, subject: &SignInSubject) -> Result<()> {
    let Some(row) = Entity::find_by_id(subject.key()).one(orc.reader()).await? else {
        return Ok(());
    };
    let over = row.failures - subject.free_failures();
    if over < 0 {
        return Ok(());
    }
    let wait_s = 2i64.saturating_pow(over.min(12) as u32).min(LONGEST_WAIT_S);
    let waited_s = (orc.now().timestamp_micros() - row.last_failure_at) / 1_000_000;
    if waited_s < wait_s {
        Err(Error::Throttled {
            retry_after_s: (wait_s - waited_s).max(1) as u64,
        })
    } else {
        Ok(())
    }
}

/// Counts a failure, or forgets them all after a success.
pub(super) async fn count_attempt(
    orc: &Orchestrator,
    subjects: Vec<SignInSubject>,
    succeeded: bool,
) -> Result<()> {
    orc.write_global(move |tx| {
        async move {
            for subject in subjects {
                let key = subject.key();
                if succeeded {
                    Entity::delete_by_id(key).exec(tx.conn()).await?;
                    continue;
                }
                let before = Entity::find_by_id(key.clone()).one(tx.conn()).await?;
                let day_ago = tx.now_us() - 86_400_000_000;
                let failures = before
                    .filter(|row| row.last_failure_at > day_ago)
                    .map_or(0, |row| row.failures);
                let row = Model {
                    subject: key,
                    failures: failures + 1,
                    last_failure_at: tx.now_us(),
                };
                let update = OnConflict::column(Column::Subject)
                    .update_columns([Column::Failures, Column::LastFailureAt])
                    .to_owned();
                Entity::insert(row.into_active_model())
                    .on_conflict(update)
                    .exec_without_returning(tx.conn())
                    .await?;
            }
            Ok(())
        }
        .boxed()
    })
    .await
}

/// A password for somebody else: easy to read out, hard to guess. 20 letters and digits that cannot be mistaken for each
/// other are 100 bits of chance.
pub fn new_password() -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    [(); 4].map(|()| chosen(LETTERS, 5)).join("-")
}

/// A new secret with 190 bits of chance behind its prefix.
pub(super) fn new_secret(prefix: &str) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    format!("{prefix}{}", chosen(LETTERS, 32))
}

fn chosen(letters: &[u8], count: usize) -> String {
    use rand::Rng;
    let mut rng = rand::rng();
    (0..count)
        .map(|_| char::from(letters[rng.random_range(0..letters.len())]))
        .collect()
}

/// Keys are long and random, so a plain fast hash hides them.
pub(super) fn hash_key(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}
