//! The document around every page.

use std::path::PathBuf;
use std::sync::OnceLock;

use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::{IntoView, WasmSplitManifest};
use leptos_meta::MetaTags;

use crate::App;

/// Names of the built files, read once: they carry hashes of their content when the build says so.
struct Built {
    js: String,
    wasm: String,
    css: String,
    splits: Option<WasmSplitManifest>,
}

fn built(options: &LeptosOptions) -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let hashes = hashes(options);
        let named = |kind: &str, plain: &str, extension: &str| {
            let hash = hashes.iter().find(|(k, _)| k == kind).map(|(_, hash)| hash);
            match hash {
                Some(hash) => format!("{plain}.{hash}.{extension}"),
                None => format!("{plain}.{extension}"),
            }
        };
        let name = &*options.output_name;
        let pkg = format!("/{}", options.site_pkg_dir);
        let manifest = PathBuf::from(&*options.site_root)
            .join(&*options.site_pkg_dir)
            .join(named("manifest", "__wasm_split_manifest", "json"));
        let splits = std::fs::read_to_string(manifest).ok().and_then(|text| {
            let parsed = serde_json::from_str(&text).ok()?;
            let split = hashes.iter().find(|(k, _)| k == "split");
            let loader = match split {
                Some((_, hash)) => format!("__wasm_split.{hash}.js"),
                None => "__wasm_split.______________________.js".to_owned(),
            };
            Some(WasmSplitManifest(ArcStoredValue::new((
                pkg.clone(),
                parsed,
                loader,
            ))))
        });
        // Without hashes cargo-leptos keeps wasm-bindgen's own name when it was not told another one.
        let wasm_plain = if hashes.is_empty() && std::option_env!("LEPTOS_OUTPUT_NAME").is_none() {
            format!("{name}_bg")
        } else {
            name.to_string()
        };
        Built {
            js: format!("{pkg}/{}", named("js", name, "js")),
            wasm: format!("{pkg}/{}", named("wasm", &wasm_plain, "wasm")),
            css: format!("{pkg}/{}", named("css", name, "css")),
            splits,
        }
    })
}

/// `js: HASH` and so on, as the build leaves them beside the executable.
fn hashes(options: &LeptosOptions) -> Vec<(String, String)> {
    if !options.hash_files {
        return Vec::new();
    }
    let file = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.join(&*options.hash_file)));
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    text.unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(kind, hash)| (kind.trim().to_owned(), hash.trim().to_owned()))
        .collect()
}

/// Whether the page at this path is one before sign-in, or one to be printed.
fn is_public(path: &str) -> bool {
    matches!(path, "/sign-in" | "/setup") || path.starts_with("/work/slip/")
}

/// The document. The preload link and the start script are written here and not by leptos' component, which puts the
/// nonce into `crossorigin`, where it makes browsers load the program twice or not at all.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let built = built(&options);
    if let Some(splits) = &built.splits {
        provide_context(splits.clone());
    }
    let nonce = use_nonce();
    // These do without the program; it is fetched for the page that follows.
    let starts = use_context::<Parts>().is_none_or(|parts| !is_public(parts.uri.path()));
    // A page that is left before the program has come is nobody's trouble; any other failure shows in the console.
    let start = starts.then(|| {
        let start = format!(
            "let left=0;addEventListener('pagehide',()=>left=1);\
             import({:?}).then(m=>m.default({{module_or_path:{:?}}}).then(()=>m.hydrate())).catch(e=>{{if(!left)throw e}})",
            built.js, built.wasm
        );
        view! {
            <script type="module" nonce=nonce>
                {start}
            </script>
        }
    });
    let fetched = if starts {
        ("modulepreload", "preload")
    } else {
        ("prefetch", "prefetch")
    };
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=built.css.clone()/>
                <link rel=fetched.0 href=built.js.clone()/>
                <link rel=fetched.1 href=built.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin=""/>
                <AutoReload options=options.clone()/>
                {start}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
