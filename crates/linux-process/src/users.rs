//! Names of user ids, asked for once each.

use std::collections::HashMap;

use nix::unistd::{Uid, User};

/// User names, remembered: the system's answer may come from a server far away.
#[derive(Debug, Default)]
pub struct UserNames {
    known: HashMap<u32, Option<String>>,
}

impl UserNames {
    /// The name of a user id on this machine, if it has one.
    pub fn name(&mut self, uid: u32) -> Option<&str> {
        self.known
            .entry(uid)
            .or_insert_with(|| User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name))
            .as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown() {
        let mut names = UserNames::default();
        assert_eq!(names.name(0), Some("root"));
        assert_eq!(names.name(4_123_456_789), None);
        assert_eq!(names.name(0), Some("root"));
    }
}
