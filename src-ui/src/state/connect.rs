//! The connect dialog: from the plan over the label and the form to an attempt that is watched. It makes a
//! connection or renews one; a renewed one keeps its label.

use std::rc::Rc;

use patchbay_core::form::Field;
use patchbay_core::id::{ConnectTarget, InstanceId};
use patchbay_core::label::{LabelError, clean_label};
use patchbay_ipc::{
    AttemptView, ConnectionPlan, ConnectionView, ConnectorView, Failure, FieldInput, ProviderView,
    SecretInput, StartAttempt,
};
use patchbay_texts::t;
use yew::{AttrValue, Reducible};

/// What the dialog is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Making or renewing, and what.
    pub purpose: Purpose,
    /// The connector's name, as far as it is known before the plan.
    pub name: AttrValue,
    /// The connector's icon.
    pub icon: Option<AttrValue>,
}

/// Making a connection, or renewing one.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// An account of this is to be connected.
    Connect(ConnectTarget),
    /// This connection is to be renewed.
    Reconnect {
        /// Which.
        instance: InstanceId,
        /// Its label, which it keeps.
        label: AttrValue,
    },
}

impl Target {
    /// Connecting an account of a connector.
    #[must_use]
    pub fn connector(connector: &ConnectorView) -> Self {
        Self {
            purpose: Purpose::Connect(ConnectTarget::Connector(connector.slug.clone())),
            name: connector.name.clone().into(),
            icon: connector.icon.clone().map(AttrValue::from),
        }
    }

    /// Connecting an account of a provider that Patchbay has no manifest for.
    #[must_use]
    pub fn provider(provider: &ProviderView) -> Self {
        Self {
            purpose: Purpose::Connect(ConnectTarget::Provider(provider.provider.clone())),
            name: provider.name.clone().into(),
            icon: None,
        }
    }

    /// Renewing a connection.
    #[must_use]
    pub fn reconnect(connection: &ConnectionView) -> Self {
        Self {
            purpose: Purpose::Reconnect {
                instance: connection.instance,
                label: connection.label.clone().into(),
            },
            name: connection.connector_name.clone().into(),
            icon: connection.icon.clone().map(AttrValue::from),
        }
    }

    /// Connecting anew what a connection was.
    #[must_use]
    pub fn anew(connection: &ConnectionView) -> Self {
        let target = ConnectTarget::of(connection.connector.as_ref(), &connection.provider);
        Self { purpose: Purpose::Connect(target), ..Self::reconnect(connection) }
    }

    /// Another try at what an attempt was for.
    #[must_use]
    pub fn again(attempt: &AttemptView) -> Self {
        let purpose = if attempt.is_reconnect {
            Purpose::Reconnect { instance: attempt.instance, label: attempt.label.clone().into() }
        } else {
            Purpose::Connect(ConnectTarget::of(attempt.connector.as_ref(), &attempt.provider))
        };
        let icon = attempt.icon.clone().map(AttrValue::from);
        Self { purpose, name: attempt.connector_name.clone().into(), icon }
    }

    /// What tells it from every other.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.purpose {
            Purpose::Connect(ConnectTarget::Connector(slug)) => slug.to_string(),
            Purpose::Connect(ConnectTarget::Provider(key)) => t!("provider {key}", key),
            Purpose::Reconnect { instance, .. } => instance.to_string(),
        }
    }
}

/// Which part of the dialog is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The plan is on its way.
    Planning,
    /// There is no plan.
    NoPlan(Failure),
    /// Label and integration.
    Label,
    /// The provider's form.
    Form,
    /// An attempt, as it was when it began.
    Watching(Rc<AttemptView>),
}

/// The dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct Connect {
    /// What is shown.
    pub step: Step,
    /// The plan, once it is there.
    pub plan: Option<Rc<ConnectionPlan>>,
    /// What is in the label's field.
    pub label: String,
    /// What is in the form's fields, in the plan's order. Wiped once it is sent.
    pub values: Vec<SecretInput>,
    /// Whether an answer is awaited.
    pub busy: bool,
    /// Why the last try to start was refused.
    pub failure: Option<Failure>,
    /// What is wrong with the label, as far as the window can tell.
    pub label_error: Option<&'static str>,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            step: Step::Planning,
            plan: None,
            label: String::new(),
            values: Vec::new(),
            busy: true,
            failure: None,
            label_error: None,
        }
    }
}

