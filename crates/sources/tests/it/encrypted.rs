//! Archives that are encrypted, by every means that people send evidence with.

use std::io::{Cursor, Write};

use sevenz_rust2::{
    ArchiveEntry, ArchiveWriter, EncoderConfiguration, EncoderMethod, Password,
    encoder_options::{AesEncoderOptions, Lzma2Options},
};
use zip::{
    AesMode, ZipWriter,
    unstable::write::FileOptionsExt,
    write::{FileOptions, SimpleFileOptions},
};

use crate::collect::{Collected, all_events, scan_bytes};

const EVENT: &str = r#"{"EventID":1,"SourceName":"P","Channel":"c","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z"}"#;
const MEMBERS: [&str; 2] = ["a.json", "b.json"];

/// A way to make an encrypted archive, and the name of a file of it.
type Writer = (&'static str, fn(&str) -> Vec<u8>);

const WRITERS: [Writer; 6] = [
    ("x.zip", zip_crypto),
    ("x.zip", |password| zip_aes(password, AesMode::Aes128)),
    ("x.zip", |password| zip_aes(password, AesMode::Aes192)),
    ("x.zip", |password| zip_aes(password, AesMode::Aes256)),
    ("x.7z", |password| seven_zip(password, false)),
    ("x.7z", |password| seven_zip(password, true)),
];

fn zip_crypto(password: &str) -> Vec<u8> {
    let options = SimpleFileOptions::default();
    zipped(options.with_deprecated_encryption(password.as_bytes()).unwrap())
}

fn zip_aes(password: &str, mode: AesMode) -> Vec<u8> {
    zipped(SimpleFileOptions::default().with_aes_encryption(mode, password))
}

fn zipped(options: FileOptions<'_, '_, ()>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for name in MEMBERS {
        archive.start_file(name, options).unwrap();
        archive.write_all(EVENT.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn seven_zip(password: &str, encrypts_names: bool) -> Vec<u8> {
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    let methods = vec![
        EncoderConfiguration::from(AesEncoderOptions::new(Password::from(password))),
        EncoderConfiguration::new(EncoderMethod::LZMA2)
            .with_options(Lzma2Options::from_level(1).into()),
    ];
    archive.set_content_methods(methods);
    archive.set_encrypt_header(encrypts_names);
    for name in MEMBERS {
        archive.push_archive_entry(ArchiveEntry::new_file(name), Some(EVENT.as_bytes())).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn with_passwords(name: &str, bytes: &[u8], passwords: &[&str]) -> Collected {
    let given = passwords.iter().map(|password| (*password).to_owned()).collect();
    let request =
        sources::ScanRequest { passwords: sources::Passwords::new(given), ..all_events() };
    let collected = scan_bytes(name, bytes, &request);
    collected.assert_balances();
    collected
}

/// Returns the members that rows came from.
fn members(collected: &Collected) -> Vec<&str> {
    let members = collected.batches.iter().map(|(origin, _)| origin.member.as_deref());
    members.map(|member| member.unwrap_or("-")).collect()
}

#[test]
fn an_archive_is_opened_with_its_password() {
    for (name, write) in WRITERS {
        let opened = with_passwords(name, &write("kettle 9"), &["wrong", "kettle 9", "other"]);
        assert_eq!(opened.problem_texts(), [""; 0], "{name}");
        assert_eq!(members(&opened), MEMBERS, "{name}");
        assert_eq!(opened.lines(), ["1", "1"], "{name}");
    }
}

#[test]
fn the_usual_password_is_tried_without_being_given() {
    for (name, write) in WRITERS {
        for passwords in [&[][..], &["other"]] {
            let opened = with_passwords(name, &write("infected"), passwords);
            assert_eq!(opened.problem_texts(), [""; 0], "{name}");
            assert_eq!(members(&opened), MEMBERS, "{name}");
        }
    }
}

#[test]
fn an_archive_without_its_password_is_called_encrypted_and_not_damaged() {
    for (name, write) in WRITERS {
        let archive = write("kettle 9");
        let told = |passwords: &[&str], what: &str| {
            let collected = with_passwords(name, &archive, passwords);
            assert_eq!(members(&collected), [""; 0], "{name}");
            let told = collected.problem_texts();
            assert!(!told.is_empty(), "{name}");
            for text in told {
                assert!(text.ends_with(what), "{name}: {text}");
                assert!(!text.contains("Kettle"), "{text}");
            }
        };
        told(&[], "archive is encrypted; `--password` gives its password");
        told(&["Kettle 9"], "archive is encrypted, and no password given opens it");
    }
}

#[test]
fn damage_behind_the_right_password_costs_its_member() {
    for (name, write) in WRITERS.into_iter().filter(|(name, _)| *name == "x.zip") {
        let mut archive = write("kettle 9");
        // The last member's data end where the directory starts.
        let directory = archive.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap();
        archive[directory - 30] ^= 0x55;
        let collected = with_passwords(name, &archive, &["kettle 9"]);
        let told = collected.problem_texts();
        assert!(!told.is_empty() && told.iter().all(|text| text.contains("b.json")), "{told:?}");
        assert!(told.iter().all(|text| !text.contains("is encrypted")), "{told:?}");
        assert_eq!(members(&collected).first(), Some(&"a.json"));
    }
}
