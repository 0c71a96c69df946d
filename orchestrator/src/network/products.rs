use std::collections::HashSet;

use engine::model::{FieldError, Page, Permission, Product};
use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, FromQueryResult, IntoActiveModel};

use super::{Put, check};
use crate::paging::page_of;
use crate::store::sql::{self, values};
use crate::store::tables::products::{Column, Entity, Model};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, PageRequest, Result, stock};

/// Makes a product or changes it.
pub async fn put_product(
    orc: &Orchestrator,
    actor: &Actor,
    sku: &str,
    mut product: Product,
) -> Result<Put<Product>> {
    actor.check(Permission::ChangeNetwork)?;
    sku.clone_into(&mut product.sku);
    let errors = check::product(&product);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            let before = find(tx.conn(), &by, &product.sku).await?;
            if before.as_ref() != Some(&product) {
                upsert(tx, std::slice::from_ref(&product)).await?;
                let (kind, verb) = if before.is_some() {
                    ("product.changed", "changed")
                } else {
                    ("product.added", "added")
                };
                let summary = format!("Product {} ({}) {verb}", product.sku, product.name);
                let data = serde_json::to_value(&product).map_err(Error::internal)?;
                tx.emit(
                    NewEvent::new(kind, format!("product:{}", product.sku), &by, summary)
                        .data(data),
                );
                let category = before.as_ref().and_then(|before| before.category.as_ref());
                if category != product.category.as_ref() {
                    tx.network_changed();
                    stock::apply_rules(tx, &by, Some(&product.sku)).await?;
                }
            }
            Ok(Put {
                created: before.is_none(),
                value: product,
            })
        }
        .boxed()
    })
    .await
}

/// Whether these products could be imported.
pub fn check_products(actor: &Actor, products: &[Product]) -> Result<()> {
    actor.check(Permission::ChangeNetwork)?;
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    for (row, product) in products.iter().enumerate() {
        errors.extend(check::in_row(row, check::product(product)));
        if !seen.insert(product.sku.as_str()) {
            errors.push(FieldError::new(
                format!("#/{row}/sku"),
                format!("'{}' came before in this list", product.sku),
            ));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Many products at once, all or nothing; one event tells how many.
pub async fn import_products(
    orc: &Orchestrator,
    actor: &Actor,
    products: Vec<Product>,
) -> Result<usize> {
    check_products(actor, &products)?;
    let by = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            upsert(tx, &products).await?;
            let summary = format!("{} products imported", products.len());
            tx.emit(NewEvent::new("products.imported", "products", &by, summary));
            tx.network_changed();
            stock::apply_rules(tx, &by, None).await?;
            Ok(products.len())
        }
        .boxed()
    })
    .await
}

pub async fn product(orc: &Orchestrator, actor: &Actor, sku: &str) -> Result<Product> {
    actor.check(Permission::ReadNetwork)?;
    find(orc.reader(), actor, sku)
        .await?
        .ok_or_else(|| Error::not_found("product", sku))
}

/// By SKU; `q` is text in the SKU, the name or the barcode.
pub async fn products(
    orc: &Orchestrator,
    actor: &Actor,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Product>> {
    actor.check(Permission::ReadNetwork)?;
    let limit = page.limit()?;
    let mut wheres = "merchant_id = ?".to_owned();
    let mut bound = values![actor.merchant.0];
    if let Some(q) = q.map(str::trim).filter(|q| !q.is_empty()) {
        wheres.push_str(" AND search LIKE ? ESCAPE '\\'");
        bound.push(like(q).into());
    }
    let total = if page.with_total {
        Some(
            sql::number(
                orc.reader(),
                &format!("SELECT count(*) AS n FROM products WHERE {wheres}"),
                bound.clone(),
            )
            .await? as u64,
        )
    } else {
        None
    };
    if let Some(after) = page.after()? {
        wheres.push_str(" AND sku > ?");
        bound.push(after.into());
    }
    bound.push((limit as i64 + 1).into());
    let sql = format!("SELECT detail FROM products WHERE {wheres} ORDER BY sku LIMIT ?");
    let rows: Vec<Detail> = sql::all(orc.reader(), &sql, bound).await?;
    let products = rows
        .iter()
        .map(Detail::parse)
        .collect::<Result<Vec<Product>>>()?;
    Ok(page_of(products, limit, total, |product| {
        product.sku.clone()
    }))
}

/// A `LIKE` pattern for text that is contained, in lower case.
pub(crate) fn like(q: &str) -> String {
    let q: String = q.chars().take(200).collect::<String>().to_lowercase();
    format!(
        "%{}%",
        q.replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_")
    )
}

#[derive(FromQueryResult)]
struct Detail {
    detail: String,
}

impl Detail {
    fn parse(&self) -> Result<Product> {
        serde_json::from_str(&self.detail).map_err(Error::internal)
    }
}

async fn find(
    on: &impl sea_orm::ConnectionTrait,
    actor: &Actor,
    sku: &str,
) -> Result<Option<Product>> {
    let row = Entity::find_by_id((actor.merchant.0, sku.to_owned()))
        .one(on)
        .await?;
    row.map(|row| serde_json::from_str(&row.detail).map_err(Error::internal))
        .transpose()
}

async fn upsert(tx: &Tx, products: &[Product]) -> Result<()> {
    let update = OnConflict::columns([Column::MerchantId, Column::Sku])
        .update_columns([
            Column::Name,
            Column::WeightG,
            Column::Requires,
            Column::Detail,
            Column::Search,
            Column::UpdatedAt,
            Column::Category,
        ])
        .to_owned();
    for chunk in products.chunks(500) {
        let mut rows = Vec::with_capacity(chunk.len());
        for product in chunk {
            let barcode = product.barcode.as_deref().unwrap_or_default();
            let row = Model {
                merchant_id: tx.merchant().0,
                sku: product.sku.clone(),
                name: product.name.clone(),
                weight_g: i64::from(product.weight_g),
                requires: serde_json::to_string(&product.requires).map_err(Error::internal)?,
                detail: serde_json::to_string(product).map_err(Error::internal)?,
                search: format!("{} {} {barcode}", product.sku, product.name).to_lowercase(),
                updated_at: tx.now_us(),
                category: product.category.clone(),
            };
            rows.push(row.into_active_model());
        }
        Entity::insert_many(rows)
            .on_conflict(update.clone())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}
