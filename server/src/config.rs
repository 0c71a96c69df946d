//! Configuration: a default for everything, then one TOML file, then `BATON_…` variables, then the command line.
//! A value that does not fit names its key, itself, and what would do.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// How the process is set up.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where to listen.
    pub address: SocketAddr,
    /// `sqlite://PATH` or `postgres://…`.
    pub database_url: String,
    /// What to log, such as `info` or `info,orchestrator=debug`.
    pub log: String,
    pub log_format: LogFormat,
    /// How browsers reach this server, without a slash at the end. With `https://` browsers are told to insist on it.
    pub public_url: Option<String>,
    /// Proxies in front of this server, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Database connections to read with.
    pub read_connections: u32,
    /// Orders that the router plans at once.
    pub router_batch: u32,
    /// Seconds that new orders wait for others at most, to be planned together; 0 plans each at once.
    pub router_window: u32,
    /// Promises that shop pages may ask for in a minute, with one publishable key; 0 for no limit.
    pub promises_per_key: u32,
    /// The same from one address, or one IPv6 network of 64 bits.
    pub promises_per_address: u32,
    /// Seconds of demo time per second; 0 for no orders of its own.
    pub demo_speed: f64,
    /// Of a hundred, how often each kind of trouble happens in the demonstration; with 0 it has no past either.
    pub demo_trouble: u32,
    /// Mail server for what customers are written, `smtps://USER:PASSWORD@HOST`; a mailbox of our own where none is set.
    pub smtp_url: Option<String>,
    /// The address that messages come from.
    pub mail_from: Option<String>,
    /// Folder with the built pages' files; looked for when not set.
    pub site_root: Option<PathBuf>,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Why the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The name of the file that is read when no other is named.
pub const DEFAULT_FILE: &str = "baton.toml";

/// Variables with our prefix that are read elsewhere.
const OTHER_VARIABLES: [&str; 5] = [
    "BATON_CONFIG",
    "BATON_CACHE",
    "BATON_PASSWORD",
    "BATON_TEST_POSTGRES_URL",
    "BATON_BENCH_SECONDS",
];

impl Default for Config {
    fn default() -> Self {
        Config {
            address: SocketAddr::from(([127, 0, 0, 1], 3000)),
            database_url: "sqlite://var/baton.db".to_owned(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            public_url: None,
            trusted_proxies: Vec::new(),
            read_connections: 8,
            router_batch: 64,
            router_window: 0,
            promises_per_key: 120_000,
            promises_per_address: 3_000,
            demo_speed: 144.0,
            demo_trouble: 3,
            smtp_url: None,
            mail_from: None,
            site_root: None,
        }
    }
}

/// A configuration with what is odd about it but no reason not to start.
pub struct Loaded {
    pub config: Config,
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the file (`baton.toml` where none is named, if it exists) and the variables.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Loaded, ConfigError> {
        let mut config = Config::default();
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        if file.is_some() || path.exists() {
            let text = std::fs::read_to_string(path).map_err(|e| {
                ConfigError(format!(
                    "cannot read the configuration {}: {e}",
                    path.display()
                ))
            })?;
            config.apply_file(&text, &path.display().to_string())?;
        }
        let mut warnings = Vec::new();
        let variables: BTreeMap<String, String> = variables
            .filter(|(name, _)| name.starts_with("BATON_"))
            .collect();
        for (name, value) in &variables {
            let key = name["BATON_".len()..].to_lowercase();
            if KEYS.iter().any(|known| known.name == key) {
                config.set(&key, value, name)?;
            } else if !OTHER_VARIABLES.contains(&name.as_str()) {
                warnings.push(format!(
                    "the variable {name} means nothing to Baton; it knows {}",
                    variable_names()
                ));
            }
        }
        Ok(Loaded { config, warnings })
    }

    fn apply_file(&mut self, text: &str, file: &str) -> Result<(), ConfigError> {
        let table: toml::Table = text
            .parse()
            .map_err(|e: toml::de::Error| ConfigError(format!("{file} is not valid TOML: {e}")))?;
        for (key, value) in table {
            if !KEYS.iter().any(|known| known.name == key) {
                let names: Vec<_> = KEYS.iter().map(|known| known.name).collect();
                return Err(ConfigError(format!(
                    "{file}: there is no key '{key}'; the keys are {}",
                    names.join(", ")
                )));
            }
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Array(items) => items
                    .iter()
                    .map(|item| {
                        item.as_str()
                            .map_or_else(|| item.to_string(), str::to_owned)
                    })
                    .collect::<Vec<_>>()
                    .join(","),
                other => other.to_string(),
            };
            self.set(&key, &text, &format!("{key} in {file}"))?;
        }
        Ok(())
    }

