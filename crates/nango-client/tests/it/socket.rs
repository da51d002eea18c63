//! The websocket: recorded messages, and servers that send something else.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use nango_client::{Completion, Error, Limits, Socket, TransportKind};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use url::Url;

use crate::fixture::exchange;
use crate::server::{Reply, Server};

fn recorded(name: &str) -> String {
    exchange("socket", name).response.body.to_string()
}

fn short() -> Limits {
    Limits { request_timeout: Duration::from_millis(300), ..Limits::default() }
}

/// Accepts one websocket and hands it to the test.
async fn socket_server<F>(
    act: impl FnOnce(WebSocketStream<TcpStream>) -> F + Send + 'static,
) -> (Url, JoinHandle<()>)
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        act(tokio_tungstenite::accept_async(stream).await.unwrap()).await;
    });
    (url, task)
}

/// Opens a socket at a server that sends these messages and then closes.
async fn opened(messages: Vec<Message>) -> (Socket, String) {
    let (url, _) = socket_server(async |mut socket| {
        for message in messages {
            // The client may close first when it has read enough.
            if socket.send(message).await.is_err() {
                return;
            }
        }
        let _ = socket.close(None).await;
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    Socket::open(&url, "/", &Limits::default()).await.unwrap()
}

#[tokio::test]
async fn recorded_messages_are_read() {
    let ack = recorded("ws.ack");
    let expected_id =
        serde_json::from_str::<Value>(&ack).unwrap()["ws_client_id"].as_str().unwrap().to_owned();
    for name in ["ws.success", "reconnect.ws.success"] {
        let message = recorded(name);
        let value: Value = serde_json::from_str(&message).unwrap();
        let (mut socket, id) = opened(vec![ack.clone().into(), message.into()]).await;
        assert_eq!(id, expected_id);
        match socket.next().await {
            Completion::Success { connection_id, provider_config_key, is_pending: false } => {
                assert_eq!(connection_id, value["connection_id"], "{name}");
                assert_eq!(provider_config_key, "local-oauth2");
            }
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(socket.next().await, Completion::Closed);
    }
    let (mut socket, _) = opened(vec![ack.into(), recorded("ws.error.access_denied").into()]).await;
    match socket.next().await {
        Completion::Failed { error_type, error_description: Some(text), .. } => {
            assert_eq!(error_type, "callback_err");
            assert!(text.contains("access_denied"), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn garbage_is_ignored() {
    let mut messages: Vec<Message> = vec![recorded("ws.ack").into()];
    for garbage in [
        "",
        "{",
        "null",
        "[]",
        "{\"message_type\":7}",
        "{\"message_type\":\"success\"}",
        "{\"message_type\":\"x\"}",
    ] {
        messages.push(garbage.into());
    }
    messages.push(Message::Binary(vec![0xff, 0x00].into()));
    messages.push(recorded("ws.ack").into());
    messages.push(recorded("ws.success").into());
    let (mut socket, _) = opened(messages).await;
    assert!(matches!(socket.next().await, Completion::Success { .. }));
}

#[tokio::test]
async fn a_huge_message_ends_the_socket() {
    let huge = format!("{{\"message_type\":\"success\",\"x\":\"{}\"}}", "a".repeat(65 * 1024));
    let messages = vec![recorded("ws.ack").into(), huge.into(), recorded("ws.success").into()];
    let (mut socket, _) = opened(messages).await;
    assert_eq!(socket.next().await, Completion::Closed);
}

#[tokio::test]
async fn pings_are_answered() {
    let (ponged, pong) = oneshot::channel();
    let (url, _) = socket_server(async move |mut socket| {
        socket.send(recorded("ws.ack").into()).await.unwrap();
        socket.send(Message::Ping("here?".into())).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap();
        ponged.send(answer).unwrap();
        socket.send(recorded("ws.success").into()).await.unwrap();
    })
    .await;
    let (mut socket, _) = Socket::open(&url, "/", &Limits::default()).await.unwrap();
    assert!(matches!(socket.next().await, Completion::Success { .. }));
    assert_eq!(pong.await.unwrap(), Message::Pong("here?".into()));
}

#[tokio::test]
async fn a_lost_connection_is_closed_not_hanging() {
    let (url, _) = socket_server(async |mut socket| {
        socket.send(recorded("ws.ack").into()).await.unwrap();
        socket.get_mut().set_zero_linger().unwrap();
    })
    .await;
    let (mut socket, _) = Socket::open(&url, "/", &Limits::default()).await.unwrap();
    assert_eq!(socket.next().await, Completion::Closed);
    assert_eq!(socket.next().await, Completion::Closed, "and stays so");
}

#[tokio::test]
async fn opening_has_a_time_limit_whatever_the_server_does() {
    let silent = socket_server(async |_socket| std::future::pending().await).await;
    let chatty = socket_server(async |mut socket| {
        while socket.send("{\"message_type\":\"noise\"}".into()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let mute = Server::replying(vec![Reply::Silence]).await;
    for url in [&silent.0, &chatty.0, &mute.url] {
        let started = Instant::now();
        match Socket::open(url, "/", &short()).await {
            Err(Error::Transport { kind: TransportKind::Timeout, .. }) => {}
            other => panic!("{other:?}"),
        }
        assert!(started.elapsed() < Duration::from_secs(10), "the limit is 300 ms");
    }
}

#[tokio::test]
async fn what_is_no_websocket_is_named() {
    let server = Server::replying(vec![Reply::json(400, "{}")]).await;
    match server.client().open_socket("/elsewhere").await {
        Err(Error::UnexpectedBody { status: 400, .. }) => {}
        other => panic!("{other:?}"),
    }
    let received = server.received();
    assert_eq!(received[0].path, "/elsewhere");
    assert_eq!(received[0].header("authorization"), None, "the socket carries no key");

    let (url, _) = socket_server(async |mut socket| {
        let ack = format!("{{\"message_type\":\"connection_ack\",\"ws_client_id\":\"{}\"}}", "a".repeat(200));
        socket.send(ack.into()).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    let result = Socket::open(&url, "/", &Limits::default()).await;
    assert!(matches!(result, Err(Error::UnexpectedBody { .. })), "an id is not that long: {result:?}");
}
