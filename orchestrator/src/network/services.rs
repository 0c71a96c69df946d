use chrono::{DateTime, Utc};
use engine::model::{FieldError, MerchantId, Page, Permission, Service};
use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{Put, Seen, check};
use crate::paging::page_of;
use crate::store::tables::nodes;
use crate::store::tables::services::{Column, Entity, Model};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, PageRequest, Result, repair, routing};

/// Makes a carrier service or changes it.
pub async fn put_service(
    orc: &Orchestrator,
    actor: &Actor,
    code: &str,
    mut service: Service,
) -> Result<Put<Service>> {
    code.clone_into(&mut service.code);
    write(orc, actor, Seen::Any, service).await
}

/// Makes a service (`before` is none), or changes one that still is as it was seen.
pub async fn change_service(
    orc: &Orchestrator,
    actor: &Actor,
    before: Option<Service>,
    service: Service,
) -> Result<Service> {
    let seen = match before {
        Some(before) if before.code == service.code => Seen::This(before),
        Some(_) => return Err(Error::field("#/code", "a code does not change")),
        None => Seen::Nothing,
    };
    Ok(write(orc, actor, seen, service).await?.value)
}

async fn write(
    orc: &Orchestrator,
    actor: &Actor,
    seen: Seen<Service>,
    service: Service,
) -> Result<Put<Service>> {
    actor.check(Permission::ChangeNetwork)?;
    let errors = check::service(&service);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            let unknown = unknown_nodes(tx.conn(), tx.merchant(), &service).await?;
            if !unknown.is_empty() {
                return Err(Error::Invalid(unknown));
            }
            let before = find(tx.conn(), &by, &service.code).await?;
            seen.check("service", &service.code, before.as_ref())?;
            if before.as_ref() != Some(&service) {
                upsert(tx, std::slice::from_ref(&service)).await?;
                routing::wake_all_backorders(tx).await?;
                let (kind, verb) = if before.is_some() {
                    ("service.changed", "changed")
                } else {
                    ("service.added", "added")
                };
                let summary = format!("Service {} ({}) {verb}", service.code, service.carrier);
                let data = serde_json::to_value(&service).map_err(Error::internal)?;
                tx.emit(
                    NewEvent::new(kind, format!("service:{}", service.code), &by, summary)
                        .data(data),
                );
            }
            Ok(Put {
                created: before.is_none(),
                value: service,
            })
        }
        .boxed()
    })
    .await
}

/// Sends nothing with a service until a time, or with `None` sends with it again.
pub async fn suspend_service(
    orc: &Orchestrator,
    actor: &Actor,
    code: &str,
    until: Option<DateTime<Utc>>,
) -> Result<Service> {
    actor.check(Permission::ChangeNetwork)?;
    if until.is_some_and(|until| until <= orc.now()) {
        let detail = "a service is suspended until a time that is to come";
        return Err(Error::field("#/suspended_until", detail));
    }
    let (by, code) = (actor.clone(), code.to_owned());
    orc.write_once(actor, move |tx| {
        async move { suspend(tx, &by, &code, until).await }.boxed()
    })
    .await
}

async fn suspend(
    tx: &mut Tx,
    by: &Actor,
    code: &str,
    until: Option<DateTime<Utc>>,
) -> Result<Service> {
    let found = find(tx.conn(), by, code).await?;
    let mut service = found.ok_or_else(|| Error::not_found("service", code))?;
    if service.suspended_until == until {
        return Ok(service);
    }
    service.suspended_until = until;
    upsert(tx, std::slice::from_ref(&service)).await?;
    let (kind, what) = match until {
        Some(until) => (
            "service.suspended",
            format!("suspended until {}", until.format("%b %-d, %H:%M UTC")),
        ),
        None => ("service.resumed", "in use again".to_owned()),
    };
    let summary = format!("Service {code} ({}) is {what}", service.carrier);
    let event = NewEvent::new(kind, format!("service:{code}"), by, summary);
    tx.emit(event.data(serde_json::json!({ "suspended_until": until })));
    if until.is_some() {
        repair::service_down(tx, &service).await?;
    }
    if until.is_none() {
        routing::wake_all_backorders(tx).await?;
    }
    Ok(service)
}

