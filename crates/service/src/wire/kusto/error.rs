//! An error as Kusto's clients read it.

use serde_json::{Value, json};

use crate::query_error::{KustoName, QueryError};

/// Returns the body of an answer that has no rows.
///
/// - `request_id`: what the client calls the request.
pub(crate) fn error_body(error: &QueryError, request_id: &str) -> Value {
    json!({ "error": error_object(error, request_id) })
}

/// Returns an error as an object, as it stands in answers too.
pub(super) fn error_object(error: &QueryError, request_id: &str) -> Value {
    let KustoName { code, message, exception, is_permanent, .. } = error.name();
    let inner_code = match error {
        QueryError::Refused { code: of_query, .. } => of_query.as_str(),
        _ => code,
    };
    // Clients tell mistakes in a query by these words.
    let told = format!("{message}: {error}");
    json!({
        "code": code,
        "message": "Request is invalid and cannot be executed.",
        "@type": exception,
        "@message": told,
        "@context": {
            "clientRequestId": request_id,
            "activityId": request_id,
            "subActivityId": request_id,
            "activityType": "QueryExecution",
            "serviceAlias": "quarry",
        },
        "@permanent": is_permanent,
        "innererror": {
            "code": inner_code,
            "message": told,
            "@type": exception,
            "@message": told,
            "@permanent": is_permanent,
        },
    })
}
