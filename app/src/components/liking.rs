use engine::model::Preferences;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Toasts;
use crate::calls::personal::save_preferences;

/// How the person who looks likes the screens. What they change is kept for the next time, wherever that is.
#[derive(Clone, Copy)]
pub struct Liking(RwSignal<Preferences>);

impl Liking {
    pub fn provide(preferences: Preferences) -> Self {
        let liking = Liking(RwSignal::new(preferences));
        provide_context(liking);
        liking
    }

    pub fn get(self) -> Preferences {
        self.0.get()
    }

    pub fn get_untracked(self) -> Preferences {
        self.0.get_untracked()
    }

    /// Changes it here at once, and on the server.
    pub fn change(self, change: impl FnOnce(&mut Preferences)) {
        self.0.update(change);
        let (now, toasts) = (self.0.get_untracked(), use_context::<Toasts>());
        spawn_local(async move {
            if let Err(error) = save_preferences(now).await
                && let Some(toasts) = toasts
            {
                toasts.say(format!("Not kept for the next time: {error}"));
            }
        });
    }
}
