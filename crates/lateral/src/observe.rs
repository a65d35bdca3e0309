//! What the same logs say besides of addresses, names and logons: queries that run in the hunt's
//! one pass, and what is kept of their rows.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    net::IpAddr,
};

use detection::alert::Alert;
use engine::{CompiledQuery, Diagnostic, EngineError, Environment, Run};
use kql_types::{KqlType, Ticks, Value, dynamic};

use crate::{
    account::Account,
    context::RemoteLogon,
    hop::method::Method,
    logons::{Logon, logon_id},
    names::{AddressNote, NamedBy},
    place,
    presence::Presence,
    sighting::columns::Columns,
};

/// What the logs say of hosts and accounts, under the names that the records use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observations {
    /// Whose addresses were whose.
    pub addresses: Vec<AddressNote>,
    /// The logons of the sessions that alerts speak of, and no others.
    pub logons: Vec<Logon>,
    /// Accounts on hosts.
    pub presence: Presence,
    /// Logons by ways that no alert is about.
    pub remote_logons: Vec<RemoteLogon>,
}

/// The queries; what each tells is read from its columns, which are the names of [`Row`]'s fields.
const QUERIES: [(&str, &str); 6] = [
    ("logons", include_str!("../queries/logons.kql")),
    ("security_logons", include_str!("../queries/security_logons.kql")),
    ("connections", include_str!("../queries/connections.kql")),
    ("dns", include_str!("../queries/dns.kql")),
    ("adapters", include_str!("../queries/adapters.kql")),
    ("remote_logons", include_str!("../queries/remote_logons.kql")),
];

/// Compiled queries that observe.
#[derive(Clone, Debug)]
pub struct Observers {
    queries: Vec<CompiledQuery>,
}

/// A query of ours that does not run on the given tables.
#[derive(Debug)]
pub struct ObserveError {
    /// The query's name.
    pub query: &'static str,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::fmt::Display for ObserveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = self.diagnostics.first().map_or("", |diagnostic| &diagnostic.message);
        write!(f, "built-in query `{}` does not run on these tables: {first}", self.query)
    }
}

impl std::error::Error for ObserveError {}

impl Observers {
    /// Compiles the queries.
    ///
    /// # Errors
    ///
    /// If the environment lacks Defender's or Sentinel's tables.
    pub fn compile(environment: &Environment) -> Result<Self, ObserveError> {
        let compile = |(query, text): (&'static str, &str)| {
            engine::compile(text, environment, false)
                .map_err(|diagnostics| ObserveError { query, diagnostics })
        };
        Ok(Self { queries: QUERIES.into_iter().map(compile).collect::<Result<_, _>>()? })
    }

    /// Returns the queries, to be run beside the rules.
    pub fn queries(&self) -> &[CompiledQuery] {
        &self.queries
    }

    /// Reads the rows of the queries, the first of which is the run's query `first`.
    ///
    /// Streams: what stays in memory are distinct pairs of host and address and of host and
    /// account, and the logons that the alerts name.
    ///
    /// # Errors
    ///
    /// If the engine fails.
    pub fn read(
        &self,
        run: &Run<'_>,
        first: usize,
        alerts: &[Alert],
    ) -> Result<Observations, EngineError> {
        let mut collector = Collector::new(alerts);
        let account = run.reserve("what the logs say of addresses and accounts");
        for query in (first..).take(self.queries.len()) {
            for rows in run.rows(query)? {
                let columns = rows.columns().to_vec();
                for batch in rows {
                    let batch = batch?;
                    for row in 0..batch.num_rows() {
                        let text = |wanted: &str| {
                            let at = columns.iter().position(|column| column.name == wanted)?;
                            let ty = columns.get(at).map_or(KqlType::String, |column| column.ty);
                            Some(engine::value(batch.columns().get(at)?, ty, row))
                        };
                        collector.add(&Row::new(&text));
                    }
                    account.grow(std::mem::take(&mut collector.new_bytes))?;
                }
            }
        }
        Ok(collector.finish())
    }
}

