//! What a package says of a rule for people, in the file beside it: what the rule sees and does not, what else looks
//! like it, how to tune it, and how it came to be what it is.

use serde::Deserialize;

/// What there is to say of a rule.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// The behaviours that it was held against, also those that it does not see.
    pub behaviours: Vec<SeenBehaviour>,
    /// What it does not see.
    pub blind_spots: String,
    /// What else looks like it.
    pub false_positives: String,
    /// How to make it quieter.
    pub tuning: String,
    /// Its versions, the first one first.
    pub history: Vec<Change>,
}

/// How far a rule sees a behaviour.
#[derive(Clone, Debug, Deserialize)]
pub struct SeenBehaviour {
    /// The behaviour's id.
    pub id: String,
    /// How far.
    pub seen: Seen,
    /// By what, or why not.
    #[serde(default)]
    pub why: String,
}

/// How far.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// In all its forms.
    Full,
    /// In some of them.
    Partial,
    /// Not at all.
    None,
}

/// A version of a rule.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its number, as the rule's file has it.
    pub version: String,
    /// The day on which it came, `2026-11-30`.
    pub date: String,
    /// What is other than before.
    pub change: String,
}
