use engine::model::{KeyId, MerchantId, Permission, Role, Scope, UserId};

use crate::{Error, Result, Ticket};

/// Who acts, for which merchant. Every use case takes one and checks it, so that no surface can forget.
#[derive(Debug, Clone)]
pub struct Actor {
    pub merchant: MerchantId,
    pub who: Who,
    /// Makes the call safe to repeat: its answer is stored in the same transaction.
    pub idempotency: Option<Ticket>,
}

/// A person, a key, or a part of Baton itself.
#[derive(Debug, Clone)]
pub enum Who {
    User {
        id: UserId,
        name: String,
        role: Role,
        nodes: Vec<String>,
    },
    Key {
        id: KeyId,
        name: String,
        scopes: Vec<Scope>,
    },
    /// Baton itself, under the name that timelines show.
    System(&'static str),
    /// Baton itself, which ends what somebody has begun, under that one's name. What they may do was checked when they
    /// began it.
    OnBehalf(String),
}

impl Actor {
    /// Baton itself, which may do everything.
    pub fn system(merchant: MerchantId, name: &'static str) -> Self {
        Actor {
            merchant,
            who: Who::System(name),
            idempotency: None,
        }
    }

    #[must_use]
    pub fn with_ticket(mut self, ticket: Ticket) -> Self {
        self.idempotency = Some(ticket);
        self
    }

    pub fn may(&self, permission: Permission) -> bool {
        match &self.who {
            Who::User { role, .. } => role.may(permission),
            Who::Key { scopes, .. } => scopes.iter().any(|scope| scope.grants(permission)),
            Who::System(_) | Who::OnBehalf(_) => true,
        }
    }

    /// As timelines show it.
    pub fn label(&self) -> String {
        match &self.who {
            Who::User { name, .. } | Who::OnBehalf(name) => name.clone(),
            Who::Key { name, .. } => format!("Key “{name}”"),
            Who::System(name) => (*name).to_owned(),
        }
    }

    pub(crate) fn check(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Error::Forbidden(permission))
        }
    }

    /// The same, for something at one node: people of a node only reach their own.
    pub(crate) fn check_at(&self, permission: Permission, node: &str) -> Result<()> {
        self.check(permission)?;
        if self
            .only_nodes()
            .is_none_or(|nodes| nodes.iter().any(|n| n == node))
        {
            Ok(())
        } else {
            Err(Error::Forbidden(permission))
        }
    }

    /// The nodes that the actor is confined to, if it is.
    pub(crate) fn only_nodes(&self) -> Option<&[String]> {
        match &self.who {
            Who::User {
                role: Role::NodeStaff,
                nodes,
                ..
            } => Some(nodes),
            _ => None,
        }
    }
}
