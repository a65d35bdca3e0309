//! Who is let in, and with whom nobody works.

use cluster::{ClusterError, Worker};
use engine::Cancel;
use service::Tls;

use crate::made::{Made, Served, VERSION, settings};

#[test]
fn a_worker_of_another_version_is_refused_with_both_named() {
    let made = Made::of_samples();
    let same = Served::start();
    let other = Served::of("http", Worker::new("1.2.4", settings(), Vec::new()));
    let error = made.connect(vec![same.url.clone(), other.url.clone()]).err().unwrap();
    assert!(matches!(error, ClusterError::Version { .. }));
    let told = error.to_string();
    for part in [VERSION, "1.2.4", &other.url] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn only_who_has_the_token_is_let_in() {
    let made = Made::of_samples();
    let worker = Worker::new(VERSION, settings(), Vec::new()).with_token("secret".to_owned());
    let worker = Served::of("http", worker);
    for token in [None, Some("secre"), Some("secret2")] {
        let connected = made.connect_with(vec![worker.url.clone()], |connect| {
            connect.token = token.map(str::to_owned);
        });
        let error = connected.err().unwrap().to_string();
        assert!(error.contains("401"), "{error}");
    }
    let connected = made.connect_with(vec![worker.url.clone()], |connect| {
        connect.token = Some("secret".to_owned());
    });
    let told = connected.unwrap();
    assert!(made.rows("Event | count", Some(&told), &Cancel::default()).is_ok());
}

#[test]
fn workers_speak_tls_with_those_who_trust_them() {
    let made = Made::of_samples();
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = certificate.cert.pem();
    let tls = Tls::new(pem.as_bytes(), certificate.signing_key.serialize_pem().as_bytes()).unwrap();
    let worker = Worker::new(VERSION, settings(), Vec::new()).with_tls(tls);
    let worker = Served::of("https", worker);
    assert!(made.connect(vec![worker.url.clone()]).is_err(), "nobody vouches for it");
    let told = made.connect_with(vec![worker.url.clone()], |connect| {
        connect.authorities = Some(pem.into_bytes());
    });
    let query = "SecurityEvent | summarize count() by EventID";
    let together = made.rows(query, Some(&told.unwrap()), &Cancel::default()).unwrap();
    assert_eq!(together, made.rows(query, None, &Cancel::default()).unwrap());
}

#[test]
fn addresses_are_of_workers() {
    let made = Made::of_samples();
    for address in ["localhost:7070", "ftp://a:1", "http://a:1/path", "http://u:p@a:1", ""] {
        let error = made.connect(vec![address.to_owned()]).err().unwrap();
        assert!(matches!(error, ClusterError::Address(_)), "{address}");
    }
}
