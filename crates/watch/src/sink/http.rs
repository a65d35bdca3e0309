//! HTTP: a webhook, and the ingestion endpoint of Log Analytics.

use std::{error::Error, fmt, time::Duration};

use reqwest::{
    Client, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use tokio::runtime::{Builder, Runtime};

use super::{Sink, SinkError, alert::AlertBody};
use crate::delivery::Delivery;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is read of an answer that says why something was not taken.
const MOST_TOLD: usize = 300;

/// The key by which whoever takes an alert knows that it has it.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpForm {
    /// The alert as a JSON object, as `quarry hunt --format jsonl` has it.
    Webhook,
    /// A list with the row of `SecurityAlert`, as Log Analytics' ingestion API takes it.
    LogAnalytics,
}

/// Sends each alert to an address. A receiver that goes by the header `Idempotency-Key`, which is the alert's id,
/// has each once; others may have one twice that they had taken when the connection broke.
pub struct HttpSink {
    name: String,
    url: Url,
    form: HttpForm,
    headers: HeaderMap,
    client: Client,
    runtime: Runtime,
}

impl fmt::Debug for HttpSink {
    /// Headers are left out: they have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("HttpSink");
        told.field("name", &self.name).field("form", &self.form).finish_non_exhaustive()
    }
}

impl HttpSink {
    /// Makes the sink of an address.
    ///
    /// - `headers`: what each request has besides, such as a token.
    ///
    /// # Errors
    ///
    /// If the address or a header is none.
    pub fn new(
        url: &str,
        form: HttpForm,
        headers: &[(String, String)],
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let url = Url::parse(url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("`{url}` is not the address of a web server").into());
        }
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value)?;
            value.set_sensitive(true);
            all.insert(HeaderName::from_bytes(name.as_bytes())?, value);
        }
        // A redirection would send what is confidential to somebody whom nobody has named.
        let client =
            Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // The state keeps the name; a key in the address is no part of it.
        let mut named = url.clone();
        named.set_query(None);
        let _no_password = named.set_password(None);
        Ok(Self { name: named.to_string(), url, form, headers: all, client, runtime })
    }

    async fn send(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let body = AlertBody::read(&delivery.body)?;
        let body = match self.form {
            HttpForm::Webhook => body.alert.get().to_owned(),
            HttpForm::LogAnalytics => format!("[{}]", body.row.get()),
        };
        let request = self
            .client
            .post(self.url.clone())
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(IDEMPOTENCY_KEY, &delivery.identity)
            .body(body);
        // The address stands in errors with all that it has.
        let answer = request.send().await.map_err(|error| SinkError::new(error.without_url()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            // It has been taken before.
            StatusCode::CONFLICT => Ok(()),
            status => Err(SinkError::of(format!("{status}: {}", told(answer).await))),
        }
    }
}

/// Returns the beginning of what an answer says.
async fn told(answer: Response) -> String {
    let text = answer.text().await.unwrap_or_else(|error| error.without_url().to_string());
    text.chars().take(MOST_TOLD).collect()
}

impl Sink for HttpSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        self.runtime.block_on(self.send(delivery))
    }
}