/// A row of any of the queries; what it lacks is `""`.
struct Row {
    time: Option<Ticks>,
    host: String,
    account: Option<Account>,
    logon: Option<u64>,
    workstation: String,
    /// The other side's address.
    address: Option<IpAddr>,
    /// The other side's name, or one that was resolved.
    name: String,
    /// The host's own address.
    own: Option<IpAddr>,
    /// Answers of a name server.
    answer: String,
    /// Adapters, as JSON.
    adapters: String,
    /// The way of a logon that no alert is about.
    method: Option<Method>,
}

impl Row {
    fn new(value: &impl Fn(&str) -> Option<Value>) -> Self {
        let text = |name: &str| value(name).map(|value| value.to_text()).unwrap_or_default();
        let time = match value("Time") {
            Some(Value::Datetime(time)) => time,
            _ => None,
        };
        Self {
            time,
            host: text("Host"),
            account: Account::new(&text("Account"), &text("Domain"), &text("Sid")),
            logon: logon_id(&text("Logon")),
            workstation: text("Workstation"),
            address: place::address(&text("Address")),
            name: text("Name"),
            own: place::address(&text("Own")),
            answer: text("Answer"),
            adapters: text("Addresses"),
            method: Method::of_name(&text("Method")),
        }
    }
}

/// Notes of an address within the same hour are one.
const BUCKET: Ticks = 36_000_000_000;

/// Logons of the same account from the same address on the same host within so much are one.
const SAME_LOGON: Ticks = 5 * 600_000_000;

/// Gathers what rows tell.
struct Collector {
    /// Host labels and ids of the sessions that alerts name.
    wanted: BTreeSet<(String, u64)>,
    notes: BTreeMap<(IpAddr, NamedBy, String, Ticks), (Ticks, Ticks)>,
    logons: BTreeSet<Logon>,
    presence: Presence,
    /// By what they are and their place in time.
    remote_logons: BTreeMap<(String, Account, IpAddr, Method, Ticks), Ticks>,
    /// What has come to be held since it was last asked.
    new_bytes: usize,
}

/// About what an entry takes besides its texts, here and in what is made of it.
const ENTRY_BYTES: usize = 320;

impl Collector {
    fn new(alerts: &[Alert]) -> Self {
        let wanted = alerts.iter().flat_map(|alert| {
            let columns = Columns::new(alert);
            let id = logon_id(&columns.text(&["LogonId", "TargetLogonId", "SubjectLogonId"]));
            let hosts = columns.observers();
            hosts.into_iter().filter_map(move |host| Some((label(&host), id?)))
        });
        Self {
            wanted: wanted.collect(),
            notes: BTreeMap::new(),
            logons: BTreeSet::new(),
            presence: Presence::default(),
            remote_logons: BTreeMap::new(),
            new_bytes: 0,
        }
    }

    /// Takes note of what a new entry with these texts takes: twice, under the logs' names and under
    /// the hosts' own.
    fn hold(&mut self, texts: &[&str]) {
        let texts = texts.iter().map(|text| text.len().saturating_mul(2));
        self.new_bytes =
            self.new_bytes.saturating_add(texts.fold(ENTRY_BYTES, usize::saturating_add));
    }

    fn add(&mut self, row: &Row) {
        let Some(time) = row.time else { return };
        if let Some(method) = row.method {
            self.add_remote_logon(row, method, time);
            return;
        }
        if let Some(own) = row.own {
            self.note(own, NamedBy::OwnRecord, &row.host, time);
        }
        for adapter in dynamic::elements(&row.adapters) {
            let address = dynamic::get(adapter, "IPAddress").map(dynamic::unquote);
            if let Some(address) = address.and_then(|text| place::address(&text)) {
                self.note(address, NamedBy::OwnRecord, &row.host, time);
            }
        }
        for answer in row.answer.split([';', ' ']).filter_map(place::address) {
            self.note(answer, NamedBy::Dns, &row.name, time);
        }
        if let Some(address) = row.address {
            self.note(address, NamedBy::Dns, &row.name, time);
        }
        if row.account.is_some() || row.logon.is_some() {
            self.add_logon(row, time);
        }
    }

