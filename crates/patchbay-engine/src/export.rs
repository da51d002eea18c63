//! The list of connections as a file: JSON or CSV, in a new file of the downloads folder.
//!
//! What is written is what the window shows; there is no secret in it because there is none in a row.

use patchbay_ipc::{ConnectionView, ExportConnections, ExportFormat, ExportReport};
use serde_json::json;

use crate::Engine;
use crate::connections::chosen;
use crate::error::EngineError;
use crate::import_export::write_new;

const COLUMNS: [&str; 14] = [
    "label",
    "connector",
    "account",
    "account_email",
    "account_id",
    "health",
    "health_learnt_at",
    "last_error",
    "created_at",
    "last_used_at",
    "tags",
    "integration",
    "connection_id",
    "instance_id",
];

impl Engine {
    /// Writes connections into a new file.
    pub(crate) async fn export_connections(
        &self,
        request: ExportConnections,
    ) -> Result<ExportReport, EngineError> {
        let profile = self.require_profile().await?.id;
        let connections = chosen(&self.0.store, profile, request.choice).await?;
        let views: Vec<ConnectionView> =
            connections.into_iter().map(|connection| self.connection_view(connection)).collect();
        let folder = self.0.places.downloads.clone();
        let day = self.now().strftime("%Y-%m-%d").to_string();
        let written = tokio::task::spawn_blocking(move || {
            let (extension, content) = match request.format {
                ExportFormat::Json => ("json", as_json(&views)),
                ExportFormat::Csv => ("csv", as_csv(&views)),
            };
            let path = write_new(&folder, &format!("patchbay-connections-{day}"), extension, &content);
            path.map(|path| (path, views.len())).map_err(EngineError::Export)
        });
        let (path, count) = written.await.map_err(|_| EngineError::Fault)??;
        let path = path.display().to_string();
        Ok(ExportReport { path, count: u32::try_from(count).unwrap_or(u32::MAX) })
    }
}

fn as_json(views: &[ConnectionView]) -> String {
    let rows: Vec<_> = views
        .iter()
        .map(|view| {
            json!({
                "label": view.label,
                "connector": view.connector,
                "connector_name": view.connector_name,
                "account": view.account,
                "health": view.health,
                "health_learnt_at": view.health_learnt_at,
                "last_error": view.last_error,
                "created_at": view.created_at,
                "last_used_at": view.last_used_at,
                "tags": view.tags.iter().map(|tag| (&tag.key, &tag.value)).collect::<std::collections::BTreeMap<_, _>>(),
                "integration": view.integration,
                "connection_id": view.connection_id,
                "instance_id": view.instance,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::from(rows))
}

fn as_csv(views: &[ConnectionView]) -> String {
    let mut text = String::new();
    push_line(&mut text, COLUMNS.map(str::to_owned));
    for view in views {
        let account = view.account.as_ref();
        let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let tags: Vec<String> = view.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
        push_line(
            &mut text,
            [
                view.label.clone(),
                view.connector_name.clone(),
                account.map(|account| account.name.clone()).unwrap_or_default(),
                account.and_then(|account| account.email.clone()).unwrap_or_default(),
                account.map(|account| account.id.clone()).unwrap_or_default(),
                view.health_words.clone(),
                time(view.health_learnt_at),
                view.last_error.clone().unwrap_or_default(),
                time(Some(view.created_at)),
                time(view.last_used_at),
                tags.join("; "),
                view.integration.to_string(),
                view.connection_id.to_string(),
                view.instance.to_string(),
            ],
        );
    }
    text
}

fn push_line(text: &mut String, cells: [String; COLUMNS.len()]) {
    text.push_str(&cells.map(|value| cell(&value)).join(","));
    text.push_str("\r\n");
}

/// A cell, quoted. One that a spreadsheet would take for a formula begins with an apostrophe, and so do those
/// that would once white space is taken away.
fn cell(value: &str) -> String {
    let begins = value.trim_start().chars().next();
    let dangerous = matches!(begins, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        || value.starts_with(['\t', '\r', '\n']);
    let guard = if dangerous { "'" } else { "" };
    format!("\"{guard}{}\"", value.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::cell;

    #[rstest]
    #[case::plain("work", "\"work\"")]
    #[case::quotes("say \"hi\", twice", "\"say \"\"hi\"\", twice\"")]
    #[case::lines("a\nb", "\"a\nb\"")]
    #[case::formula("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"")]
    #[case::plus("+1", "\"'+1\"")]
    #[case::minus("-1+2", "\"'-1+2\"")]
    #[case::at("@SUM(A1)", "\"'@SUM(A1)\"")]
    #[case::after_space("  =1", "\"'  =1\"")]
    #[case::after_tab("\t=1", "\"'\t=1\"")]
    #[case::carriage_return("\rx", "\"'\rx\"")]
    #[case::full_width("＝1", "\"'＝1\"")]
    #[case::inside("a=b", "\"a=b\"")]
    fn no_cell_is_a_formula(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(cell(value), expected);
    }
}
