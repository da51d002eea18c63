//! The form of a profile: on first run, in Settings, and for a further profile.

use patchbay_ipc::{Code, Failure, KeyringView, Overview, ProfileView, SaveProfile, UseMemoryForSession};
use patchbay_texts::t;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Button, Emphasis, FailureBanner, SecretField, TextField};
use crate::hooks::use_action;
use crate::ipc;
use crate::state::profile_form::{ProfileForm, ProfileFormAction};

/// Properties of [`ProfileFormView`].
#[derive(Properties, PartialEq)]
pub struct ProfileFormViewProps {
    /// The profile to change; nothing: a new one.
    #[prop_or_default]
    pub profile: Option<ProfileView>,
    /// It was saved.
    #[prop_or_default]
    pub on_saved: Callback<Overview>,
    /// Buttons after the first.
    #[prop_or_default]
    pub children: Html,
}

/// The form. Saving asks the server first; what it says stands at the field it is about.
#[component]
pub fn ProfileFormView(props: &ProfileFormViewProps) -> Html {
    let form = use_reducer(|| props.profile.as_ref().map_or_else(ProfileForm::empty, ProfileForm::of));
    let save = {
        let (dispatcher, on_saved) = (form.dispatcher(), props.on_saved.clone());
        Callback::from(move |request: SaveProfile| {
            dispatcher.dispatch(ProfileFormAction::Submitted);
            let (dispatcher, on_saved) = (dispatcher.clone(), on_saved.clone());
            spawn_local(async move {
                let result = ipc::call(&request).await;
                dispatcher
                    .dispatch(ProfileFormAction::Saved(result.as_ref().map(|_| ()).map_err(Clone::clone)));
                if let Ok(overview) = result {
                    on_saved.emit(overview);
                }
            });
        })
    };
    // With memory in place of the keyring, saving is worth another try at once.
    let use_memory = {
        let (save, request) = (save.clone(), form.request(false));
        use_action::<UseMemoryForSession>(Callback::from(move |_: KeyringView| save.emit(request.clone())))
    };
    let edit = |action: fn(String) -> ProfileFormAction| {
        let dispatcher = form.dispatcher();
        Callback::from(move |text: String| dispatcher.dispatch(action(text)))
    };
    let onsubmit = {
        let (save, request, busy) = (save.clone(), form.request(false), form.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy {
                save.emit(request.clone());
            }
        })
    };
    let fault = |field: &str| form.fault(field).map(AttrValue::from);
    let on_enabled = {
        let dispatcher = form.dispatcher();
        let enabled = form.enabled;
        Callback::from(move |_: Event| dispatcher.dispatch(ProfileFormAction::Enabled(!enabled)))
    };
    let more_is_needed =
        form.fault("bridge_url").is_some() || !form.bridge_url.is_empty() || !form.user_name.is_empty();
    let anyway = {
        let (save, request) = (save.clone(), form.request(true));
        Callback::from(move |()| save.emit(request.clone()))
    };
    html! {
        <form class="profile-form" {onsubmit}>
            <TextField label={t!("Nango server URL")} value={form.server_url.clone()} on_input={edit(ProfileFormAction::ServerUrl)}
                error={fault("server_url")} />
            <SecretField label={t!("API key")} value={form.api_key.expose().to_owned()} on_input={edit(ProfileFormAction::ApiKey)}
                placeholder={form.has_key.then_some(AttrValue::from(t!("Stored in the keyring; leave empty to keep it")))}
                description={t!("An environment key with few scopes. It is kept in your system’s keyring and nowhere else.")}
                error={fault("api_key")} />
            <TextField label={t!("Your user id")} value={form.user_id.clone()} on_input={edit(ProfileFormAction::UserId)}
                description={t!("Marks what you connect as yours. It narrows what you see; it does not keep others with the same key out.")}
                error={fault("user_id")} />
            <details class="more" open={more_is_needed}>
                <summary>{ t!("More") }</summary>
                <TextField label={t!("Your name")} value={form.user_name.clone()} on_input={edit(ProfileFormAction::UserName)} optional=true
                    error={fault("user_name")} />
                <TextField label={t!("Bridge page")} value={form.bridge_url.clone()} on_input={edit(ProfileFormAction::BridgeUrl)} optional=true
                    placeholder="https://"
                    description={t!("An https page that forwards the browser’s answer to Patchbay, if your operator has put one up.")}
                    error={fault("bridge_url")} />
                <label class="check">
                    <input type="checkbox" checked={form.enabled} onchange={on_enabled} />
                    <span>{ t!("Use the network") }</span>
                </label>
            </details>
            if let Some(failure) = &form.failure { { problem(failure, &form, anyway, &use_memory) } }
            <div class="buttons">
                <Button submit=true emphasis={Emphasis::Primary} busy={form.busy}>
                    { if form.busy { t!("Asking the server…") } else { t!("Save and check") } }
                </Button>
                { props.children.clone() }
            </div>
        </form>
    }
}

/// What stands under the form: failures of no single field, and ways on that a failure leaves open.
fn problem(
    failure: &Failure,
    form: &ProfileForm,
    anyway: Callback<()>,
    use_memory: &crate::hooks::Action<UseMemoryForSession>,
) -> Html {
    let at_a_field = ["server_url", "api_key", "user_id", "user_name", "bridge_url"]
        .into_iter()
        .any(|field| form.fault(field).is_some());
    let ways_on = match failure.code {
        Code::Unreachable | Code::MissingScope => {
            html! { <Button small=true on_press={anyway}>{ t!("Save anyway") }</Button> }
        }
        Code::Keyring => html! {
            <Button small=true busy={use_memory.busy} on_press={use_memory.run.reform(|()| UseMemoryForSession {})}>
                { t!("Keep secrets in memory for this session") }
            </Button>
        },
        _ => Html::default(),
    };
    if at_a_field && ways_on == Html::default() {
        return Html::default();
    }
    html! { <FailureBanner failure={failure.clone()}>{ ways_on }</FailureBanner> }
}
