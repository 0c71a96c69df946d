//! End-to-end tests: HTTP calls against the whole router, each on a fresh SQLite file and, where
//! `BATON_TEST_POSTGRES_URL` names a server on which databases may be made, on a fresh PostgreSQL database too.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod support;

mod access;
mod allocations;
mod bulk_actions;
mod calendars;
mod carriers;
mod command_line;
mod customers;
mod demo;
mod docs;
mod events;
mod fulfillments;
mod idempotency;
mod isolation;
mod messages;
mod network;
mod node_changes;
mod orders;
mod oversell;
mod probes;
mod processes;
mod promise_offers;
mod promises;
mod promises_kept;
mod requests;
mod safety_rules;
mod sessions;
mod shop;
mod stock;
mod stock_imports;
mod tracking;
mod web;
mod widget;