/// What happens in the dialog.
pub enum ConnectAction {
    /// From the start, under this label; without one the plan proposes one.
    Again(Option<String>),
    /// Another plan is asked for.
    PlanAsked,
    /// It is there, or not.
    Planned(Result<ConnectionPlan, Failure>),
    /// The label was edited.
    Label(String),
    /// A field of the form was edited.
    Value(usize, String),
    /// On to the form.
    ShowForm,
    /// Back to the label.
    Back,
    /// The label is none.
    LabelRefused(LabelError),
    /// The attempt is being started.
    Submitted,
    /// It was started, or not.
    Started(Result<AttemptView, Failure>),
}

impl Connect {
    /// Whether the plan asks for more than a label.
    #[must_use]
    pub fn has_form(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| !plan.form.fields.is_empty())
    }

    /// What to send, or what is wrong with the label.
    ///
    /// # Errors
    /// When the text in the label's field cannot be a label.
    pub fn request(&self, plan: &ConnectionPlan) -> Result<StartAttempt, LabelError> {
        Ok(StartAttempt {
            target: plan.target.clone(),
            integration: plan.integration.clone(),
            label: clean_label(&self.label)?,
            fields: self.fields(plan),
        })
    }

    /// What is in the form, to be sent.
    #[must_use]
    pub fn fields(&self, plan: &ConnectionPlan) -> Vec<FieldInput> {
        plan.form.fields.iter().zip(&self.values).map(|(field, value)| input(field, value)).collect()
    }
}

fn input(field: &Field, value: &SecretInput) -> FieldInput {
    FieldInput { name: field.name.clone(), part: field.part, value: value.clone() }
}

/// A label's fault in words.
#[must_use]
pub fn label_words(error: LabelError) -> &'static str {
    match error {
        LabelError::Empty => t!("Give it a label, so that you can tell it from your other connections."),
        LabelError::TooLong => t!("A label has at most 80 characters."),
        LabelError::ControlCharacter => t!("A label is one line of ordinary text."),
        LabelError::Taken => t!("Another connection of this connector has this label."),
    }
}

impl Reducible for Connect {
    type Action = ConnectAction;

