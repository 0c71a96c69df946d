//! Of several that would be the first merchant of an installation, one is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use orchestrator::{Error, Options, Orchestrator, accounts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_becomes_the_first_merchant() {
    let folder = tempfile::tempdir().unwrap();
    for url in common::databases(&folder).await {
        // As two processes would, each with a connection of its own.
        let one = Orchestrator::open(Options::new(&url)).await.unwrap();
        let other = Orchestrator::open(Options::new(&url)).await.unwrap();
        let tries = (0..6).map(|n| {
            let orc = if n % 2 == 0 { &one } else { &other };
            accounts::create_first_merchant(orc, common::new_merchant())
        });
        let results = futures::future::join_all(tries).await;
        let (made, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!((made.len(), refused.len()), (1, 5));
        for error in refused {
            assert!(matches!(error, Err(Error::Conflict(_))), "{error:?}");
        }
        assert_eq!(accounts::merchants(&one).await.unwrap().len(), 1);
    }
}
