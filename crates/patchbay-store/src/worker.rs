//! A thread that owns one SQLite connection and does what it is sent, in order.

use std::sync::mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The way to the thread; it ends when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Worker {
    jobs: mpsc::Sender<Job>,
}

impl Worker {
    /// Starts the thread and waits until `open` has given it a connection.
    pub(crate) async fn start(
        name: &str,
        open: impl FnOnce() -> Result<Connection, StoreError> + Send + 'static,
    ) -> Result<Worker, StoreError> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (opened, is_open) = oneshot::channel();
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let mut connection = match open() {
                    Ok(connection) => connection,
                    Err(error) => {
                        drop(opened.send(Err(error)));
                        return;
                    }
                };
                drop(opened.send(Ok(())));
                for job in inbox {
                    job(&mut connection);
                }
            })
            .map_err(|_| StoreError::Stopped)?;
        is_open.await.map_err(|_| StoreError::Stopped)??;
        Ok(Worker { jobs })
    }

    /// Runs `work` on the thread. A caller that stops waiting does not stop the work.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| drop(answer.send(work(connection))));
        self.jobs.send(job).map_err(|_| StoreError::Stopped)?;
        answered.await.map_err(|_| StoreError::Stopped)?
    }
}
