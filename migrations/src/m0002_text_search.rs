//! Orders are found by text in a few milliseconds, however wide their rows are.
//!
//! SQLite reads an index that holds nothing but the list's order and the text: a fraction of the table's pages.
//! PostgreSQL looks up the text's trigrams; where its extension `pg_trgm` cannot be had, the search is as right as with
//! it and slower.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_text_search"
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
        Ok(())
    }
}

const SQLITE: &str = "CREATE INDEX orders_by_text ON orders (merchant_id, number, search)";

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
