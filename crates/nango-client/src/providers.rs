//! The catalogue: Nango's templates of services and the fields their forms ask for.
//!
//! Owns the reading of `GET /providers`, which is lenient: one strange entry or member must not lose
//! the other thousand. Leaves the meaning of the fields (what to show, what to validate) to others.

mod field;
mod mode;
mod provider;

pub use field::Field;
pub use mode::AuthMode;
pub use provider::Provider;

use reqwest::Method;
use reqwest::header::{ETAG, HeaderValue, IF_NONE_MATCH};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, Resource};
use crate::rejection;

/// What came of asking for the whole catalogue.
#[derive(Debug, Clone)]
pub enum ProvidersAnswer {
    /// The catalogue is still the one with the etag that was sent.
    NotModified,
    /// The whole catalogue.
    Catalogue(Catalogue),
}

/// All providers a server knows.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// To be sent the next time. The server uses weak etags.
    pub etag: Option<String>,
    /// In the server's order. Each holds the text it was read from, see [`Provider::raw`].
    pub providers: Vec<Provider>,
    /// How many entries could not be read at all (no name, or not an object).
    pub skipped: usize,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

impl Client {
    /// Reads the whole catalogue (there is no paging), unless it is the one with this etag.
    /// Needs a valid key but no particular scope.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn providers(&self, etag: Option<&str>) -> Result<ProvidersAnswer, Error> {
        let mut call = Call::new(Method::GET, self.url(&["providers"])?);
        if let Some(etag) = etag {
            let value =
                HeaderValue::try_from(etag).map_err(|_| Error::argument("the etag cannot be sent"))?;
            call = call.header(IF_NONE_MATCH, value);
        }
        let answer = self.answer(call).await?;
        if answer.status == 304 && etag.is_some() {
            return Ok(ProvidersAnswer::NotModified);
        }
        if !answer.is_success() {
            return Err(rejection::error_of(&answer));
        }
        let Data { data: entries } = answer.json::<Data<Vec<Box<RawValue>>>>()?;
        let count = entries.len();
        let providers: Vec<Provider> = entries.into_iter().filter_map(Provider::from_raw).collect();
        let skipped = count - providers.len();
        let etag = answer.header(ETAG.as_str()).map(str::to_owned);
        Ok(ProvidersAnswer::Catalogue(Catalogue { etag, providers, skipped }))
    }

    /// Reads one provider.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a name the server does not know.
    pub async fn provider(&self, name: &str) -> Result<Provider, Error> {
        let call = Call::new(Method::GET, self.url(&["providers", name])?);
        let answer =
            self.success(call).await.map_err(|error| rejection::not_found(error, Resource::Provider))?;
        let Data { data } = answer.json::<Data<Box<RawValue>>>()?;
        Provider::from_raw(data).ok_or_else(|| answer.unexpected("not a provider"))
    }
}
