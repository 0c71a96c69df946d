//! What people set for themselves, and the end of sessions before their time.

use sea_orm_migration::prelude::*;

use crate::dialect;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, PEOPLE).await
    }
}

// Sessions that began before `sessions_from` are void: a new password ends them.
const PEOPLE: &str = "
ALTER TABLE users ADD COLUMN sessions_from BIGINT NOT NULL DEFAULT 0

ALTER TABLE users ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}'

CREATE TABLE saved_views (
  id {uuid} NOT NULL PRIMARY KEY,
  merchant_id {uuid} NOT NULL REFERENCES merchants (id),
  user_id {uuid} NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  columns TEXT NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE UNIQUE INDEX saved_views_by_user ON saved_views (user_id, name)
";
