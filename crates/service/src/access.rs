//! Who may do what: tokens that clients show, the roles that tokens have, and when none is needed.
//!
//! A token is 32 random bytes as text. That is why its hash is plain SHA-256: slow hashes protect what people
//! make up, and nobody tries 2^256 texts, however fast. They would only have each request cost a server what
//! an attacker has to spend.

mod credentials;
mod tokens;

use std::{
    fmt,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use state::{State, StateError};
use subtle::ConstantTimeEq;
use thiserror::Error;

pub(crate) use self::credentials::secret;
pub use self::tokens::{Token, TokenError, TokenTable};

/// What a token's owner may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ask questions.
    Read,
    /// Send telemetry.
    Ingest,
    /// Change what the service does, and whatever the others may.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Read, Self::Ingest, Self::Admin];

    /// Returns the name by which users know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Ingest => "ingest",
            Self::Admin => "admin",
        }
    }

    fn includes(self, needed: Self) -> bool {
        self == needed || self == Self::Admin
    }
}

/// A text that names no role.
#[derive(Debug, Error)]
#[error("`{0}` is not a role: `read`, `ingest`, `admin`")]
pub struct NoRole(String);

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        let found = Self::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| NoRole(text.to_owned()))
    }
}

/// What is kept of a token: enough to know it again, and not enough to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Returns the hash of what a client shows.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Makes one of bytes that were kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes to keep.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares without telling by the time it takes how much is equal.
    fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A new token, as its owner gets it, once.
pub struct Secret(String);

/// What tokens begin with, so that tools that look for leaked secrets know one.
const PREFIX: &str = "quarry_";

impl Secret {
    /// Makes a token that nobody can guess.
    ///
    /// # Errors
    ///
    /// If the system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// Returns the text that clients send.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Returns what to keep of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How old the tokens that requests are compared with may be; a token that is revoked is taken so long.
const AGE: Duration = Duration::from_secs(1);

/// Decides who may ask.
#[derive(Debug, Default)]
pub struct Access {
    state: OnceLock<Arc<State>>,
    /// Where there will be a state as soon as somebody makes a token.
    folder: Option<PathBuf>,
    known: Mutex<Option<(Instant, Arc<[Token]>)>>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody has to say who they are.
    Anybody,
    /// The owner of a token.
    Owner(Arc<str>, Role),
}

/// Why somebody may not ask.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// There is no token, or none that is taken.
    Unknown,
    /// Nobody knows which tokens there are.
    Unreachable,
}

impl Caller {
    /// Returns the name of the token, if there is one.
    pub(crate) fn name(&self) -> Option<Arc<str>> {
        match self {
            Self::Anybody => None,
            Self::Owner(name, _) => Some(Arc::clone(name)),
        }
    }

    /// Tells whether the caller may do what needs a role.
    pub(crate) fn may(&self, needed: Role) -> bool {
        match self {
            Self::Anybody => true,
            Self::Owner(_, role) => role.includes(needed),
        }
    }
}

impl Access {
    /// Makes what decides by tokens.
    pub fn new(state: Arc<State>) -> Self {
        Self { state: state.into(), ..Self::default() }
    }

    /// Makes what decides by the tokens of a state that is not there yet, from when it is.
    pub fn awaiting(folder: PathBuf) -> Self {
        Self { folder: Some(folder), ..Self::default() }
    }

    /// Tells whether there is a token that is taken.
    ///
    /// # Errors
    ///
    /// If the tokens cannot be read.
    pub fn has_tokens(&self) -> Result<bool, StateError> {
        Ok(self.read()?.iter().any(|token| token.revoked.is_none()))
    }

    fn read(&self) -> Result<Arc<[Token]>, StateError> {
        if self.state.get().is_none()
            && let Some(folder) = self.folder.as_ref().filter(|folder| folder.is_dir())
        {
            let opened = Arc::new(State::open(folder)?);
            // Another thread may have been first.
            let _same = self.state.set(opened);
        }
        match self.state.get() {
            Some(state) => Ok(TokenTable(state).all()?.into()),
            None => Ok([].into()),
        }
    }

