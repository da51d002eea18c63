//! The websocket of the Nango side: an acknowledgement, then one message per client id.
//!
//! Nothing a client sends is answered. Whoever holds a socket's id gets exactly one message about a dance;
//! after it the id is dead although the socket stays open.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::{Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::random;
use crate::server;

/// The sockets that still wait for their message.
#[derive(Debug)]
pub(crate) struct Sockets {
    waiting: Mutex<HashMap<String, mpsc::UnboundedSender<String>>>,
    /// Counts how often all sockets were dropped on demand.
    dropped: watch::Sender<u64>,
}

impl Sockets {
    /// No sockets.
    pub(crate) fn new() -> Self {
        Self { waiting: Mutex::default(), dropped: watch::Sender::new(0) }
    }

    /// Sends the one message that `id` will ever get; nobody listening is not an error.
    pub(crate) fn send(&self, id: &str, message: &Value) {
        let sender = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        if let Some(sender) = sender {
            // The socket may be closing at this moment: then the message is lost, as in a real server.
            let _ = sender.send(message.to_string());
        }
    }

    /// Cuts every open socket without a closing handshake.
    pub(crate) fn drop_all(&self) {
        self.dropped.send_modify(|count| *count += 1);
    }

    /// Serves one socket until either side ends it or `stop` becomes true.
    pub(crate) async fn serve(&self, mut socket: WebSocket, mut stop: watch::Receiver<bool>) {
        let id = random::uuid();
        let (sender, mut messages) = mpsc::unbounded_channel();
        // Kept beside the map's copy, so that the channel stays open once the id is dead.
        let _open = sender.clone();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), sender);
        let mut dropped = self.dropped.subscribe();
        let acknowledgement = json!({ "message_type": "connection_ack", "ws_client_id": id });
        let mut open = socket.send(Message::text(acknowledgement.to_string())).await.is_ok();
        while open {
            open = tokio::select! {
                message = messages.recv() => match message {
                    Some(text) => socket.send(Message::text(text)).await.is_ok(),
                    None => false,
                },
                received = socket.recv() => matches!(received, Some(Ok(_))),
                _ = dropped.changed() => false,
                () = server::set(&mut stop) => false,
            };
        }
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}