    /// Sets one key; `named` is how the error calls it.
    pub fn set(&mut self, key: &str, value: &str, named: &str) -> Result<(), ConfigError> {
        let known = KEYS.iter().find(|known| known.name == key);
        let known = known.ok_or_else(|| ConfigError(format!("there is no key '{key}'")))?;
        (known.set)(self, value.trim()).ok_or_else(|| {
            ConfigError(format!(
                "{named} is '{value}', which will not do: it is {}",
                known.expects
            ))
        })
    }

    /// How browsers reach this server, without a slash at the end.
    pub fn base_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| {
            let mut address = self.address;
            // Nobody can open the address that stands for all of them.
            if address.ip().is_unspecified() {
                address.set_ip(IpAddr::from([127, 0, 0, 1]));
            }
            format!("http://{address}")
        })
    }

    /// Whether browsers reach this server over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }
}

/// One key: its name, what it takes, and how it is set. The one list of them.
struct Key {
    name: &'static str,
    expects: &'static str,
    set: fn(&mut Config, &str) -> Option<()>,
}

const KEYS: &[Key] = &[
    Key {
        name: "address",
        expects: "an IP address and a port to listen on, such as 127.0.0.1:3000 or 0.0.0.0:8080",
        set: |c, v| v.parse().ok().map(|v| c.address = v),
    },
    Key {
        name: "database_url",
        expects: "sqlite://PATH such as sqlite://var/baton.db, or postgres://USER:PASSWORD@HOST/DATABASE",
        set: |c, v| {
            let scheme = ["sqlite://", "postgres://", "postgresql://"]
                .iter()
                .find(|s| v.starts_with(**s))?;
            (v.len() > scheme.len()).then(|| v.clone_into(&mut c.database_url))
        },
    },
    Key {
        name: "log",
        expects: "a level (error, warn, info, debug, trace) or a filter such as info,orchestrator=debug",
        set: |c, v| {
            v.parse::<tracing_subscriber::EnvFilter>().ok()?;
            (!v.is_empty()).then(|| v.clone_into(&mut c.log))
        },
    },
    Key {
        name: "log_format",
        expects: "text or json",
        set: |c, v| {
            c.log_format = match v {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return None,
            };
            Some(())
        },
    },
    Key {
        name: "public_url",
        expects: "the address in the browser without a path, such as https://baton.example.com, or empty",
        set: |c, v| {
            let v = v.trim_end_matches('/');
            let host = v
                .strip_prefix("https://")
                .or_else(|| v.strip_prefix("http://"));
            c.public_url = match host {
                Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ']) => {
                    Some(v.to_owned())
                }
                None if v.is_empty() => None,
                _ => return None,
            };
            Some(())
        },
    },
    Key {
        name: "trusted_proxies",
        expects: "a list of IP addresses, such as 10.0.0.1,10.0.0.2",
        set: |c, v| {
            let parts = v.split(',').map(str::trim).filter(|part| !part.is_empty());
            c.trusted_proxies = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
            Some(())
        },
    },
    Key {
        name: "read_connections",
        expects: "a whole number from 1 to 200",
        set: |c, v| in_range(v, 1, 200).map(|v| c.read_connections = v),
    },
    Key {
        name: "router_batch",
        expects: "a whole number from 1 to 500",
        set: |c, v| in_range(v, 1, 500).map(|v| c.router_batch = v),
    },
    Key {
        name: "router_window",
        expects: "seconds that new orders wait to be planned together, from 0 (each at once) to 3600",
        set: |c, v| in_range(v, 0, 3_600).map(|v| c.router_window = v),
    },
    Key {
        name: "promises_per_key",
        expects: "promises that shop pages may ask for in a minute with one key, from 0 (no limit) to 100000000",
        set: |c, v| in_range(v, 0, 100_000_000).map(|v| c.promises_per_key = v),
    },
    Key {
        name: "promises_per_address",
        expects: "promises that one address may ask for in a minute, from 0 (no limit) to 100000000",
        set: |c, v| in_range(v, 0, 100_000_000).map(|v| c.promises_per_address = v),
    },
    Key {
        name: "demo_speed",
        expects: "seconds of demo time per second, from 0 (no orders) to 100000; 144 is a day in 10 minutes",
        set: |c, v| {
            let speed: f64 = v.parse().ok()?;
            (0.0..=100_000.0)
                .contains(&speed)
                .then(|| c.demo_speed = speed)
        },
    },
    Key {
        name: "demo_trouble",
        expects: "how many of a hundred fulfillments of the demonstration each kind of trouble befalls, from 0 to 50",
        set: |c, v| {
            let percent: u32 = v.parse().ok()?;
            (percent <= 50).then(|| c.demo_trouble = percent)
        },
    },
    Key {
        name: "smtp_url",
        expects: "smtps://USER:PASSWORD@HOST, smtp://HOST:587?tls=required, smtp://localhost:25, or empty",
        set: |c, v| {
            let known = v.starts_with("smtp://") || v.starts_with("smtps://");
            c.smtp_url = (!v.is_empty()).then(|| v.to_owned());
            (known || v.is_empty()).then_some(())
        },
    },
    Key {
        name: "mail_from",
        expects: "the address that messages come from, such as orders@shop.example, or empty",
        set: |c, v| {
            let is_mail = v.contains('@') && !v.contains(char::is_whitespace);
            c.mail_from = (!v.is_empty()).then(|| v.to_owned());
            (is_mail || v.is_empty()).then_some(())
        },
    },
    Key {
        name: "site_root",
        expects: "the folder with the built pages' files, such as target/site",
        set: |c, v| {
            c.site_root = (!v.is_empty()).then(|| PathBuf::from(v));
            Some(())
        },
    },
];

