//! The tokens that there are, as the state has them.

use std::sync::Arc;

use kql_types::Ticks;
use state::{
    State, StateError,
    sqlite::{self, ErrorCode},
};
use thiserror::Error;

use super::{Role, TokenHash};

/// A token that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What its maker calls it.
    pub name: Arc<str>,
    /// What its owner may do.
    pub role: Role,
    /// What it is known by.
    pub hash: TokenHash,
    /// When it was made.
    pub made: Ticks,
    /// Since when it is not taken any more.
    pub revoked: Option<Ticks>,
}

/// A token that could not be made.
#[derive(Debug, Error)]
pub enum TokenError {
    /// There is one of that name.
    #[error("there is a token `{0}` already")]
    Exists(String),
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The tokens of a state.
#[derive(Clone, Copy, Debug)]
pub struct TokenTable<'a>(pub &'a State);

impl TokenTable<'_> {
    /// Adds a token.
    ///
    /// # Errors
    ///
    /// If there is one of that name that is not revoked, or it cannot be kept.
    pub fn add(
        &self,
        name: &str,
        role: Role,
        hash: &TokenHash,
        now: Ticks,
    ) -> Result<(), TokenError> {
        let insert = "INSERT INTO token (name, role, hash, made) VALUES (?1, ?2, ?3, ?4)";
        let values = (name, role.name(), hash.bytes(), now);
        match self.0.write(|change| change.execute(insert, values)) {
            Ok(_) => Ok(()),
            Err(StateError::Sqlite { source, .. })
                if source.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) =>
            {
                Err(TokenError::Exists(name.to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns all tokens in the order in which they were made, the revoked ones too.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn all(&self) -> Result<Vec<Token>, StateError> {
        self.0.read(|state| {
            let query = "SELECT name, role, hash, made, revoked FROM token ORDER BY id";
            let mut query = state.prepare(query)?;
            let tokens = query.query_map([], token)?;
            tokens.collect()
        })
    }

    /// Has a token not be taken any more. Tells whether there was one.
    ///
    /// # Errors
    ///
    /// If that cannot be kept.
    pub fn revoke(&self, name: &str, now: Ticks) -> Result<bool, StateError> {
        let update = "UPDATE token SET revoked = ?2 WHERE name = ?1 AND revoked IS NULL";
        Ok(self.0.write(|change| change.execute(update, (name, now)))? > 0)
    }
}

fn token(row: &sqlite::Row<'_>) -> sqlite::Result<Token> {
    let role: String = row.get("role")?;
    let role = role.parse().map_err(|error| {
        sqlite::Error::FromSqlConversionFailure(1, sqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Token {
        name: row.get("name")?,
        role,
        hash: TokenHash::from_bytes(row.get("hash")?),
        made: row.get("made")?,
        revoked: row.get("revoked")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_free_again_when_its_token_is_revoked() {
        let state = State::in_memory().unwrap();
        let tokens = TokenTable(&state);
        let (first, second) = (TokenHash::of("1"), TokenHash::of("2"));
        tokens.add("amy", Role::Read, &first, 10).unwrap();
        let again = tokens.add("amy", Role::Admin, &second, 11);
        assert!(matches!(again, Err(TokenError::Exists(name)) if name == "amy"));
        assert!(tokens.revoke("amy", 12).unwrap());
        assert!(!tokens.revoke("amy", 13).unwrap());
        tokens.add("amy", Role::Admin, &second, 14).unwrap();
        let token =
            |role, hash, made, revoked| Token { name: "amy".into(), role, hash, made, revoked };
        let expected =
            [token(Role::Read, first, 10, Some(12)), token(Role::Admin, second, 14, None)];
        assert_eq!(tokens.all().unwrap(), expected);
    }
}
