//! The brain of Baton. Everything here works on values alone: no I/O, no clock, no async, no randomness.
//! What a function needs (the time, the stock, the distances) is passed in, so every answer can be shown,
//! replayed and tested, in the server and in the browser alike.
//!
//! A tour, in the order in which an order meets it:
//!
//! 1. [`model`]: the vocabulary. Orders, nodes, services, stock, fulfillments, decisions, events, and who may do
//!    what. The API answers with these types and the pages show them.
//! 2. [`geo`]: distances on the sphere and the flat map that the pages draw.
//! 3. [`calendar`]: when nodes work and carriers move. The arithmetic needs the feature `calendar`, the data does not.
//! 4. [`promise`]: what a shopper is told before there is an order: dates, how sure they are, until when they hold.
//! 5. [`routing`]: the cheapest plan for an order, proved, and explained down to what would have changed it.
//! 6. [`tracking`]: what carriers' scans of a package come to, and when it arrives.

pub mod calendar;
pub mod geo;
pub mod model;
pub mod promise;
pub mod routing;
pub mod tracking;
