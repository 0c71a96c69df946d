//! Statements written by hand, in the SQL that SQLite and PostgreSQL share, with `?` for values.

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
                numbered.push('$');
                numbered.push_str(&n.to_string());
            }
            None => numbered.push_str(part),
        }
    }
    debug_assert_eq!(n, values.len(), "{sql}");
    Statement::from_sql_and_values(backend, numbered, values)
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
    }
}
