//! A promise in a form that shops carry along: its id, dates and end, signed, so that nobody can make up a promise.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::model::{PromiseId, PromiseView};
use serde_json::json;

/// `BODY.SIGNATURE`, both base64url. The body is JSON: the id, the options with their dates, the end.
pub(super) fn sign(key: &[u8; 32], view: &PromiseView) -> String {
    let options = view.options.iter().map(|option| {
        json!({ "id": option.id, "by": option.date.map(|date| date.by),
            "p": (option.confidence * 1e4).round() / 1e4 })
    });
    let body = json!({ "id": view.id, "exp": view.expires_at.timestamp(), "version": view.version,
        "options": options.collect::<Vec<_>>() });
    let body = URL_SAFE_NO_PAD.encode(body.to_string());
    let signature = blake3::keyed_hash(key, body.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(signature.as_bytes());
    format!("{body}.{signature}")
}

/// The id of the promise, if the signature is ours.
pub(super) fn verify(key: &[u8; 32], token: &str) -> Option<PromiseId> {
    let (body, signature) = token.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let signature = blake3::Hash::from_bytes(signature.try_into().ok()?);
    // Hashes are compared in constant time.
    if blake3::keyed_hash(key, body.as_bytes()) != signature {
        return None;
    }
    let body: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    body["id"].as_str()?.parse().ok()
}
