use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Runs statements separated by blank lines, with `{uuid}` and `{float}` in the words of the database at hand.
pub async fn run(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let (uuid, float) = match connection.get_database_backend() {
        DbBackend::Sqlite => ("BLOB", "REAL"),
        _ => ("UUID", "DOUBLE PRECISION"),
    };
    for statement in statements
        .split("\n\n")
        .map(str::trim)
        .filter(|s| !s.is_empty())
    {
        let statement = statement.replace("{uuid}", uuid).replace("{float}", float);
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}