/// Takes services back into use whose time is over; orders that wait for them go on. Returns how many.
pub async fn resume_services(orc: &Orchestrator) -> Result<usize> {
    let named = Entity::find().filter(Column::Detail.contains("\"suspended_until\":\""));
    let now = orc.now();
    let mut resumed = 0;
    for row in named.all(orc.reader()).await? {
        let merchant = MerchantId(row.merchant_id);
        let service = parse(row)?;
        if service.suspended_until.is_none() || service.is_suspended(now) {
            continue;
        }
        let by = Actor::system(merchant, "Calendar");
        orc.write(merchant, move |tx| {
            async move {
                let found = find(tx.conn(), &by, &service.code).await?;
                // Somebody may have suspended it anew.
                if found.is_some_and(|found| found.suspended_until == service.suspended_until) {
                    suspend(tx, &by, &service.code, None).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await?;
        resumed += 1;
    }
    Ok(resumed)
}

/// Whether these services could be imported.
pub async fn check_services(orc: &Orchestrator, actor: &Actor, services: &[Service]) -> Result<()> {
    actor.check(Permission::ChangeNetwork)?;
    let errors: Vec<_> = services
        .iter()
        .enumerate()
        .flat_map(|(row, service)| check::in_row(row, check::service(service)))
        .collect();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    check_nodes(orc.reader(), actor.merchant, services).await
}

/// Many services at once, all or nothing; one event tells how many.
pub async fn import_services(
    orc: &Orchestrator,
    actor: &Actor,
    services: Vec<Service>,
) -> Result<usize> {
    check_services(orc, actor, &services).await?;
    let by = actor.clone();
    orc.write(actor.merchant, move |tx| {
        async move {
            check_nodes(tx.conn(), tx.merchant(), &services).await?;
            upsert(tx, &services).await?;
            routing::wake_all_backorders(tx).await?;
            let summary = format!("{} services imported", services.len());
            tx.emit(NewEvent::new("services.imported", "services", &by, summary));
            Ok(services.len())
        }
        .boxed()
    })
    .await
}

/// Every node that a service names has to be there.
async fn check_nodes(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    services: &[Service],
) -> Result<()> {
    let mut unknown = Vec::new();
    for (row, service) in services.iter().enumerate() {
        unknown.extend(check::in_row(
            row,
            unknown_nodes(on, merchant, service).await?,
        ));
    }
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(unknown))
    }
}

pub async fn service(orc: &Orchestrator, actor: &Actor, code: &str) -> Result<Service> {
    actor.check(Permission::ReadNetwork)?;
    find(orc.reader(), actor, code)
        .await?
        .ok_or_else(|| Error::not_found("service", code))
}

/// By code.
pub async fn services(
    orc: &Orchestrator,
    actor: &Actor,
    page: &PageRequest,
) -> Result<Page<Service>> {
    actor.check(Permission::ReadNetwork)?;
    let limit = page.limit()?;
    let mut query = Entity::find().filter(Column::MerchantId.eq(actor.merchant.0));
    if let Some(after) = page.after()? {
        query = query.filter(Column::Code.gt(after));
    }
    let rows = query
        .order_by_asc(Column::Code)
        .limit(limit + 1)
        .all(orc.reader())
        .await?;
    let services = rows.into_iter().map(parse).collect::<Result<Vec<_>>>()?;
    Ok(page_of(services, limit, None, |service| {
        service.code.clone()
    }))
}

async fn find(
    on: &impl sea_orm::ConnectionTrait,
    actor: &Actor,
    code: &str,
) -> Result<Option<Service>> {
    let row = Entity::find_by_id((actor.merchant.0, code.to_owned()))
        .one(on)
        .await?;
    row.map(parse).transpose()
}

pub(super) fn parse(row: Model) -> Result<Service> {
    serde_json::from_str(&row.detail).map_err(Error::internal)
}

async fn unknown_nodes(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    service: &Service,
) -> Result<Vec<FieldError>> {
    let mut errors = Vec::new();
    for (i, node) in service.nodes.iter().flatten().enumerate() {
        let known = nodes::Entity::find_by_id((merchant.0, node.clone()))
            .one(on)
            .await?;
        if known.is_none() {
            errors.push(FieldError::new(
                format!("#/nodes/{i}"),
                format!("there is no node '{node}'"),
            ));
        }
    }
    Ok(errors)
}

async fn upsert(tx: &mut Tx, services: &[Service]) -> Result<()> {
    tx.network_changed();
    let update = OnConflict::columns([Column::MerchantId, Column::Code])
        .update_columns([
            Column::Carrier,
            Column::Level,
            Column::Detail,
            Column::UpdatedAt,
        ])
        .to_owned();
    for service in services {
        let row = Model {
            merchant_id: tx.merchant().0,
            code: service.code.clone(),
            carrier: service.carrier.clone(),
            level: service.level.clone(),
            detail: serde_json::to_string(service).map_err(Error::internal)?,
            updated_at: tx.now_us(),
        };
        Entity::insert(row.into_active_model())
            .on_conflict(update.clone())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}
