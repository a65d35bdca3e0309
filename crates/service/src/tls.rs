//! TLS, by a certificate that its owner has.

use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject},
        },
    },
};

/// What a service shows of itself, and proves.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

/// A certificate or a key that does not serve.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The certificate is not one in PEM.
    #[error("not a certificate in PEM")]
    Certificate(#[source] pem::Error),
    /// There is no certificate.
    #[error("there is no certificate, only other sections of PEM")]
    NoCertificate,
    /// The key is not one in PEM.
    #[error("not a private key in PEM, without a password")]
    Key(#[source] pem::Error),
    /// They do not belong together, or are of a kind that nobody would take.
    #[error("the certificate and the key do not serve")]
    Pair(#[source] rustls::Error),
}

impl Tls {
    /// Takes a certificate with those that vouch for it, and its key, both in PEM. Versions are 1.2 and 1.3.
    ///
    /// # Errors
    ///
    /// If they are not what they should be, or do not belong together.
    pub fn new(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(TlsError::Certificate)?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        // Named here, since what else is in the process may have brought another one.
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsError::Pair)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.0
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_and_its_key_belong_together() {
        let made = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (one, other) = (made(), made());
        let (certificate, key) = (one.cert.pem(), one.signing_key.serialize_pem());
        assert!(Tls::new(certificate.as_bytes(), key.as_bytes()).is_ok());
        let wrong = |certificate: &str, key: &str| {
            Tls::new(certificate.as_bytes(), key.as_bytes()).unwrap_err()
        };
        let foreign = other.signing_key.serialize_pem();
        assert!(matches!(wrong(&certificate, &foreign), TlsError::Pair(_)));
        assert!(matches!(wrong("", &key), TlsError::NoCertificate));
        assert!(matches!(wrong(&key, &key), TlsError::NoCertificate));
        assert!(matches!(wrong(&certificate, &certificate), TlsError::Key(_)));
        let broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
        assert!(matches!(wrong(broken, &key), TlsError::Certificate(_)));
    }
}
