//! The version, and where things are.

use patchbay_ipc::Diagnostics;
use yew::prelude::*;

use super::Section;
use super::licences::Licences;
use crate::components::CopyText;

/// Properties of [`About`].
#[derive(Properties, PartialEq)]
pub(crate) struct AboutProps {
    /// What is known.
    pub diagnostics: Diagnostics,
}

/// The version, and where things are.
#[component]
pub(crate) fn About(props: &AboutProps) -> Html {
    let Diagnostics { version, data_folder, log_folder, schema_version, .. } = &props.diagnostics;
    html! {
        <Section title="About">
            <dl class="facts">
                <dt>{ "Version" }</dt><dd><CopyText text={version.clone()} name="Copy version" /></dd>
                <dt>{ "Data folder" }</dt><dd><CopyText text={data_folder.clone()} name="Copy data folder" /></dd>
                <dt>{ "Log folder" }</dt><dd><CopyText text={log_folder.clone()} name="Copy log folder" /></dd>
                <dt>{ "Schema version" }</dt><dd>{ schema_version.to_string() }</dd>
            </dl>
            <Licences />
        </Section>
    }
}
