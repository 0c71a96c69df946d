//! `baton import`: a merchant's master data and counted stock from CSV files, all or nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use engine::geo::Location;
use engine::model::{
    Dimensions, Handling, Node, NodeAddress, NodeKind, NodeOffer, NodeStatus, Product, Service,
    StockImport, WEEKDAYS, Zone,
};
use orchestrator::sheet::{Row, Sheet};
use orchestrator::{Actor, Orchestrator, network, stock};

use super::rows::File;
use super::times::{cutoffs, dates, holidays, pickups, week};
use super::{MerchantArg, actor};

#[derive(Args)]
#[command(after_help = "\
Files are CSV in UTF-8 with a header line; columns may stand in any order, optional ones may be missing. Lists within a
value have semicolons between them. What exists already is replaced. Either every row is imported or none: each bad row
is told with its line and column. FILE may be - for standard input. The server may run meanwhile.

'baton import products --help' and its like describe the columns.")]
pub struct ImportArgs {
    /// Only say what is wrong with the file and what would change, and write nothing
    #[arg(long, global = true)]
    dry_run: bool,
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    merchant: MerchantArg,
}

#[derive(Subcommand)]
enum What {
    /// What is sold
    #[command(after_help = "\
COLUMNS
  sku          the merchant's code
  name
  weight_g     grams, 0 to 1000000
  length_mm, width_mm, height_mm   optional, all three or none
  requires     optional: what a node must provide, such as hazmat;cold
  category     optional: for rules that hold for all of them
  barcode      optional
  image_url    optional

EXAMPLE
  sku,name,weight_g,requires
  1082185,Bananas,900,
  995242,Milk 1 l,1050,cold")]
    Products { file: PathBuf },
    /// Places that fulfill
    #[command(after_help = "\
COLUMNS
  code         the merchant's code
  name
  kind         warehouse, store, third_party or vendor
  postal_code
  country      two letters, such as US
  line1, city, region              optional
  lat, lon     optional: looked up from the postal code
  time_zone    optional: looked up from the postal code
  mon … sun    optional: 09:00-18:00, or 09:00-18:00/14:00 with a cut-off; empty is closed. Without any of the seven
               columns the node is always open and cuts off at 24:00
  closed_on    optional: dates such as 2026-12-25;2027-01-01
  holidays     optional: the country whose public holidays are kept, with its part where that matters: US, DE-BY
  works_on     optional: holidays on which it works all the same, such as Columbus Day;Veterans Day
  cutoffs      optional: of single services, such as express mon-fri 15:30;pickup sat 12:00
  pickups      optional: when carriers collect, such as ground mon-fri 14:00 18:00; when the node closes unless told
  handling_days                    optional: working days until it is handed over; 0, the same day, unless told
  pack_minutes optional: from the cut-off until the last package is ready
  collect_minutes                  optional: opening time until it can be collected; 60 unless told
  daily_capacity                   optional: units a day; empty is no limit
  per_package, per_unit            optional: what handling costs, in minor units
  provides     optional: such as hazmat;cold
  offers       optional: ship, pickup or ship;pickup; ship unless told
  status       optional: active or paused; active unless told

EXAMPLE
  code,name,kind,postal_code,country,mon,tue,wed,thu,fri,daily_capacity
  dc-east,East,warehouse,18031,US,06:00-22:00/17:00,06:00-22:00,06:00-22:00,06:00-22:00,06:00-18:00,5000")]
    Nodes { file: PathBuf },
    /// Carriers' ways to deliver: one row for each zone, nearest first
    #[command(after_help = "\
COLUMNS
  code         the merchant's code; rows with the same code are the zones of one service
  carrier, level                   needed in the first row of a code
  up_to_km     how far the zone reaches
  per_package, per_kg              minor units
  transit_days
  pickups, delivers_on             optional, first row of a code: such as mon;tue;wed; every day unless told
  closed_on    optional, first row of a code: dates without collection and delivery, such as 2026-12-24
  works_on     optional, first row of a code: public holidays on which it works, such as US Columbus Day;DE *
  nodes        optional, first row of a code: codes of the nodes that have it; all unless told

EXAMPLE
  code,carrier,level,up_to_km,per_package,per_kg,transit_days
  ground,Acme,standard,300,700,50,2
  ground,,,6000,1000,120,5")]
    Services { file: PathBuf },
    /// Counted stock: the truth about on_hand at this moment
    #[command(after_help = "\
COLUMNS
  node, sku
  on_hand      units
  safety_stock optional: units kept back from sale; stays as it is when empty

Every row is checked before the first is written; files above 10,000 rows are written in parts of that size.

EXAMPLE
  node,sku,on_hand,safety_stock
  dc-east,1082185,400,20")]
    Stock { file: PathBuf },
}

