//! `baton` as people run it.

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn baton(folder: &TempDir, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_baton"))
        .args(args)
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn with_merchant() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "init",
        "--merchant",
        "Tea House",
        "--name",
        "Ana",
        "--email",
        "ana@example.com",
    ];
    let output = baton(&folder, &args, "");
    assert!(
        text(&output.stdout).contains("shown this once"),
        "{}",
        text(&output.stderr)
    );
    let again = baton(&folder, &args, "");
    assert!(
        text(&again.stderr).contains("already"),
        "{}",
        text(&again.stderr)
    );
    folder
}

#[test]
fn every_help_page_says_what_it_does() {
    let folder = tempfile::tempdir().unwrap();
    for (args, part) in [
        (&["--help"][..], "EXAMPLES"),
        (&["serve", "--help"], "--demo-speed"),
        (&["migrate", "--help"], "tables"),
        (&["import", "--help"], "stock"),
        (&["import", "nodes", "--help"], "09:00-18:00/14:00"),
        (&["user", "add", "--help"], "node_staff"),
        (&["key", "add", "--help"], "orders_write"),
        (&["route", "--help"], "problems.jsonl"),
        (&["verify", "--help"], "hash"),
        (&["replay", "--help"], "byte"),
    ] {
        let output = baton(&folder, args, "");
        assert!(output.status.success());
        assert!(
            text(&output.stdout).contains(part),
            "{args:?}: {}",
            text(&output.stdout)
        );
    }
    assert!(
        std::fs::read_dir(folder.path()).unwrap().next().is_none(),
        "help leaves nothing behind"
    );
}

#[test]
fn the_engine_answers_line_by_line() {
    let problem = r#"{"order": {"id": "o-1", "destination": {"lat": 40.75, "lon": -73.99}, "lines": [{"id": "1", "sku": "A", "quantity": 2, "weight_g": 500}]}, "nodes": [{"id": "dc", "kind": "warehouse", "lat": 40.0, "lon": -75.1, "stock": {"A": 10}}], "services": [{"id": "ground", "zones": [{"up_to_km": 300, "per_package": 700, "per_kg": 50, "transit_days": 2}]}], "policy": {"unfilled_per_unit": 100000}}"#;
    let folder = tempfile::tempdir().unwrap();
    let output = baton(
        &folder,
        &["route", "--timing"],
        &format!("{problem}\nnonsense\n{problem}\n"),
    );
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0], lines[0]["cost"]["total"].as_f64()),
        (&lines[2], Some(750.0))
    );
    assert!(lines[1]["error"].is_object());
    assert!(
        text(&output.stderr).contains("count 2"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        baton(&folder, &["route"], &format!("{problem}\n"))
            .status
            .success()
    );
}

#[test]
fn the_engine_plans_waiting_orders_together() {
    let order = |id: &str| {
        format!(
            r#"{{"id": "{id}", "destination": {{"lat": 40.75, "lon": -73.99}}, "lines": [{{"id": "1", "sku": "A", "quantity": 2, "weight_g": 500}}]}}"#
        )
    };
    let shared = r#""nodes": [{"id": "dc", "kind": "warehouse", "lat": 40.0, "lon": -75.1, "stock": {"A": 3}}], "services": [{"id": "ground", "zones": [{"up_to_km": 300, "per_package": 700, "per_kg": 50, "transit_days": 2}]}], "policy": {"unfilled_per_unit": 100000}"#;
    let input = format!(
        r#"{{"orders": [{}, {}], {shared}}}"#,
        order("o-1"),
        order("o-2")
    );
    let folder = tempfile::tempdir().unwrap();
    let output = baton(&folder, &["route", "--joint", "--timing"], &input);
    assert!(output.status.success());
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // Three of four units: two packages of 700, 1.5 kg at 50, and one unit that nobody has.
    assert_eq!(answer["total"], 101_475);
    assert_eq!(answer["one_by_one"], 101_475);
    assert_eq!(answer["plans"].as_array().unwrap().len(), 2);
    assert!(text(&output.stderr).contains("orders 2"));

    let twice = format!(
        r#"{{"orders": [{}, {}], {shared}}}"#,
        order("o-1"),
        order("o-1")
    );
    let output = baton(&folder, &["route", "--joint"], &twice);
    assert_eq!(output.status.code(), Some(1));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["error"]["pointer"], "#/orders/1/id");
}

