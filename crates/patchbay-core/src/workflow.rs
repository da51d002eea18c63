//! A workflow's document: a YAML text of the Open Workflow Specification DSL 1.0.3 (formerly CNCF Serverless
//! Workflow), read through typed views and edited in place.
//!
//! The text is the document. Whatever this version does not understand (unknown members, comments, anchors,
//! order, white space) is carried because it is never rewritten: an edit replaces the bytes it is about and no
//! others. A text that cannot be read is a document all the same; it has problems and an empty outline.
//!
//! A connector's task is a plain `call: http` to Nango's proxy, so that the file runs unchanged on any engine
//! that executes the DSL:
//!
//! ```yaml
//! - listIssues:
//!     call: http
//!     with:
//!       method: get
//!       endpoint:
//!         uri: ${ "\($workflow.input.nango)/proxy/repos/octocat/hello-world/issues" }
//!         authentication: { use: nango }
//!       headers:
//!         Provider-Config-Key: github
//!         Connection-Id: ${ $workflow.input.connections.codeHost }
//!       query: { state: open }
//!     metadata:
//!       patchbay: { connector: github, operation: list-issues, role: codeHost }
//! ```
//!
//! `use.secrets` names `nango` and `use.authentications.nango` is a bearer token from it: `bearer: { use: nango }`,
//! since engines disagree on what an expression calls the secrets. A role such as
//! `codeHost` stands for a connection; which one is kept apart from the file (`binding`).

pub mod binding;
pub mod edit;
pub mod outline;
pub mod problem;
pub mod run;