pub async fn run(orc: &Orchestrator, args: ImportArgs) -> Result<ExitCode> {
    let actor = actor(orc, &args.merchant).await?;
    let dry_run = args.dry_run;
    let (count, what) = match args.what {
        What::Products { file } => (products(orc, &actor, &file, dry_run).await?, "products"),
        What::Nodes { file } => (nodes(orc, &actor, &file, dry_run).await?, "nodes"),
        What::Services { file } => (services(orc, &actor, &file, dry_run).await?, "services"),
        What::Stock { file } => return counted(orc, &actor, &file, dry_run).await,
    };
    if dry_run {
        println!("{count} {what} could be imported. Nothing was written.");
    } else {
        println!("{count} {what} imported.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn products(orc: &Orchestrator, actor: &Actor, file: &Path, dry_run: bool) -> Result<usize> {
    let optional = [
        "length_mm",
        "width_mm",
        "height_mm",
        "requires",
        "category",
        "barcode",
        "image_url",
    ];
    let file = File::read(file)?;
    let mut sheet = Sheet::read(&file.content, &["sku", "name", "weight_g"], &optional);
    let products = sheet.map(product);
    file.check(sheet.problems())?;
    let imported = if dry_run {
        network::check_products(actor, &products).map(|()| products.len())
    } else {
        network::import_products(orc, actor, products).await
    };
    imported.map_err(|error| file.refused_row(error, &sheet))
}

fn product(row: &mut Row) -> Option<Product> {
    let (sku, name) = (row.required("sku"), row.required("name"));
    let weight_g = row.needed("weight_g", "a whole number of grams");
    let sides = ["length_mm", "width_mm", "height_mm"]
        .map(|side| row.value(side, "a whole number of millimeters"));
    let dimensions_mm = match sides {
        [Some(Some(length)), Some(Some(width)), Some(Some(height))] => Some(Dimensions {
            length,
            width,
            height,
        }),
        [Some(None), Some(None), Some(None)] => None,
        _ => {
            row.wrong(
                "length_mm",
                "some sides are missing",
                "all three of length_mm, width_mm and height_mm, or none",
            );
            return None;
        }
    };
    Some(Product {
        sku: sku?,
        name: name?,
        weight_g: weight_g?,
        dimensions_mm,
        requires: row.list("requires"),
        category: row.optional("category"),
        barcode: row.optional("barcode"),
        image_url: row.optional("image_url"),
    })
}

async fn nodes(orc: &Orchestrator, actor: &Actor, file: &Path, dry_run: bool) -> Result<usize> {
    let file = File::read(file)?;
    let required = ["code", "name", "kind", "postal_code", "country"];
    let mut optional = vec![
        "line1",
        "city",
        "region",
        "lat",
        "lon",
        "time_zone",
        "closed_on",
        "holidays",
        "works_on",
        "cutoffs",
        "pickups",
        "handling_days",
        "pack_minutes",
        "collect_minutes",
        "daily_capacity",
        "per_package",
        "per_unit",
        "provides",
        "offers",
        "status",
    ];
    optional.extend(WEEKDAYS);
    let mut sheet = Sheet::read(&file.content, &required, &optional);
    let has_hours = WEEKDAYS.iter().any(|day| sheet.has(day));
    let mut nodes = sheet.map(|row| node(row, has_hours));
    file.check(sheet.problems())?;
    let imported = if dry_run {
        network::check_nodes(actor, &mut nodes).map(|()| nodes.len())
    } else {
        network::import_nodes(orc, actor, nodes).await
    };
    imported.map_err(|error| file.refused_row(error, &sheet))
}

/// Everything is looked at before the first `?`, so that all that is wrong with a row is told at once.
fn node(row: &mut Row, has_hours: bool) -> Option<Node> {
    let (code, name) = (row.required("code"), row.required("name"));
    let kind = one_of(
        row,
        "kind",
        &NodeKind::ALL.map(|kind| (kind.as_str(), kind)),
    );
    let (postal_code, country) = (row.required("postal_code"), row.required("country"));
    let location = location(row);
    let week = if has_hours {
        week(row).map(Some)
    } else {
        Some(None)
    };
    let closed_on = dates(row, "closed_on");
    let holidays = holidays(row);
    let (cutoffs, pickups) = (cutoffs(row), pickups(row));
    let handling_days = row.value("handling_days", "a whole number of days");
    let pack_minutes = row.value("pack_minutes", "a whole number of minutes");
    let collect_minutes = row.value("collect_minutes", "a whole number of minutes");
    let daily_capacity = row.value("daily_capacity", "a whole number of units");
    let per_package: Option<Option<f64>> = row.value("per_package", "a number");
    let per_unit: Option<Option<f64>> = row.value("per_unit", "a number");
    let offers = offers(row);
    let status = match row.optional("status") {
        None => Some(NodeStatus::Active),
        Some(_) => one_of(
            row,
            "status",
            &[
                ("active", NodeStatus::Active),
                ("paused", NodeStatus::Paused),
            ],
        ),
    };
    Some(Node {
        code: code?,
        name: name?,
        kind: kind?,
        address: NodeAddress {
            line1: row.text("line1"),
            city: row.text("city"),
            region: row.text("region"),
            postal_code: postal_code?,
            country: country?,
        },
        location: location?,
        time_zone: row.optional("time_zone"),
        week: week?,
        closed_on: closed_on?,
        cutoffs: cutoffs?,
        holidays,
        pickups: pickups?,
        handling_days: handling_days?.unwrap_or(0),
        pack_minutes: pack_minutes?.unwrap_or(0),
        collect_minutes: collect_minutes?.unwrap_or(60),
        daily_capacity: daily_capacity?,
        handling: Handling {
            per_package: per_package?.unwrap_or(0.0),
            per_unit: per_unit?.unwrap_or(0.0),
        },
        provides: row.list("provides"),
        offers: offers?,
        status: status?,
    })
}

fn one_of<T: Copy>(row: &mut Row, column: &str, options: &[(&str, T)]) -> Option<T> {
    let text = row.required(column)?;
    let found = options
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = options.iter().map(|(name, _)| *name).collect();
        let right = format!("one of {}", names.join(", "));
        row.wrong(column, format!("'{text}' does not fit"), right);
    }
    found
}

#[expect(clippy::option_option, reason = "missing and wrong are two things")]
fn location(row: &mut Row) -> Option<Option<Location>> {
    let (lat, lon) = (
        row.value("lat", "a latitude"),
        row.value("lon", "a longitude"),
    );
    match (lat?, lon?) {
        (Some(lat), Some(lon)) => Some(Some(Location { lat, lon })),
        (None, None) => Some(None),
        _ => {
            row.wrong(
                "lat",
                "one of the two is missing",
                "both lat and lon, or none",
            );
            None
        }
    }
}

fn offers(row: &mut Row) -> Option<Vec<NodeOffer>> {
    let list = row.list("offers");
    if list.is_empty() {
        return Some(vec![NodeOffer::Ship]);
    }
    let parsed = list.iter().map(|offer| match offer.as_str() {
        "ship" => Some(NodeOffer::Ship),
        "pickup" => Some(NodeOffer::Pickup),
        _ => None,
    });
    let parsed: Option<Vec<_>> = parsed.collect();
    if parsed.is_none() {
        row.wrong(
            "offers",
            format!("'{}' does not fit", list.join(";")),
            "one of ship, pickup, ship;pickup",
        );
    }
    parsed
}

async fn services(orc: &Orchestrator, actor: &Actor, file: &Path, dry_run: bool) -> Result<usize> {
    let file = File::read(file)?;
    let required = [
        "code",
        "carrier",
        "level",
        "up_to_km",
        "per_package",
        "per_kg",
        "transit_days",
    ];
    let mut sheet = Sheet::read(
        &file.content,
        &required,
        &["pickups", "delivers_on", "closed_on", "works_on", "nodes"],
    );
    let mut services: Vec<Service> = Vec::new();
    // Of each service, the line of its first row.
    let mut lines: Vec<u64> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    sheet.map(|row| {
        let code = row.required("code")?;
        let zone = zone(row);
        if let Some(index) = known.get(&code) {
            services[*index].zones.extend(zone);
        } else if let Some(service) = service(row, code.clone()) {
            known.insert(code, services.len());
            lines.push(row.line());
            services.push(Service {
                zones: zone.into_iter().collect(),
                ..service
            });
        }
        Some(())
    });
    file.check(sheet.problems())?;
    let imported = if dry_run {
        network::check_services(orc, actor, &services)
            .await
            .map(|()| services.len())
    } else {
        network::import_services(orc, actor, services).await
    };
    imported.map_err(|error| file.refused(error, |row| lines.get(row).copied().unwrap_or(0)))
}

fn zone(row: &mut Row) -> Option<Zone> {
    let up_to_km = row.needed("up_to_km", "a number of kilometers");
    let per_package = row.needed("per_package", "a number of minor units");
    let per_kg = row.needed("per_kg", "a number of minor units");
    let transit_days = row.needed("transit_days", "a whole number of days");
    Some(Zone {
        up_to_km: up_to_km?,
        per_package: per_package?,
        per_kg: per_kg?,
        transit_days: transit_days?,
    })
}

fn service(row: &mut Row, code: String) -> Option<Service> {
    let (carrier, level) = (row.required("carrier"), row.required("level"));
    let days = |list: Vec<String>| {
        if list.is_empty() {
            WEEKDAYS.map(str::to_owned).to_vec()
        } else {
            list
        }
    };
    let nodes = row.list("nodes");
    let closed_on = dates(row, "closed_on");
    let mut works_on: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in row.list("works_on") {
        if let Some((country, name)) = item.split_once(' ') {
            let names = works_on.entry(country.to_owned()).or_default();
            names.push(name.trim().to_owned());
        } else {
            let wrong = format!("'{item}' does not fit");
            row.wrong(
                "works_on",
                wrong,
                "a country and a holiday such as US Columbus Day",
            );
            return None;
        }
    }
    Some(Service {
        code,
        carrier: carrier?,
        level: level?,
        zones: Vec::new(),
        pickups: days(row.list("pickups")),
        delivers_on: days(row.list("delivers_on")),
        closed_on: closed_on?,
        works_on,
        nodes: (!nodes.is_empty()).then_some(nodes),
        suspended_until: None,
    })
}

async fn counted(
    orc: &Orchestrator,
    actor: &Actor,
    file: &Path,
    dry_run: bool,
) -> Result<ExitCode> {
    let file = File::read(file)?;
    let report = stock::import(orc, actor, &file.content, dry_run).await?;
    if !dry_run {
        file.check(&report.problems)?;
        println!("{} stock rows imported.", report.rows);
        return Ok(ExitCode::SUCCESS);
    }
    print!("{}", would_be(&report));
    Ok(if report.problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What an import would do, with every problem.
fn would_be(report: &StockImport) -> String {
    use std::fmt::Write;
    let StockImport {
        rows,
        changed,
        new,
        units_up,
        units_down,
        ..
    } = report;
    let mut text = String::new();
    for problem in &report.problems {
        let _ = writeln!(text, "{problem}");
    }
    for row in &report.short {
        let (sku, node, on_hand, reserved) = (&row.sku, &row.node, row.on_hand, row.reserved);
        let _ = writeln!(
            text,
            "{sku} at {node}: {reserved} are reserved and {on_hand} counted"
        );
    }
    let _ = writeln!(
        text,
        "{rows} stock rows: {changed} would change, {new} of them new; {units_up} units more and {units_down} fewer."
    );
    let _ = match report.problems.len() {
        0 => writeln!(text, "Nothing was written."),
        1 => writeln!(
            text,
            "Nothing was written, and nothing can be before 1 problem is mended."
        ),
        n => writeln!(
            text,
            "Nothing was written, and nothing can be before {n} problems are mended."
        ),
    };
    text
}
