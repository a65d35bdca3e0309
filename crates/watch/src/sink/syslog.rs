//! Syslog: each alert as a message in the Common Event Format, which most products for security events read.
//!
//! Sources: RFC 5424 (the message), RFC 6587 (its length in front, over TCP), RFC 5426 (UDP), and the description of
//! CEF by its maker, version 0.1, for what is escaped and which names extensions have.

use std::{
    io::{self, Write},
    net::{TcpStream, ToSocketAddrs, UdpSocket},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kql_types::datetime;
use serde_json::Value;

use super::{Sink, SinkError, alert::AlertBody};
use crate::delivery::Delivery;

/// How long connecting and sending may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// "Log audit" in RFC 5424, 6.2.1.
const FACILITY: u8 = 13;

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Tcp,
    Udp,
}

/// Sends each alert as a message. Over UDP nobody knows whether one has come.
#[derive(Debug)]
pub struct SyslogSink {
    name: String,
    transport: Transport,
    address: String,
    version: &'static str,
    connection: Mutex<Option<TcpStream>>,
}

impl SyslogSink {
    /// Makes the sink of an address: `tcp://HOST:PORT` or `udp://HOST:PORT`.
    ///
    /// - `version`: of the product.
    ///
    /// # Errors
    ///
    /// If it is none, in words.
    pub fn new(url: &str, version: &'static str) -> Result<Self, String> {
        let of = |scheme: &str| url.strip_prefix(scheme).map(str::to_owned);
        let found = of("tcp://").map(|address| (Transport::Tcp, address));
        let found = found.or_else(|| of("udp://").map(|address| (Transport::Udp, address)));
        let has_port = |address: &str| {
            address
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        match found {
            Some((transport, address)) if has_port(&address) => Ok(Self {
                name: url.to_owned(),
                transport,
                address,
                version,
                connection: Mutex::new(None),
            }),
            _ => Err(format!("`{url}` is not an address such as `tcp://siem.corp.example:514`")),
        }
    }

    fn send(&self, message: &str) -> io::Result<()> {
        let mut addresses = self.address.to_socket_addrs()?;
        let address = addresses.next().ok_or(io::ErrorKind::NotFound)?;
        if self.transport == Transport::Udp {
            let local = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            return UdpSocket::bind(local)?.send_to(message.as_bytes(), address).map(drop);
        }
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was closed meanwhile takes a message without saying so; a new one costs little.
        let mut stream = match connection.take().filter(is_open) {
            Some(stream) => stream,
            None => TcpStream::connect_timeout(&address, TIMEOUT)?,
        };
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.write_all(format!("{} {message}", message.len()).as_bytes())?;
        stream.flush()?;
        *connection = Some(stream);
        Ok(())
    }
}

/// Tells whether the other side has not closed a connection.
fn is_open(stream: &TcpStream) -> bool {
    let mut byte = [0];
    let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut byte));
    let is_open = match peeked {
        Ok(read) => read > 0,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    };
    is_open && stream.set_nonblocking(false).is_ok()
}

impl Sink for SyslogSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let body = AlertBody::read(&delivery.body)?;
        let row: Value = serde_json::from_str(body.row.get()).map_err(SinkError::new)?;
        let time = datetime::format_json(delivery.created).to_string();
        self.send(&message(&row, &time, self.version)).map_err(SinkError::new)
    }
}

/// Returns the message of an alert.
///
/// - `row`: of `SecurityAlert`.
/// - `time`: when it was raised.
fn message(row: &Value, time: &str, version: &str) -> String {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let severity = text("AlertSeverity");
    // Of syslog: 2 is critical, 6 informational. Of CEF: 0 to 10.
    let (of_syslog, of_cef) = match severity {
        "High" => (2, 8),
        "Medium" => (4, 6),
        "Low" => (5, 3),
        _ => (6, 1),
    };
    let priority = FACILITY.saturating_mul(8).saturating_add(of_syslog);
    let head = [version, text("AlertType"), text("DisplayName")].map(escaped_in_head);
    let [version, rule, title] = head;
    let mut extension = String::new();
    for (key, value) in [
        ("externalId", text("SystemAlertId")),
        ("rt", text("TimeGenerated")),
        ("start", text("StartTime")),
        ("end", text("EndTime")),
        ("dhost", text("CompromisedEntity")),
        ("msg", text("Description")),
        ("cs1", text("Tactics")),
        ("cs2", text("Techniques")),
    ] {
        if value.is_empty() {
            continue;
        }
        let label = match key {
            "cs1" => "cs1Label=tactics ",
            "cs2" => "cs2Label=techniques ",
            _ => "",
        };
        extension.push_str(label);
        extension.push_str(key);
        extension.push('=');
        extension.push_str(&escaped_in_extension(value));
        extension.push(' ');
    }
    let extension = extension.trim_end();
    format!(
        "<{priority}>1 {time} - quarry - alert - CEF:0|Quarry|Quarry|{version}|{rule}|{title}|{of_cef}|{extension}"
    )
}

/// Escapes a field of the head: it ends at a bar, and the message at the end of the line.
fn escaped_in_head(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\r', '\n'], " ")
}

/// Escapes a value of the extension: the next key is told by `=`.
fn escaped_in_extension(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('=', "\\=");
    text.replace("\r\n", "\\n").replace(['\r', '\n'], "\\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_attacker_names_stays_in_its_field() {
        let row = json!({
            "AlertSeverity": "High",
            "AlertType": "r|1",
            "DisplayName": "a|b\nCEF:0|x",
            "SystemAlertId": "id",
            "CompromisedEntity": "pc1 src=10.0.0.1",
            "Description": "x=1\r\ny\\",
        });
        assert_eq!(
            message(&row, "2024-05-01T10:00:00Z", "1.0"),
            "<106>1 2024-05-01T10:00:00Z - quarry - alert - CEF:0|Quarry|Quarry|1.0|r\\|1|a\\|b CEF:0\\|x|8|\
             externalId=id dhost=pc1 src\\=10.0.0.1 msg=x\\=1\\ny\\\\"
        );
    }

    #[test]
    fn an_address_names_its_transport_and_port() {
        assert!(SyslogSink::new("tcp://siem:514", "1").is_ok());
        assert!(SyslogSink::new("udp://[::1]:514", "1").is_ok());
        for wrong in ["siem:514", "tls://siem:514", "tcp://siem", "tcp://:514", "tcp://siem:x"] {
            assert!(SyslogSink::new(wrong, "1").is_err(), "{wrong}");
        }
    }
}
