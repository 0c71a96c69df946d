//! Screens whose code is fetched when they are first opened.
//!
//! Fetching can fail: the network is down, or the page is left while the code is on its way, which looks the same. The
//! macro that leptos has for lazy routes takes that for impossible and ends the whole program, so screens are declared
//! with [`screen!`] instead, and whoever is still there is told.

use std::time::Duration;

use futures::channel::oneshot;
use leptos::prelude::*;

use crate::AppError;
use crate::components::ErrorState;

/// How often code is asked for, and how long after a failure it is asked for again. A page that is being left is gone
/// by then.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// The code of a screen did not come.
pub struct Missing;

#[cfg(feature = "hydrate")]
impl From<leptos::wasm_split::SplitLoaderError> for Missing {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Missing
    }
}

/// Declares a screen for the routes: `screen!(OrdersPage = orders_page: view)` makes the type `OrdersPage`, which shows
/// what the function `view` makes, and puts all that only it needs into the file `orders_page`.
macro_rules! screen {
    ($(#[$doc:meta])* $screen:ident = $file:ident: $view:path) => {
        $(#[$doc])*
        pub struct $screen;

        const _: () = {
            use $crate::lazy::Missing;

            #[cfg(feature = "hydrate")]
            #[::leptos::wasm_split::wasm_split(
                $file,
                wasm_split_path = ::leptos::wasm_split,
                fallible,
                preload(#[doc(hidden)] preload)
            )]
            fn $file() -> Result<::leptos::prelude::AnyView, Missing> {
                Ok($view())
            }

            #[cfg(not(feature = "hydrate"))]
            async fn $file() -> Result<::leptos::prelude::AnyView, Missing> {
                // The document then tells the browser to fetch the file at once.
                ::leptos::prefetch_lazy_fn_on_server(stringify!($file));
                Ok($view())
            }

            impl ::leptos_router::LazyRoute for $screen {
                fn data() -> Self {
                    $screen
                }

                async fn view(_: Self) -> ::leptos::prelude::AnyView {
                    $crate::lazy::fetched($file).await
                }

                #[cfg(feature = "hydrate")]
                async fn preload() {
                    $crate::lazy::preloaded(|| async { preload().await.map_err(Missing::from) }).await;
                }
            }
        };
    };
}
pub(crate) use screen;

/// Fetches the code before the screen is shown. A page that the server has made stays as it is until its code comes:
/// the router brings to life what is there when this ends, and finds something else if the code is not. On any other
/// way to a screen, what fails here is tried again where it is shown.
#[cfg(feature = "hydrate")]
pub async fn preloaded<F>(code: impl Fn() -> F)
where
    F: Future<Output = Result<(), Missing>>,
{
    let mut failures = 0;
    while code().await.is_err() && is_coming_alive() {
        failures += 1;
        pause(PAUSE * failures.min(10)).await;
    }
}

/// What the screen shows, or that it did not come.
pub async fn fetched<F>(screen: impl Fn() -> F) -> AnyView
where
    F: Future<Output = Result<AnyView, Missing>>,
{
    let mut failures = 0;
    loop {
        if let Ok(view) = screen().await {
            return view;
        }
        failures += 1;
        if failures >= TRIES {
            return view! { <ErrorState error=AppError::Offline/> }.into_any();
        }
        pause(PAUSE * failures).await;
    }
}

#[cfg(feature = "hydrate")]
fn is_coming_alive() -> bool {
    Owner::current_shared_context().is_some_and(|context| context.during_hydration())
}

async fn pause(how_long: Duration) {
    let (over, wait) = oneshot::channel();
    set_timeout(
        move || {
            let _ = over.send(());
        },
        how_long,
    );
    let _ = wait.await;
}
