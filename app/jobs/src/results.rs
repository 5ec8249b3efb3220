//! Finished results, found by what decided them.

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::error::{During, Operation};
use crate::store::now_ms;
use crate::{Key, Store, StoreError};

impl Store {
    /// The result stored for `key`, if any.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not those that were stored.
    pub fn result(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self
            .connection()
            .prepare_cached("SELECT body, body_sha256 FROM result WHERE key = ?1")
            .and_then(|mut query| {
                query
                    .query_row([key.as_bytes()], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))
                    .optional()
            })
            .during(Operation::Read)?;
        let Some((body, digest)) = row else { return Ok(None) };
        if Sha256::digest(&body).as_slice() != digest {
            let message = format!("the result of key {key} does not have the digest it was stored with");
            return Err(StoreError::Corrupt { operation: Operation::Read, message });
        }
        Ok(Some(body))
    }

    /// Stores results, all or none. A result that is there already is left as it is.
    ///
    /// Bodies must hold nothing but what their key decides: no times, no names of machines.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another body is stored for a key; the causes of a failed write.
    pub fn put_results<'a>(&self, results: impl IntoIterator<Item = (&'a Key, &'a [u8])>) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO result (key, body, body_sha256, stored_ms) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (key) DO NOTHING",
                )
                .during(Operation::Write)?;
            let mut stored = transaction
                .prepare_cached("SELECT body_sha256 = ?2 FROM result WHERE key = ?1")
                .during(Operation::Write)?;
            for (key, body) in results {
                let digest = Sha256::digest(body);
                let inserted = insert
                    .execute(params![key.as_bytes(), body, digest.as_slice(), now_ms()])
                    .during(Operation::Write)?;
                let equal = inserted == 1
                    || stored
                        .query_row(params![key.as_bytes(), digest.as_slice()], |row| row.get(0))
                        .during(Operation::Write)?;
                if !equal {
                    return Err(StoreError::Conflict { key: *key });
                }
            }
            Ok(())
        })
    }

    /// How many results are stored.
    ///
    /// # Errors
    /// The causes of a failed read.
    pub fn results_count(&self) -> Result<u64, StoreError> {
        self.connection()
            .query_row("SELECT count(*) FROM result", [], |row| row.get::<_, i64>(0))
            .map(|count| count.unsigned_abs())
            .during(Operation::Read)
    }
}
