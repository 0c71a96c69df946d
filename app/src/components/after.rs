use leptos::prelude::*;
use server_fn::ServerFn;

use crate::AppError;

/// Calls `done` with each answer that the action brings from now on; errors are shown where the form is.
pub fn after<S>(action: ServerAction<S>, done: impl Fn(S::Output) + 'static)
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Effect::new(move |before: Option<usize>| {
        let version = action.version().get();
        if before.is_some_and(|before| before != version)
            && let Some(Ok(answer)) = action.value().get_untracked()
        {
            done(answer);
        }
        version
    });
}
