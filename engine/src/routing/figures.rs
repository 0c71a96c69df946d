//! Reported figures: rounded to a thousandth of a minor unit, without float noise, the same on every machine.

use serde::Serializer;

/// Largest magnitude at which a thousandth is still exact in an `f64`.
const EXACT: f64 = 9.0e12;

/// Rounds to 0.001 and turns `-0` into `0`.
pub(crate) fn thousandths(value: f64) -> f64 {
    if value.abs() > EXACT {
        return value;
    }
    (value * 1000.0).round() / 1000.0 + 0.0
}

/// Writes whole numbers without a fraction: `750`, not `750.0`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
#[expect(
    clippy::float_cmp,
    reason = "a whole number is its own whole part, exactly"
)]
pub(crate) fn compact<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.trunc() == *value && value.abs() < EXACT {
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}
