//! Whether a Nango server is there at all.

use reqwest::Method;
use serde::Deserialize;

use crate::call::{Call, Credential};
use crate::client::Client;
use crate::error::Error;

impl Client {
    /// Asks whether a Nango server answers at the base URL. Needs no key and sends none.
    ///
    /// `GET /health` answers `{"result":"ok"}`.
    ///
    /// # Errors
    /// [`Error::Transport`], or [`Error::UnexpectedBody`] and others when something else than Nango
    /// answers there.
    pub async fn health(&self) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Health {
            result: String,
        }
        let call = Call::new(Method::GET, self.url(&["health"])?).credential(Credential::None);
        let answer = self.success(call).await?;
        let health: Health = answer.json()?;
        if health.result == "ok" {
            Ok(())
        } else {
            Err(answer.unexpected("not the answer of a healthy Nango"))
        }
    }
}