fn in_range(text: &str, from: u32, to: u32) -> Option<u32> {
    text.parse().ok().filter(|n| (from..=to).contains(n))
}

fn variable_names() -> String {
    let names: Vec<_> = KEYS
        .iter()
        .map(|key| format!("BATON_{}", key.name.to_uppercase()))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        let missing = Path::new("/nonexistent/baton.toml");
        assert!(!missing.exists());
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(None, variables)
    }

    #[test]
    fn variables_win_over_the_file_and_the_file_over_the_defaults() {
        let mut config = Config::default();
        config
            .apply_file(
                "address = '0.0.0.0:80'\ndemo_speed = 0\ntrusted_proxies = ['10.0.0.1']",
                "x.toml",
            )
            .unwrap();
        assert_eq!(
            (
                config.address.port(),
                config.demo_speed,
                config.trusted_proxies.len()
            ),
            (80, 0.0, 1)
        );
        assert_eq!(config.base_url(), "http://127.0.0.1:80");
        config
            .set("address", "127.0.0.1:81", "BATON_ADDRESS")
            .unwrap();
        assert_eq!(config.address.port(), 81);
    }

    #[test]
    fn a_bad_value_names_the_key_the_value_and_what_would_do() {
        let error = with(&[("BATON_ADDRESS", "here")])
            .err()
            .unwrap()
            .to_string();
        for part in ["BATON_ADDRESS", "'here'", "127.0.0.1:3000"] {
            assert!(error.contains(part), "{error}");
        }
        for (key, value) in [
            ("database_url", "mysql://x"),
            ("log", "loud=very=much"),
            ("log_format", "xml"),
            ("public_url", "baton.example.com"),
            ("trusted_proxies", "10.0.0.1,proxy"),
            ("read_connections", "0"),
            ("router_batch", "5000"),
            ("router_window", "1h"),
            ("demo_speed", "-1"),
            ("smtp_url", "mail.example"),
            ("mail_from", "shop"),
        ] {
            let error = Config::default()
                .set(key, value, key)
                .unwrap_err()
                .to_string();
            assert!(error.contains(key) && error.contains(value), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_and_an_unknown_variable_is_told() {
        let error = Config::default()
            .apply_file("adress = 'x'", "baton.toml")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("'adress'") && error.contains("address"),
            "{error}"
        );
        let loaded = with(&[("BATON_ADRESS", "x"), ("BATON_CACHE", "y")])
            .ok()
            .unwrap();
        assert_eq!(loaded.warnings.len(), 1);
    }
}