    fn add_remote_logon(&mut self, row: &Row, method: Method, time: Ticks) {
        let (Some(address), Some(account)) = (row.address, &row.account) else { return };
        if address.is_loopback() || address.is_unspecified() || account.name.ends_with('$') {
            return;
        }
        let bucket = time.div_euclid(SAME_LOGON);
        let key = (row.host.to_lowercase(), account.clone(), address, method, bucket);
        match self.remote_logons.entry(key) {
            Entry::Occupied(mut known) => {
                let first = known.get_mut();
                *first = time.min(*first);
            }
            Entry::Vacant(entry) => {
                entry.insert(time);
                self.hold(&[&row.host, &account.name, &account.domain]);
            }
        }
    }

    fn add_logon(&mut self, row: &Row, time: Ticks) {
        if self.presence.add_logon(&row.host, row.account.as_ref(), time) {
            let account = row.account.as_ref();
            let name = account.map_or("", |account| &account.name);
            self.hold(&[&row.host, name, account.map_or("", |account| &account.domain)]);
        }
        if let (Some(address), Some(account)) = (row.address, &row.account)
            && let Some(machine) = account.name.strip_suffix('$')
        {
            self.note(address, NamedBy::MachineAccount, machine, time);
        }
        // Some tools give the target's own name as theirs.
        let claims_target = label(&row.workstation) == label(&row.host);
        if let Some(address) = row.address.filter(|_| !claims_target) {
            self.note(address, NamedBy::Client, &row.workstation, time);
        }
        if let Some(id) = row.logon
            && self.wanted.contains(&(label(&row.host), id))
        {
            let is_new = self.logons.insert(Logon {
                host: row.host.clone(),
                id,
                time,
                account: row.account.clone(),
                address: row.address,
                workstation: row.workstation.clone(),
            });
            if is_new {
                self.hold(&[&row.host, &row.workstation]);
            }
        }
    }

    fn note(&mut self, address: IpAddr, by: NamedBy, host: &str, time: Ticks) {
        let is_nobodys =
            address.is_loopback() || address.is_unspecified() || address.is_multicast();
        if host.is_empty() || host == "-" || is_nobodys {
            return;
        }
        let bucket = time.div_euclid(BUCKET);
        let key = (address, by, host.to_lowercase(), bucket);
        match self.notes.entry(key) {
            Entry::Occupied(mut known) => {
                let (first, last) = known.get_mut();
                (*first, *last) = (time.min(*first), time.max(*last));
            }
            Entry::Vacant(entry) => {
                entry.insert((time, time));
                self.hold(&[host]);
            }
        }
    }

    fn finish(self) -> Observations {
        let notes = self.notes.into_iter().map(|((address, by, host, _), (first, last))| {
            AddressNote { address, by, host, first, last }
        });
        Observations {
            addresses: notes.collect(),
            logons: self.logons.into_iter().collect(),
            presence: self.presence,
            remote_logons: self
                .remote_logons
                .into_iter()
                .map(|((host, account, address, method, _), time)| RemoteLogon {
                    host,
                    time,
                    account,
                    address,
                    method,
                })
                .collect(),
        }
    }
}

/// Returns a host's name without its domain, in lower case.
fn label(host: &str) -> String {
    host.split('.').next().unwrap_or(host).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_runs_on_the_built_in_tables() {
        let environment = Environment::builtin(tables::Environment::Both);
        let observers = Observers::compile(&environment).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(observers.queries().len(), QUERIES.len());
    }

    #[test]
    fn a_logon_tells_the_clients_name_and_nothing_of_the_targets_own() {
        let mut collector = Collector::new(&[]);
        let row = |workstation: &str, account: &str| {
            let value = |name: &str| {
                Some(match name {
                    "Time" => Value::Datetime(Some(1)),
                    "Host" => Value::String("SRV.corp".to_owned()),
                    "Account" => Value::String(account.to_owned()),
                    "Workstation" => Value::String(workstation.to_owned()),
                    "Address" => Value::String("10.0.0.5".to_owned()),
                    _ => return None,
                })
            };
            Row::new(&value)
        };
        collector.add(&row("srv", "amy"));
        collector.add(&row("WS-1", "amy"));
        collector.add(&row("", "WS-9$"));
        let found = collector.finish();
        let names: Vec<_> =
            found.addresses.iter().map(|note| (note.by, note.host.as_str())).collect();
        assert_eq!(names, [(NamedBy::MachineAccount, "ws-9"), (NamedBy::Client, "ws-1")]);
        assert_eq!(found.presence.first_seen.len(), 2);
    }
}
