//! The list of orders answers in a few milliseconds, whatever it is filtered by and however wide the rows are.
//!
//! Text: SQLite reads an index that holds the list's order and those columns that never change, a fraction of the
//! table's pages. PostgreSQL looks up the text's trigrams; where its extension `pg_trgm` cannot be had, the search is as
//! right as with it and slower.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_order_lists"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let statement = match connection.get_database_backend() {
            DbBackend::Sqlite => SQLITE,
            _ => POSTGRES,
        };
        connection.execute_unprepared(statement).await?;
        dialect::run(manager, BOTH).await
    }
}

const SQLITE: &str =
    "CREATE INDEX orders_in_order ON orders (merchant_id, number, channel, placed_at, search)";

// The extension may be missing on the server, forbidden to this user, or installed where this user does not look.
const POSTGRES: &str = "
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX orders_by_text ON orders USING gin (search gin_trgm_ops);
EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege OR undefined_object THEN
  RAISE WARNING 'pg_trgm is not available (%): orders are searched without an index', SQLERRM;
END
$$
";

// Orders of a state and a channel, and those of a node, are counted within an index.
const BOTH: &str = "
DROP INDEX orders_by_status

CREATE INDEX orders_by_status ON orders (merchant_id, status, number, channel)

CREATE INDEX fulfillments_of_node ON fulfillments (merchant_id, node, order_id) WHERE status NOT IN ('rejected', 'cancelled')
";
