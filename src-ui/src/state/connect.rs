//! The connect dialog: from the plan over the label and the form to an attempt that is watched.

use std::rc::Rc;

use patchbay_core::form::Field;
use patchbay_core::label::{LabelError, clean_label};
use patchbay_ipc::{AttemptView, ConnectionPlan, Failure, FieldInput, SecretInput, StartAttempt};
use yew::Reducible;

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
        let fields = plan.form.fields.iter().zip(&self.values).map(|(field, value)| input(field, value));
        Ok(StartAttempt {
            connector: plan.connector.clone(),
            integration: plan.integration.clone(),
            label: clean_label(&self.label)?,
            fields: fields.collect(),
        })
    }
}

fn input(field: &Field, value: &SecretInput) -> FieldInput {
    FieldInput { name: field.name.clone(), part: field.part, value: value.clone() }
}

/// A label's fault in words.
#[must_use]
pub fn label_words(error: LabelError) -> &'static str {
    match error {
        LabelError::Empty => "Give it a label, so that you can tell it from your other connections.",
        LabelError::TooLong => "A label has at most 80 characters.",
        LabelError::ControlCharacter => "A label is one line of ordinary text.",
        LabelError::Taken => "Another connection of this connector has this label.",
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

    use patchbay_core::form::{Field, FieldPart, Form};
    use patchbay_core::label::LabelError;
    use patchbay_ipc::{Code, ConnectionPlan, Failure};
    use yew::Reducible;

    use super::{Connect, ConnectAction, Step};

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
            help_url: None,
        };
        ConnectionPlan {
            connector: "zendesk".into(),
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
