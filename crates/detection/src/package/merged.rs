//! Several packages as one, so that their alerts are in one report and their hops in one path.

use super::{Package, PackageError};

impl Package {
    /// Returns this package with another one's rules, tests, exceptions and behaviours.
    ///
    /// The guide, the playbook, the validation plan and the query for history are those of the first that has them.
    ///
    /// # Errors
    ///
    /// If both have a rule or a behaviour of the same id.
    pub fn merged(mut self, other: Self) -> Result<Self, PackageError> {
        for rule in &other.rules {
            if let Some(own) = self.rules.iter().find(|own| own.rule.id == rule.rule.id) {
                return Err(PackageError::DuplicateId {
                    path: rule.path.clone(),
                    id: rule.rule.id.clone(),
                    other: own.path.clone(),
                });
            }
        }
        if let Some(id) = other.behaviours.keys().find(|id| self.behaviours.contains_key(*id)) {
            let (one, other) = (self.id, other.id);
            return Err(PackageError::DuplicateBehaviour { id: id.clone(), one, other });
        }
        self.id = format!("{} {}", self.id, other.id);
        self.name = format!("{}; {}", self.name, other.name);
        self.version = format!("{} {}", self.version, other.version);
        self.rules.extend(other.rules);
        self.suites.extend(other.suites);
        self.exceptions.extend(other.exceptions);
        self.behaviours.extend(other.behaviours);
        self.guide = self.guide.or(other.guide);
        self.validation = self.validation.or(other.validation);
        self.baseline = self.baseline.or(other.baseline);
        self.threats.extend(other.threats);
        if self.playbook.is_empty() {
            self.playbook = other.playbook;
        }
        Ok(self)
    }
}
