//! The service: one process that takes telemetry in, runs rules on schedule and answers clients.
