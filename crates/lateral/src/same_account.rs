//! Accounts by the names they go by, so that those that are the same are found without comparing each
//! with each.

use std::collections::BTreeMap;

use crate::account::Account;

/// A form under which an account is found; see [`Account::is_same`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// A name with its domain's first label, which may be `""`.
    Labelled(String, String),
    /// A name with any domain.
    Named(String),
    /// A SID, whether there is a name as well or not.
    Sid(String),
    /// A SID without a name.
    SidAlone(String),
}

/// Returns the forms under which an account is kept.
pub(crate) fn forms_of(account: &Account) -> Vec<Form> {
    let mut forms = Vec::new();
    let (name, sid) = (&account.name, &account.sid);
    if !name.is_empty() {
        forms.push(Form::Labelled(name.clone(), account.domain_label().to_owned()));
        forms.push(Form::Named(name.clone()));
    }
    if !sid.is_empty() {
        forms.push(Form::Sid(sid.clone()));
        if name.is_empty() {
            forms.push(Form::SidAlone(sid.clone()));
        }
    }
    forms
}

/// Returns the forms under which those are kept that are the same as an account.
pub(crate) fn forms_like(account: &Account) -> Vec<Form> {
    let (name, sid) = (&account.name, &account.sid);
    if name.is_empty() {
        return if sid.is_empty() { Vec::new() } else { vec![Form::Sid(sid.clone())] };
    }
    let mut forms = match account.domain_label() {
        "" => vec![Form::Named(name.clone())],
        label => vec![
            Form::Labelled(name.clone(), label.to_owned()),
            Form::Labelled(name.clone(), String::new()),
        ],
    };
    if !sid.is_empty() {
        forms.push(Form::SidAlone(sid.clone()));
    }
    forms
}

/// Distinct accounts, in the order in which they were met.
#[derive(Debug, Default)]
pub(crate) struct DistinctAccounts {
    accounts: Vec<Account>,
    /// The first account of each form.
    by_form: BTreeMap<Form, usize>,
}

impl DistinctAccounts {
    /// Adds an account, or completes the first that is the same.
    pub(crate) fn add(&mut self, account: &Account) {
        let Some(known) = self.find(account) else {
            self.note(self.accounts.len(), account);
            self.accounts.push(account.clone());
            return;
        };
        let Some(mine) = self.accounts.get_mut(known) else { return };
        let was_nameless = mine.name.is_empty();
        mine.complete(account);
        let mine = mine.clone();
        if was_nameless && !mine.name.is_empty() {
            self.by_form.remove(&Form::SidAlone(mine.sid.clone()));
        }
        self.note(known, &mine);
    }

    /// Returns the place of the first that is the same.
    pub(crate) fn find(&self, account: &Account) -> Option<usize> {
        let found = forms_like(account).into_iter().filter_map(|form| self.by_form.get(&form));
        let is_same =
            |place: &&usize| self.accounts.get(**place).is_some_and(|known| known.is_same(account));
        found.filter(is_same).min().copied()
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len()
    }

    fn note(&mut self, place: usize, account: &Account) {
        for form in forms_of(account) {
            let first = self.by_form.entry(form).or_insert(place);
            *first = place.min(*first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, domain: &str, sid: &str) -> Account {
        Account { name: name.to_owned(), domain: domain.to_owned(), sid: sid.to_owned() }
    }

    #[test]
    fn finds_the_first_that_is_the_same() {
        let all = [
            account("amy", "corp", ""),
            account("amy", "corp.example", "S-1-5-21-1"),
            account("amy", "ws-1", ""),
            account("amy", "", ""),
            account("", "", "S-1-5-21-1"),
            account("", "", "S-1-5-21-2"),
            account("bob", "", "S-1-5-21-2"),
            account("bob", "ws-1", ""),
        ];
        let mut distinct = DistinctAccounts::default();
        let mut by_hand: Vec<Account> = Vec::new();
        for account in &all {
            distinct.add(account);
            match by_hand.iter_mut().find(|known| known.is_same(account)) {
                Some(known) => known.complete(account),
                None => by_hand.push(account.clone()),
            }
        }
        assert_eq!(distinct.accounts, by_hand);
        for account in &all {
            let expected = by_hand.iter().position(|known| known.is_same(account));
            assert_eq!(distinct.find(account), expected, "{account:?}");
        }
    }
}