#[test]
fn a_merchants_data_comes_in_from_files() {
    let folder = with_merchant();
    let write =
        |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    write(
        "products.csv",
        "sku,name,weight_g,requires\nA,Tea,250,\nB,Milk,1050,cold;fragile\n",
    );
    write(
        "nodes.csv",
        "code,name,kind,postal_code,country,mon,provides,holidays,works_on,cutoffs,pickups\n\
         east,East,warehouse,10001,US,09:00-18:00/14:00,cold;fragile,US,Columbus Day,ground mon 15:00,ground mon 12:00 17:00\n",
    );
    write(
        "services.csv",
        "code,carrier,level,up_to_km,per_package,per_kg,transit_days,works_on\n\
         ground,Post,standard,300,700,50,2,US Columbus Day\nground,,,6000,1000,120,5,\n",
    );
    write(
        "stock.csv",
        "\u{feff}node,sku,on_hand,safety_stock\neast,A,10,\neast,B,5,1\n",
    );
    for (what, told) in [
        ("products", "2 products"),
        ("nodes", "1 nodes"),
        ("services", "1 services"),
        ("stock", "2 stock rows"),
    ] {
        let output = baton(&folder, &["import", what, &format!("{what}.csv")], "");
        assert!(
            output.status.success() && text(&output.stdout).contains(told),
            "{}",
            text(&output.stderr)
        );
    }
    write(
        "bad.csv",
        "sku,name,weight_g\nC,Cup,heavy\n,Nameless,1\nD,Dish,2000000\n",
    );
    let output = baton(&folder, &["import", "products", "bad.csv"], "");
    let told = text(&output.stderr);
    assert!(!output.status.success());
    for part in [
        "nothing was imported",
        "line 2, weight_g: 'heavy'",
        "line 3, sku: a value is needed",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    write("bad.csv", "sku,name,weight_g\nC,Cup,1\nD,Dish,2000000\n");
    assert!(
        text(&baton(&folder, &["import", "products", "bad.csv"], "").stderr)
            .contains("line 3, weight_g")
    );
    write(
        "bad.csv",
        "code,name,kind,postal_code,country,mon,cutoffs,pickups\n\
         west,West,store,94105,US,09:00-18:00,ground noon,ground mon-sun\n",
    );
    let output = baton(&folder, &["import", "nodes", "bad.csv"], "");
    let told = text(&output.stderr);
    for part in [
        "line 2, cutoffs: 'ground noon'",
        "line 2, pickups: 'ground mon-sun'",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let output = baton(
        &folder,
        &["import", "stock", "-"],
        "node,sku,on_hand\neast,A,1\nmoon,A,1\neast,Z,-1\n",
    );
    for part in [
        "line 3, node: there is no node 'moon'",
        "line 4, sku",
        "line 4, on_hand",
    ] {
        assert!(
            text(&output.stderr).contains(part),
            "{part} in {}",
            text(&output.stderr)
        );
    }
    let output = baton(
        &folder,
        &["import", "--dry-run", "stock", "-"],
        "node,sku,on_hand\neast,A,7\nEAST,B,4\n",
    );
    assert!(!output.status.success());
    for part in [
        "line 3, node: there is no node 'EAST'; right would be 'east'",
        "1 stock rows: 1 would change, 0 of them new; 0 units more and 3 fewer.",
        "Nothing was written, and nothing can be before 1 problem is mended.",
    ] {
        assert!(
            text(&output.stdout).contains(part),
            "{part} in {}",
            text(&output.stdout)
        );
    }
    write("more.csv", "sku,name,weight_g\nE,Egg,60\n");
    let output = baton(
        &folder,
        &["import", "products", "more.csv", "--dry-run"],
        "",
    );
    assert_eq!(
        text(&output.stdout).trim(),
        "1 products could be imported. Nothing was written."
    );
    assert!(
        text(&baton(&folder, &["import", "stock", "products.csv"], "").stderr)
            .contains("lacks the column node")
    );
    let output = baton(&folder, &["verify"], "");
    assert!(
        output.status.success() && text(&output.stdout).contains("each fits"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn people_and_keys_are_added() {
    let folder = with_merchant();
    let output = baton(
        &folder,
        &["key", "add", "--name", "Shop", "--scope", "orders_write"],
        "",
    );
    assert!(
        text(&output.stdout).starts_with("sk_"),
        "{}",
        text(&output.stderr)
    );
    let output = baton(
        &folder,
        &[
            "user",
            "add",
            "--email",
            "bo@example.com",
            "--name",
            "Bo",
            "--role",
            "viewer",
        ],
        "",
    );
    assert!(
        text(&output.stdout).contains("shown this once"),
        "{}",
        text(&output.stderr)
    );
    let args = [
        "user",
        "add",
        "--email",
        "c@example.com",
        "--name",
        "C",
        "--role",
        "agent",
        "--password-stdin",
    ];
    assert!(text(&baton(&folder, &args, "short\n").stderr).contains("password"));
    assert!(
        baton(&folder, &args, "a long enough password\n")
            .status
            .success()
    );
    let output = baton(
        &folder,
        &[
            "user", "add", "--email", "x", "--name", "X", "--role", "king",
        ],
        "",
    );
    assert!(
        text(&output.stderr).contains("node_staff"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(
        text(&baton(&folder, &["user", "list"], "").stdout)
            .lines()
            .count(),
        3
    );
    assert!(text(&baton(&folder, &["key", "list"], "").stdout).contains("Shop"));
}

#[test]
fn a_bad_configuration_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("baton.toml"), "read_connections = 0\n").unwrap();
    let output = baton(&folder, &["migrate"], "");
    assert!(
        text(&output.stderr).contains("read_connections in baton.toml is '0'"),
        "{}",
        text(&output.stderr)
    );
    std::fs::write(folder.path().join("baton.toml"), "colour = 'red'\n").unwrap();
    assert!(text(&baton(&folder, &["migrate"], "").stderr).contains("'colour'"));
    let output = baton(&folder, &["--config", "none.toml", "migrate"], "");
    assert!(text(&output.stderr).contains("none.toml"));
    let output = baton(&folder, &["key", "list", "--database-url", "mysql://x"], "");
    assert!(!output.status.success());
}

#[test]
fn a_taken_address_is_told_and_the_database_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = baton(&folder, &["serve", "--address", &address], "");
    let told = text(&output.stderr);
    assert!(
        told.contains(&address) && told.contains("taken") && told.contains("BATON_ADDRESS"),
        "{told}"
    );
    assert!(!folder.path().join("var").exists());
}

/// A real process on a real port: serves, routes, and ends when it is asked to, with a stream open.
#[test]
fn the_server_serves_and_ends_when_asked() {
    let folder = with_merchant();
    let key = baton(
        &folder,
        &["key", "add", "--name", "Shop", "--scope", "events_read"],
        "",
    );
    let key = text(&key.stdout).trim().to_owned();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_baton"))
        .args(["serve", "--address", &free.to_string()])
        .current_dir(folder.path())
        .env_clear()
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let get = |path: &str| -> Option<(std::net::TcpStream, String)> {
        let mut stream = std::net::TcpStream::connect(free).ok()?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n"
        )
        .ok()?;
        let mut start = [0; 512];
        let read = stream.read(&mut start).ok()?;
        Some((stream, String::from_utf8_lossy(&start[..read]).into_owned()))
    };
    let begun = std::time::Instant::now();
    let ready = || get("/readyz").is_some_and(|(_, answer)| answer.starts_with("HTTP/1.1 200"));
    while !ready() {
        assert!(begun.elapsed().as_secs() < 20, "it does not get ready");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let (_stream, answer) = get("/api/v1/stream").unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("text/event-stream"),
        "{answer}"
    );
    let killed = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    let asked = std::time::Instant::now();
    assert!(child.wait().unwrap().success());
    assert!(
        asked.elapsed().as_secs() < 8,
        "it waits for the stream: {:?}",
        asked.elapsed()
    );
}
