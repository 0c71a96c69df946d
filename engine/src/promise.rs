//! Delivery promises
mod answer;
mod settings;
mod text;
mod transit;

#[cfg(feature = "calendar")]
mod ask;
#[cfg(feature = "calendar")]
mod quote;
#[cfg(feature = "calendar")]
mod snapshot;
#[cfg(feature = "calendar")]
mod ways;
#[cfg(feature = "calendar")]
mod wording;

pub use answer::{
    DateRange, Method, OptionText, Promise, PromiseOption, PromiseStatus, PromisedPackage, Reason,
    RefusedOption,
};
pub use settings::{FallbackDays, PromiseSettings};
pub use text::Locale;
pub use transit::{BINS, Lane, PRIOR, TransitDistribution, TransitModel};

#[cfg(feature = "calendar")]
pub use self::{
    ask::{Ask, Candidate, Destination, Leg},
    quote::{degraded, quote},
    snapshot::{NodeTimes, Snapshot, SnapshotNode},
};
