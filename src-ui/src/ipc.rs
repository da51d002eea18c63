//! The only place that knows `window.__TAURI__`: requests go out, replies and events come in.
//!
//! Off wasm there is no shell to ask, so [`call`] answers a failure and [`listen`] hears nothing; tests render
//! components with data of their own.

use patchbay_ipc::{AppEvent, Command, Failure};

pub use bridge::{Subscription, call, listen, zoom};

#[cfg(target_arch = "wasm32")]
mod bridge {
    use std::cell::RefCell;
    use std::rc::Rc;

    use js_sys::{Function, Promise};
    use patchbay_ipc::{APP_EVENT, Code};
    use patchbay_texts::t;
    use serde::{Deserialize, Serialize};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::JsFuture;

    use super::{AppEvent, Command, Failure};

    #[wasm_bindgen]
    extern "C" {
        // Neither is async: the call has to happen now, and may fail now; only its answer is awaited.
        #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI__", "core"], js_name = invoke)]
        fn js_invoke(command: &str, arguments: JsValue) -> Result<Promise, JsValue>;

        #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI__", "event"], js_name = listen)]
        fn js_listen(event: &str, handler: &Closure<dyn FnMut(JsValue)>) -> Result<Promise, JsValue>;
    }

    #[derive(Serialize)]
    struct Arguments<'a, C> {
        request: &'a C,
    }

    #[derive(Deserialize)]
    struct Envelope {
        payload: AppEvent,
    }

    /// Asks the engine.
    ///
    /// # Errors
    /// What the engine could not do, in its words; or that the shell could not be spoken to.
    pub async fn call<C: Command>(request: &C) -> Result<C::Reply, Failure> {
        let arguments = Arguments { request }.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
        let reply = invoke(C::NAME, arguments).await?;
        serde_wasm_bindgen::from_value(reply).map_err(|error| internal(C::NAME, &error.to_string()))
    }

    /// Draws the whole window at a size in percent. Where the shell does not, it stays as it is.
    pub fn zoom(percent: u16) {
        #[derive(Serialize)]
        struct Zoom {
            value: f64,
        }

        let factor = Zoom { value: f64::from(percent) / 100.0 };
        if let Ok(arguments) = serde_wasm_bindgen::to_value(&factor)
            && let Ok(promise) = js_invoke("plugin:webview|set_webview_zoom", arguments)
        {
            wasm_bindgen_futures::spawn_local(async move { drop(JsFuture::from(promise).await) });
        }
    }

    /// What is the same for all commands, so that it is shipped once.
    async fn invoke(
        command: &'static str,
        arguments: Result<JsValue, serde_wasm_bindgen::Error>,
    ) -> Result<JsValue, Failure> {
        let arguments = arguments.map_err(|error| internal(command, &error.to_string()))?;
        let answer = match js_invoke(command, arguments) {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        answer.map_err(|error| match serde_wasm_bindgen::from_value::<Failure>(error.clone()) {
            Ok(failure) => failure,
            Err(_) => internal(command, &text_of(&error)),
        })
    }

    fn text_of(error: &JsValue) -> String {
        match error.as_string() {
            Some(text) => text,
            None => error
                .dyn_ref::<js_sys::Error>()
                .map_or_else(|| t!("no words were given").to_owned(), |error| String::from(error.message())),
        }
    }

    fn internal(command: &str, detail: &str) -> Failure {
        Failure {
            code: Code::Internal,
            message: t!("The window could not speak to the rest of Patchbay.").to_owned(),
            hint: t!("Try again. If it stays like this, restart Patchbay.").to_owned(),
            detail: Some(format!("{command}: {detail}")),
            field: None,
        }
    }

    /// Hears events until it is dropped.
    pub struct Subscription {
        unlisten: Rc<RefCell<Option<Function>>>,
        dropped: Rc<RefCell<bool>>,
        _handler: Closure<dyn FnMut(JsValue)>,
    }

    impl Drop for Subscription {
        fn drop(&mut self) {
            *self.dropped.borrow_mut() = true;
            if let Some(unlisten) = self.unlisten.borrow_mut().take() {
                // Nothing is left to do with a failure: the shell is gone, and so are its events.
                drop(unlisten.call0(&JsValue::NULL));
            }
        }
    }

    /// Hears the engine's events; `on_ready` is called once none can be missed any more.
    pub fn listen(on_event: impl Fn(AppEvent) + 'static, on_ready: impl FnOnce() + 'static) -> Subscription {
        let handler = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            if let Ok(envelope) = serde_wasm_bindgen::from_value::<Envelope>(event) {
                on_event(envelope.payload);
            }
        });
        let unlisten = Rc::new(RefCell::new(None));
        let dropped = Rc::new(RefCell::new(false));
        let promise = js_listen(APP_EVENT, &handler);
        let subscription =
            Subscription { unlisten: unlisten.clone(), dropped: dropped.clone(), _handler: handler };
        wasm_bindgen_futures::spawn_local(async move {
            // Without events the window still works on what it asks for itself, so a failure is not the end.
            if let Ok(promise) = promise
                && let Ok(function) = JsFuture::from(promise).await
            {
                let function: Function = function.unchecked_into();
                if *dropped.borrow() {
                    drop(function.call0(&JsValue::NULL));
                } else {
                    *unlisten.borrow_mut() = Some(function);
                }
            }
            on_ready();
        });
        subscription
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod bridge {
    use patchbay_ipc::Code;

    use super::{AppEvent, Command, Failure};

    /// Answers that there is no shell to ask.
    ///
    /// # Errors
    /// Always.
    pub async fn call<C: Command>(_request: &C) -> Result<C::Reply, Failure> {
        Err(Failure {
            code: Code::Internal,
            message: "There is no window here.".to_owned(),
            hint: "Run Patchbay.".to_owned(),
            detail: Some(C::NAME.to_owned()),
            field: None,
        })
    }

    /// Hears nothing.
    pub struct Subscription;

    /// Hears nothing, and is ready at once.
    pub fn listen(_on_event: impl Fn(AppEvent) + 'static, on_ready: impl FnOnce() + 'static) -> Subscription {
        on_ready();
        Subscription
    }

    /// Nothing is drawn.
    pub fn zoom(_percent: u16) {}
}
