//! Statements written by hand, in the SQL that SQLite and PostgreSQL share, with `?` for values.

use std::fmt::Write;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

/// `values![a, b]`: the values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(sea_orm::Value::from($value)),*] };
}
pub(crate) use values;

/// PostgreSQL numbers its values.
fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    if backend != DbBackend::Postgres {
        return Statement::from_sql_and_values(backend, sql, values);
    }
    let mut numbered = String::with_capacity(sql.len() + 16);
    let mut n = 0;
    for part in sql.split_inclusive('?') {
        match part.strip_suffix('?') {
            Some(text) => {
                n += 1;
                numbered.push_str(text);
                let _ = write!(numbered, "${n}");
            }
            None => numbered.push_str(part),
        }
    }
    debug_assert_eq!(n, values.len(), "{sql}");
    Statement::from_sql_and_values(backend, numbered, values)
}

/// Rows in one statement at most; with the widest table far below what both databases allow in bound values.
const MOST_ROWS: usize = 128;

/// A row of one table, as [`insert`] writes it.
pub(crate) trait Row {
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];
    fn values(self) -> Vec<Value>;
}

/// How many of so many rows the next statement takes: always a power of two, so that few different statements are
/// ever prepared.
fn part(rows: usize) -> usize {
    1 << rows.clamp(1, MOST_ROWS).ilog2()
}

/// `(?, ?), (?, ?)`: so many rows of so many values.
fn rows(n: usize, width: usize) -> String {
    let row = list(width);
    let mut text = String::with_capacity(n * (row.len() + 2));
    for i in 0..n {
        text.push_str(if i == 0 { "" } else { ", " });
        text.push_str(&row);
    }
    text
}

/// Inserts rows, many with one statement.
pub(crate) async fn insert<R: Row>(on: &impl ConnectionTrait, rows: Vec<R>) -> Result<(), DbErr> {
    insert_or(on, rows, "").await
}

/// Inserts those of the rows that are not there yet.
pub(crate) async fn insert_new<R: Row>(
    on: &impl ConnectionTrait,
    rows: Vec<R>,
) -> Result<(), DbErr> {
    insert_or(on, rows, " ON CONFLICT DO NOTHING").await
}

async fn insert_or<R: Row>(
    on: &impl ConnectionTrait,
    rows: Vec<R>,
    on_conflict: &str,
) -> Result<(), DbErr> {
    let mut left = rows.into_iter();
    while left.len() > 0 {
        let n = part(left.len());
        let sql = format!(
            "INSERT INTO {} ({}) VALUES {}{on_conflict}",
            R::TABLE,
            R::COLUMNS.join(", "),
            self::rows(n, R::COLUMNS.len())
        );
        run(
            on,
            &sql,
            left.by_ref().take(n).flat_map(R::values).collect(),
        )
        .await?;
    }
    Ok(())
}

/// Runs a statement that works on a list of rows, `v`, with these columns: `WITH v (…) AS (VALUES …)` and then
/// `sql`, whose own values are `more`. Tells how many rows it touched.
pub(crate) async fn run_with<const WIDTH: usize>(
    on: &impl ConnectionTrait,
    columns: [&str; WIDTH],
    rows: Vec<[Value; WIDTH]>,
    sql: &str,
    more: Vec<Value>,
) -> Result<u64, DbErr> {
    let mut left = rows.into_iter();
    let mut touched = 0;
    while left.len() > 0 {
        let n = part(left.len());
        let sql = format!(
            "WITH v ({}) AS (VALUES {}) {sql}",
            columns.join(", "),
            self::rows(n, WIDTH)
        );
        let mut values: Vec<Value> = left.by_ref().take(n).flatten().collect();
        values.extend(more.iter().cloned());
        touched += run(on, &sql, values).await?;
    }
    Ok(touched)
}

/// `(?, ?, ?)` for so many values.
pub(crate) fn list(n: usize) -> String {
    let mut text = String::with_capacity(2 + 3 * n);
    text.push('(');
    for i in 0..n {
        text.push_str(if i == 0 { "?" } else { ", ?" });
    }
    text.push(')');
    text
}

pub(crate) async fn all<T: FromQueryResult>(
    on: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<T>, DbErr> {
    let rows = on
        .query_all_raw(statement(on.get_database_backend(), sql, values))
        .await?;
    rows.iter()
        .map(|row| T::from_query_result(row, ""))
        .collect()
}

pub(crate) async fn one<T: FromQueryResult>(
    on: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>, DbErr> {
    let row = on
        .query_one_raw(statement(on.get_database_backend(), sql, values))
        .await?;
    row.map(|row| T::from_query_result(&row, "")).transpose()
}

/// Runs a statement and tells how many rows it touched.
pub(crate) async fn run(
    on: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<u64, DbErr> {
    Ok(on
        .execute_raw(statement(on.get_database_backend(), sql, values))
        .await?
        .rows_affected())
}

/// The one number, named `n`, that a statement selects; 0 for none.
pub(crate) async fn number(
    on: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    Ok(one::<Row>(on, sql, values).await?.map_or(0, |row| row.n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgresql_gets_numbered_values() {
        let s = statement(
            DbBackend::Postgres,
            "SELECT ? FROM t WHERE a = ? LIMIT 1",
            values![1, 2],
        );
        assert_eq!(s.sql, "SELECT $1 FROM t WHERE a = $2 LIMIT 1");
        assert_eq!(list(3), "(?, ?, ?)");
        assert_eq!(rows(2, 1), "(?), (?)");
    }

    #[test]
    fn many_rows_go_in_few_different_statements() {
        let mut left = 300;
        let mut parts = Vec::new();
        while left > 0 {
            parts.push(part(left));
            left -= part(left);
        }
        assert_eq!(parts, [128, 128, 32, 8, 4]);
    }
}
