//! The shape of the ledger. One file a change, forward only. The statements are written once, in the SQL that SQLite
//! and PostgreSQL share; the few types whose names differ are filled in by [`dialect`].
//!
//! Times are `BIGINT` microseconds since 1970 in UTC, so that both databases compare and index them alike.

use sea_orm_migration::prelude::*;

mod dialect;
mod m0001_ledger;
mod m0002_order_lists;
mod m0003_bulk_actions;
mod m0004_people;
mod m0005_promises;
mod m0006_stock_holds;
mod m0007_safety_rules;
mod m0008_repair;
mod m0009_allocations;
mod m0010_tracking;
mod m0011_node_work;

/// Every change so far, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_ledger::Migration),
            Box::new(m0002_order_lists::Migration),
            Box::new(m0003_bulk_actions::Migration),
            Box::new(m0004_people::Migration),
            Box::new(m0005_promises::Migration),
            Box::new(m0006_stock_holds::Migration),
            Box::new(m0007_safety_rules::Migration),
            Box::new(m0008_repair::Migration),
            Box::new(m0009_allocations::Migration),
            Box::new(m0010_tracking::Migration),
            Box::new(m0011_node_work::Migration),
        ]
    }
}
