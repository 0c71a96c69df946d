use engine::model::Permission;
use leptos::prelude::*;

use crate::calls::session::Visit;

/// Who looks at this page. Only below the admin shell, which sees to it that there is somebody.
pub fn visitor() -> Visit {
    expect_context::<Visit>()
}

/// Whether they may do this: for what to show. The use case checks it again.
pub fn may(permission: Permission) -> bool {
    visitor().viewer.may(permission)
}
