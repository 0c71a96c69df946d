use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An id that does not have the form of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{given}' is not the id of {what}: it starts with '{prefix}', followed by 32 hexadecimal digits"
)]
pub struct IdError {
    given: String,
    what: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What the written form starts with.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .filter(|rest| rest.len() == 32)
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or_else(|| IdError { given: text.chars().take(80).collect(), what: $what, prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "[0-9a-f]{32}$")))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A merchant: the partition that every row belongs to.
    MerchantId, "mer_", "a merchant";
    /// A person who signs in.
    UserId, "usr_", "a user";
    /// An API key (not the secret itself).
    KeyId, "key_", "an API key";
    /// An order. Ids are UUIDv7, so their order is the order of creation.
    OrderId, "ord_", "an order";
    /// A line of an order.
    LineId, "lin_", "an order line";
    /// The work one node does for one order.
    FulfillmentId, "ful_", "a fulfillment";
    /// What a shopper was told before there was an order.
    PromiseId, "prm_", "a promise";
    /// A stored answer of the engine.
    DecisionId, "dec_", "a decision";
    /// An entry of the event log.
    EventId, "evt_", "an event";
    /// Trouble that was repaired, or that needs a person.
    ExceptionId, "exc_", "an exception";
    /// A list that a person has named.
    SavedViewId, "viw_", "a saved view";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        let id = OrderId(Uuid::from_u128(0x0192_3456_789a_7bcd_8123_4567_89ab_cdef));
        assert_eq!(
            id.to_string(),
            "ord_0192345678 9a7bcd8123456789abcdef".replace(' ', "")
        );
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused_by_name() {
        let error = "ful_0192345678 9a7bcd8123456789abcdef"
            .replace(' ', "")
            .parse::<OrderId>()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("an order: it starts with 'ord_'"),
            "{error}"
        );
    }
}