    fn reduce(self: Rc<Self>, action: ConnectAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            ConnectAction::Again(label) => {
                next = Self { label: label.unwrap_or_default(), ..Self::default() }
            }
            ConnectAction::PlanAsked => {
                next.busy = true;
                next.failure = None;
            }
            ConnectAction::Planned(Ok(plan)) => {
                next.busy = false;
                // A label that was typed stays when another integration is chosen.
                let untouched = match &next.plan {
                    Some(before) => before.default_label == next.label,
                    None => next.label.is_empty(),
                };
                if untouched {
                    next.label.clone_from(&plan.default_label);
                }
                next.values =
                    plan.form.fields.iter().map(|field| SecretInput::from(field.initial.clone())).collect();
                next.plan = Some(Rc::new(plan));
                next.step = Step::Label;
            }
            ConnectAction::Planned(Err(failure)) => {
                next.busy = false;
                next.step = Step::NoPlan(failure);
            }
            ConnectAction::Label(label) => {
                next.label = label;
                next.label_error = None;
            }
            ConnectAction::Value(index, value) => {
                if let Some(slot) = next.values.get_mut(index) {
                    *slot = SecretInput::from(value);
                }
            }
            ConnectAction::ShowForm => {
                next.step = Step::Form;
                next.failure = None;
            }
            ConnectAction::Back => {
                next.step = Step::Label;
                next.failure = None;
            }
            ConnectAction::LabelRefused(error) => {
                next.step = Step::Label;
                next.label_error = Some(label_words(error));
            }
            ConnectAction::Submitted => {
                next.busy = true;
                next.failure = None;
            }
            ConnectAction::Started(Ok(attempt)) => {
                next.busy = false;
                next.values = next.values.iter().map(|_| SecretInput::default()).collect();
                next.step = Step::Watching(Rc::new(attempt));
            }
            ConnectAction::Started(Err(failure)) => {
                next.busy = false;
                // The label is at fault: show the step where it can be mended.
                if failure.field.as_deref() == Some("label") {
                    next.step = Step::Label;
                }
                next.failure = Some(failure);
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use patchbay_core::attempt::Method;
    use patchbay_core::form::{Field, FieldPart, Form};
    use patchbay_core::id::ConnectTarget;
    use patchbay_core::label::LabelError;
    use patchbay_ipc::{AttemptView, Code, ConnectionPlan, Failure, Phase};
    use yew::Reducible;

    use super::{Connect, ConnectAction, Purpose, Step, Target};

    fn plan(default_label: &str) -> ConnectionPlan {
        let field = Field {
            name: "subdomain".into(),
            part: FieldPart::ConnectionConfig,
            title: "Subdomain".into(),
            description: None,
            example: None,
            pattern: None,
            format: None,
            choices: vec![],
            initial: "acme".into(),
            prefix: None,
            suffix: None,
            optional: false,
            secret: false,
            multiline: false,
            help_url: None,
        };
        ConnectionPlan {
            target: ConnectTarget::Connector("zendesk".into()),
            connector_name: "Zendesk".into(),
            icon: None,
            integrations: vec![],
            integration: "zendesk".into(),
            default_label: default_label.into(),
            form: Form { fields: vec![field], ..Form::default() },
            in_browser: true,
        }
    }

    fn planned() -> Rc<Connect> {
        Rc::new(Connect::default()).reduce(ConnectAction::Planned(Ok(plan("Zendesk"))))
    }

    #[test]
    fn another_try_is_at_the_same_thing() {
        let attempt = |connector: Option<&str>, is_reconnect| AttemptView {
            id: "00000000-0000-4000-8000-000000000009".parse().expect("a UUID"),
            connector: connector.map(Into::into),
            provider: "zendesk-provider".into(),
            connector_name: "Zendesk".into(),
            icon: None,
            label: "work".into(),
            instance: "00000000-0000-4000-8000-000000000001".parse().expect("a UUID"),
            is_reconnect,
            awaits_approval: false,
            phase: Phase::Failed,
            words: String::new(),
            explanation: String::new(),
            method: Method::Form,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            deadline_at: None,
            ended_at: None,
            steps: vec![],
            problem: None,
        };
        let connect = Target::again(&attempt(Some("zendesk"), false));
        let zendesk = ConnectTarget::Connector("zendesk".into());
        assert_eq!((connect.purpose.clone(), connect.key().as_str()), (Purpose::Connect(zendesk), "zendesk"));
        let provider = Target::again(&attempt(None, false));
        assert_eq!(
            provider.purpose,
            Purpose::Connect(ConnectTarget::Provider("zendesk-provider".into())),
            "what has no manifest is known by its provider"
        );
        let reconnect = Target::again(&attempt(None, true));
        assert_eq!(reconnect.key(), "00000000-0000-4000-8000-000000000001");
        let Purpose::Reconnect { label, .. } = reconnect.purpose else { panic!("it renews") };
        assert_eq!(label, "work");
    }

    #[test]
    fn a_plan_fills_label_and_fields() {
        let connect = planned();
        assert_eq!((&connect.step, connect.label.as_str()), (&Step::Label, "Zendesk"));
        assert_eq!(connect.values[0].expose(), "acme");
        let request = connect.request(&plan("Zendesk")).expect("a label");
        assert_eq!((request.label.as_str(), request.fields[0].value.expose()), ("Zendesk", "acme"));
    }

    #[test]
    fn another_plan_keeps_a_label_that_was_typed() {
        let typed = planned().reduce(ConnectAction::Label("work".into()));
        let again = typed.reduce(ConnectAction::Planned(Ok(plan("Zendesk 2"))));
        assert_eq!(again.label, "work");
        let untouched = planned().reduce(ConnectAction::Planned(Ok(plan("Zendesk 2"))));
        assert_eq!(untouched.label, "Zendesk 2");
    }

    #[test]
    fn another_try_keeps_the_label_and_another_account_gets_a_new_one() {
        let typed = planned().reduce(ConnectAction::Label("work".into()));
        let retry = typed.clone().reduce(ConnectAction::Again(Some("work".into())));
        assert_eq!(retry.reduce(ConnectAction::Planned(Ok(plan("Zendesk")))).label, "work");
        let another = typed.reduce(ConnectAction::Again(None));
        assert_eq!(another.reduce(ConnectAction::Planned(Ok(plan("Zendesk 2")))).label, "Zendesk 2");
    }

    #[test]
    fn a_refused_label_leads_back_to_it() {
        let connect = planned().reduce(ConnectAction::ShowForm).reduce(ConnectAction::Submitted);
        let failure = Failure {
            code: Code::Conflict,
            message: "taken".into(),
            hint: "another".into(),
            detail: None,
            field: Some("label".into()),
        };
        let connect = connect.reduce(ConnectAction::Started(Err(failure.clone())));
        assert_eq!((&connect.step, connect.busy), (&Step::Label, false));
        assert_eq!(connect.failure, Some(failure));
        let empty = planned().reduce(ConnectAction::Label(" ".into()));
        assert_eq!(empty.request(&plan("Zendesk")).err(), Some(LabelError::Empty));
    }
}
