//! Why a command gave up, for the person who typed it.

use std::{error::Error, fmt, io};

use detection::{
    HuntError, PackageError, RuleError, simulate::SimulationError, testing::TestError,
};
use engine::EngineError;
use lake::LakeError;
use report::WriteError;
use service::ServiceError;
use state::StateError;

use crate::exit::ExitStatus;

/// What to do where the limit of memory is not enough.
const MORE_MEMORY: &str = "the memory limit is reached: raise it with `--memory 4G`, filter rows \
                           earlier, or group by more, so that lists and sets are shorter";

/// A command's failure: what happened, the chain of causes, and what to do.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) kind: ErrorKind,
    pub(crate) source: Box<dyn Error + Send + Sync>,
    pub(crate) hints: Vec<String>,
}

/// What kind of failure it is; decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The command line, a rule or a query is wrong.
    User,
    /// A diagnostic has already been printed.
    Reported,
    /// The machine failed: disk, memory, threads.
    System,
    /// Whoever reads the output has gone away, which is no failure.
    ClosedPipe,
}

impl CommandError {
    pub(crate) fn new(kind: ErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: source.into(), hints: Vec::new() }
    }

    pub(crate) fn user(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::User, source)
    }

    /// Returns the failure of a query whose diagnostics stand on the terminal.
    pub(crate) fn reported() -> Self {
        Self::new(ErrorKind::Reported, "the query has errors")
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(crate) const fn exit_status(&self) -> ExitStatus {
        match self.kind {
            ErrorKind::User | ErrorKind::Reported | ErrorKind::System => ExitStatus::Error,
            ErrorKind::ClosedPipe => ExitStatus::Nothing,
        }
    }

    /// Returns the causes behind the message, outermost first.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut cause = self.source.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        causes
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        let kind = if error.kind() == io::ErrorKind::BrokenPipe {
            ErrorKind::ClosedPipe
        } else {
            ErrorKind::System
        };
        Self::new(kind, error)
    }
}

impl From<WriteError> for CommandError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Write(error) => error.into(),
            other => Self::new(ErrorKind::System, other),
        }
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        let is_out_of_memory = error.is_out_of_memory();
        let told = Self::new(ErrorKind::System, error);
        if is_out_of_memory { told.with_hint(MORE_MEMORY) } else { told }
    }
}

impl From<ServiceError> for CommandError {
    fn from(error: ServiceError) -> Self {
        let is_open = matches!(error, ServiceError::NoTls(_) | ServiceError::NoTokens(_));
        let hint = match error {
            ServiceError::NoTls(_) => "`--tls-cert FILE --tls-key FILE`, or listen on 127.0.0.1",
            _ => "`quarry token add NAME --role read`",
        };
        if is_open {
            return Self::user(error).with_hint(hint);
        }
        Self::new(ErrorKind::System, error)
    }
}

impl From<StateError> for CommandError {
    fn from(error: StateError) -> Self {
        Self::new(ErrorKind::System, error)
    }
}

impl From<LakeError> for CommandError {
    fn from(error: LakeError) -> Self {
        let kind = match error {
            LakeError::Address { .. } | LakeError::NoLake { .. } | LakeError::Column { .. } => {
                ErrorKind::User
            }
            _ => ErrorKind::System,
        };
        Self::new(kind, error)
    }
}

impl From<HuntError> for CommandError {
    fn from(error: HuntError) -> Self {
        match error {
            HuntError::Engine(error) => error.into(),
        }
    }
}

impl From<SimulationError> for CommandError {
    fn from(error: SimulationError) -> Self {
        match error {
            SimulationError::Engine(error) => error.into(),
            SimulationError::Write(error) => error.into(),
            error @ SimulationError::TooManyRuns { .. } => {
                Self::user(error).with_hint("`--from` and `--to` say when rules run")
            }
            error @ SimulationError::Unsettled { .. } => Self::user(error).with_hint(
                "`--rule` simulates rules by themselves; leave out those that see their own alerts",
            ),
        }
    }
}

impl From<TestError> for CommandError {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Hunt(error) => error.into(),
            other => Self::user(other),
        }
    }
}

impl From<PackageError> for CommandError {
    fn from(error: PackageError) -> Self {
        Self::user(error)
    }
}

impl From<RuleError> for CommandError {
    fn from(error: RuleError) -> Self {
        Self::user(error)
    }
}