    /// Returns the tokens, read no longer than [`AGE`] ago; `None` if they cannot be read.
    async fn known(self: &Arc<Self>) -> Option<Arc<[Token]>> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((read, tokens)) = &*lock()
            && read.elapsed() < AGE
        {
            return Some(Arc::clone(tokens));
        }
        let now = Instant::now();
        let this = Arc::clone(self);
        match tokio::task::spawn_blocking(move || this.read()).await {
            Ok(Ok(tokens)) => {
                *lock() = Some((now, Arc::clone(&tokens)));
                Some(tokens)
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "nobody is let in");
                None
            }
            Err(error) => {
                tracing::error!(%error, "nobody is let in");
                None
            }
        }
    }

    /// Returns who asks.
    ///
    /// - `is_open`: whether anybody may ask as long as nobody has made a token.
    pub(crate) async fn caller(
        self: &Arc<Self>,
        headers: &HeaderMap,
        is_open: bool,
    ) -> Result<Caller, Denied> {
        let tokens = self.known().await.ok_or(Denied::Unreachable)?;
        // Revoking the last token does not let everybody in.
        if is_open && tokens.is_empty() {
            return Ok(Caller::Anybody);
        }
        let secret = secret(headers).ok_or(Denied::Unknown)?;
        let hash = TokenHash::of(&secret);
        let mut owner = None;
        for token in tokens.iter().filter(|token| token.revoked.is_none()) {
            // Each is compared, whichever it is.
            if token.hash.is(&hash) {
                owner = Some(Caller::Owner(Arc::clone(&token.name), token.role));
            }
        }
        owner.ok_or(Denied::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::http::{HeaderValue, header::AUTHORIZATION};

    use super::*;

    /// A state with tokens, each of which is shown by its name.
    fn state(tokens: &[(&str, Role, bool)]) -> Arc<State> {
        let state = State::in_memory().unwrap();
        for (name, role, is_revoked) in tokens {
            TokenTable(&state).add(name, *role, &TokenHash::of(name), 1).unwrap();
            if *is_revoked {
                assert!(TokenTable(&state).revoke(name, 2).unwrap());
            }
        }
        Arc::new(state)
    }

    fn caller(state: &Arc<State>, shown: &str, is_open: bool) -> Result<Caller, Denied> {
        let access = Arc::new(Access::new(Arc::clone(state)));
        let mut headers = HeaderMap::new();
        if !shown.is_empty() {
            let value = HeaderValue::from_str(&format!("Bearer {shown}")).unwrap();
            headers.insert(AUTHORIZATION, value);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(access.caller(&headers, is_open))
    }

    #[test]
    fn whoever_shows_a_token_is_its_owner() {
        let state = state(&[("amy", Role::Read, false), ("bob", Role::Admin, true)]);
        assert_eq!(caller(&state, "amy", false), Ok(Caller::Owner("amy".into(), Role::Read)));
        for shown in ["", "bob", "amx", "amy x", "am"] {
            assert_eq!(caller(&state, shown, true), Err(Denied::Unknown), "{shown}");
        }
    }

    #[test]
    fn without_any_token_a_service_is_open_where_it_may_be() {
        let none = state(&[]);
        assert_eq!(caller(&none, "", true), Ok(Caller::Anybody));
        assert_eq!(caller(&none, "", false), Err(Denied::Unknown));
        let revoked = state(&[("amy", Role::Read, true)]);
        assert_eq!(caller(&revoked, "", true), Err(Denied::Unknown));
    }

    #[test]
    fn the_first_token_counts_though_the_service_was_there_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("state");
        let access = Access::awaiting(folder.clone());
        assert!(!access.has_tokens().unwrap());
        assert!(!folder.exists());
        let state = State::open(&folder).unwrap();
        TokenTable(&state).add("amy", Role::Read, &TokenHash::of("amy"), 1).unwrap();
        assert!(access.has_tokens().unwrap());
    }

    #[test]
    fn tokens_that_cannot_be_read_let_nobody_in() {
        let state = state(&[("amy", Role::Read, false)]);
        state.write(|change| change.execute("DROP TABLE token", [])).unwrap();
        assert_eq!(caller(&state, "amy", true), Err(Denied::Unreachable));
    }

    #[test]
    fn a_role_is_for_its_own_and_the_administrators_for_all() {
        for role in Role::ALL {
            let owner = Caller::Owner("x".into(), role);
            let may: Vec<Role> = Role::ALL.into_iter().filter(|it| owner.may(*it)).collect();
            let expected = if role == Role::Admin { Role::ALL.to_vec() } else { vec![role] };
            assert_eq!(may, expected);
            assert_eq!(role.name().parse::<Role>().unwrap(), role);
        }
        assert!("root".parse::<Role>().is_err());
    }

    #[test]
    fn secrets_differ_and_are_not_written_by_accident() {
        let secrets: Vec<Secret> = (0..64).map(|_| Secret::random().unwrap()).collect();
        let texts: BTreeSet<&str> = secrets.iter().map(Secret::text).collect();
        assert_eq!(texts.len(), 64);
        assert!(texts.iter().all(|text| text.starts_with(PREFIX) && text.len() == 50));
        assert_eq!(format!("{:?}", secrets[0]), "Secret(…)");
    }
}
