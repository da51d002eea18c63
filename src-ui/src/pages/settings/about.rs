//! The version, and where things are.

use patchbay_ipc::Diagnostics;
use patchbay_texts::t;
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
        <Section title={t!("About")}>
            <dl class="facts">
                <dt>{ t!("Version") }</dt><dd><CopyText text={version.clone()} name={t!("Copy version")} /></dd>
                <dt>{ t!("Data folder") }</dt><dd><CopyText text={data_folder.clone()} name={t!("Copy data folder")} /></dd>
                <dt>{ t!("Log folder") }</dt><dd><CopyText text={log_folder.clone()} name={t!("Copy log folder")} /></dd>
                <dt>{ t!("Schema version") }</dt><dd>{ schema_version.to_string() }</dd>
            </dl>
            <Licences />
        </Section>
    }
}
