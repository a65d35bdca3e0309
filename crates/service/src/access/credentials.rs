//! The token of a request, in each of the forms in which clients send one.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Returns the token that a request shows, if it shows one.
///
/// - `Bearer TOKEN`: Azure's clients and most others.
/// - `Splunk TOKEN`: senders to Splunk's event collector.
/// - `ApiKey TOKEN`, or base64 of `ANY:TOKEN`: Elastic's clients.
/// - `Basic`, base64 of `ANY:TOKEN`, or of `TOKEN:`: what knows only names and passwords.
pub(crate) fn secret(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let (scheme, value) = value.to_str().ok()?.trim().split_once(' ')?;
    let value = value.trim();
    let secret = match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "splunk" => value.to_owned(),
        "apikey" => match pair(value) {
            Some((_, key)) => key,
            None => value.to_owned(),
        },
        "basic" => match pair(value)? {
            (name, password) if password.is_empty() => name,
            (_, password) => password,
        },
        _ => return None,
    };
    (!secret.is_empty()).then_some(secret)
}

/// Decodes a name and what belongs to it.
fn pair(encoded: &str) -> Option<(String, String)> {
    let alphabet = if encoded.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    let bytes = GeneralPurpose::new(&alphabet, CONFIG).decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(name, secret)| (name.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    fn of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        secret(&headers)
    }

    #[test]
    fn each_client_shows_its_token_in_its_way() {
        let encoded = |text: &str| BASE64_STANDARD.encode(text);
        for value in [
            "Bearer quarry_x".to_owned(),
            "bearer  quarry_x ".to_owned(),
            "Splunk quarry_x".to_owned(),
            "ApiKey quarry_x".to_owned(),
            format!("ApiKey {}", encoded("id:quarry_x")),
            format!("Basic {}", encoded("elastic:quarry_x")),
            format!("Basic {}", encoded("quarry_x:")),
            format!("BASIC {}", encoded("a:quarry_x").trim_end_matches('=')),
        ] {
            assert_eq!(of(&[&value]).as_deref(), Some("quarry_x"), "{value}");
        }
    }

    #[test]
    fn what_shows_none_shows_none() {
        for values in [
            &[][..],
            &[""],
            &["Bearer"],
            &["Bearer "],
            &["Basic !!"],
            &["Basic OjpA/w=="],
            &["Basic Og=="],
            &["Digest x"],
            // Which of two would count is for nobody to guess.
            &["Bearer quarry_x", "Bearer quarry_y"],
        ] {
            assert_eq!(of(values), None, "{values:?}");
        }
    }
}
