//! What a service takes in besides what is sent to it by HTTP.

use std::{
    net::SocketAddr,
    num::NonZeroU64,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use service::{Service, ServiceError, Tls};

use crate::{error::CommandError, stores};

/// The time between two looks at a folder.
const FOLDER_EVERY: Duration = Duration::from_secs(1);
/// The time between two looks at an object store: each is a request, and costs.
const STORE_EVERY: Duration = Duration::from_secs(15);

#[derive(Debug, Args)]
pub(super) struct InputArgs {
    /// Take in what appears and grows below a folder, or at an address of an object store (can be repeated)
    ///
    /// Event logs and JSON lines are read as they are written, also through rotation; other files when they
    /// have stayed the same for some seconds. Needs --lake.
    #[arg(long, value_name = "DIR|URL")]
    watch: Vec<String>,

    /// Seconds between two looks at what is watched [default: 1 for folders, 15 for object stores]
    #[arg(long, value_name = "SECONDS")]
    watch_every: Option<NonZeroU64>,

    /// Take in events that come by syslog over TCP, with TLS if the service has it (can be repeated)
    ///
    /// Messages of RFC 5424 or 3164, each behind its length or in a line, with an event in JSON or XML.
    /// Needs --lake.
    #[arg(long = "syslog", value_name = "ADDRESS:PORT")]
    syslog_at: Vec<SocketAddr>,

    /// Take in the records of a topic of Kafka or Event Hubs (can be repeated)
    ///
    /// Needs --lake, and `bootstrap.servers` in --kafka-set.
    #[cfg(feature = "kafka")]
    #[arg(long = "kafka", value_name = "TOPIC")]
    topics: Vec<String>,

    /// Set what librdkafka is to know of the brokers: addresses, how to sign in (can be repeated)
    #[cfg(feature = "kafka")]
    #[arg(long = "kafka-set", value_name = "NAME=VALUE", value_parser = setting)]
    kafka_settings: Vec<(String, String)>,
}

impl InputArgs {
    /// Says what would be taken in.
    ///
    /// - `has_lake`: whether there is a lake to put it into.
    ///
    /// # Errors
    ///
    /// If it could not be.
    pub(super) fn check(&self, has_lake: bool, has_tls: bool) -> Result<Vec<String>, CommandError> {
        #[cfg(feature = "kafka")]
        let has_topics = !self.topics.is_empty();
        #[cfg(not(feature = "kafka"))]
        let has_topics = false;
        if !has_lake && (!self.watch.is_empty() || !self.syslog_at.is_empty() || has_topics) {
            let error = CommandError::user("what is watched or received goes into a lake");
            return Err(error.with_hint("add `--lake DIR`, without `--as-of`"));
        }
        for place in &self.watch {
            if !sources::is_object_url(place) && !Path::new(place).is_dir() {
                return Err(CommandError::user(format!("`{place}` is not a folder")));
            }
        }
        for address in &self.syslog_at {
            if !address.ip().is_loopback() && !has_tls {
                return Err(ServiceError::NoTls(*address).into());
            }
        }
        let watched = self.watch.iter().map(|place| format!("watch: {place}"));
        let received = self.syslog_at.iter().map(|address| format!("syslog: {address}"));
        Ok(watched.chain(received).collect())
    }

    /// Has a service take it all in.
    pub(super) fn apply(
        &self,
        mut service: Service,
        tls: Option<&Tls>,
    ) -> Result<Service, CommandError> {
        let every = self.watch_every.map(|seconds| Duration::from_secs(seconds.get()));
        for place in &self.watch {
            service = if sources::is_object_url(place) {
                let every = every.unwrap_or(STORE_EVERY);
                service.with_followed_objects(place.clone(), stores::settings(), every)
            } else {
                service.with_followed(PathBuf::from(place), every.unwrap_or(FOLDER_EVERY))
            };
        }
        for address in &self.syslog_at {
            service = service.with_syslog(*address, tls.cloned())?;
        }
        #[cfg(feature = "kafka")]
        for topic in &self.topics {
            service = service.with_topic(topic.clone(), self.kafka_settings.clone());
        }
        Ok(service)
    }
}

#[cfg(feature = "kafka")]
fn setting(text: &str) -> Result<(String, String), &'static str> {
    let setting = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let setting = setting.ok_or("expected NAME=VALUE")?;
    Ok((setting.0.to_owned(), setting.1.to_owned()))
}
