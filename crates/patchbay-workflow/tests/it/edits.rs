//! One edit after the other, with the text that has to come out.

use patchbay_core::id::InstanceId;
use patchbay_core::workflow::binding::{Binding, Slot};
use patchbay_core::workflow::edit::{Edit, EditError, NewTask};
use patchbay_core::workflow::outline::{Position, TaskKind};
use patchbay_workflow::{Document, Edited, apply};
use serde_json::{Value, json};

use crate::sample;

pub(crate) fn edit(text: &str, edit: &Edit) -> Result<Edited, EditError> {
    apply(&Document::parse(text), edit, sample::catalog())
}

/// The lines that an edit takes out of a text and puts in, `-` and `+` before them.
fn changed(before: &str, after: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = old.iter().zip(&new).take_while(same).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(same).count().min(most);
    let lines = |sign: char, lines: &[&str]| {
        lines
            .iter()
            .map(|line| format!("{sign}{}\n", line.trim_end_matches(['\r', '\n'])))
            .collect::<String>()
    };
    lines('-', &old[head..old.len() - tail]) + &lines('+', &new[head..new.len() - tail])
}

/// Does an edit and compares what it changed.
#[track_caller]
fn check(text: &str, edit: Edit, expected: &str) -> Edited {
    let edited = apply(&Document::parse(text), &edit, sample::catalog())
        .unwrap_or_else(|error| panic!("{edit:?} is refused: {error}"));
    assert_eq!(changed(text, edited.document.text()), expected, "by {edit:?}");
    edited
}

fn set(pointer: &str, value: Value) -> Edit {
    Edit::Set { pointer: pointer.into(), value }
}

fn remove(pointer: &str) -> Edit {
    Edit::Remove { pointer: pointer.into() }
}

fn add(list: &str, index: u32, kind: TaskKind) -> Edit {
    Edit::AddTask { list: list.into(), index, task: NewTask::Kind(kind) }
}

fn move_task(path: &str, list: &str, index: u32) -> Edit {
    Edit::MoveTask { path: path.into(), list: list.into(), index }
}

#[test]
fn a_scalar_keeps_its_quotes_and_comment() {
    let text = sample::INDENTED;
    check(
        text,
        set("/document/namespace", json!("other")),
        "-  namespace: default   # ours\n+  namespace: other   # ours\n",
    );
    check(text, set("/document/version", json!("0.2.0")), "-  version: '0.1.0'\n+  version: '0.2.0'\n");
    check(
        text,
        set("/do/1/text/set/quoted key", json!("so")),
        "-        \"quoted key\": 'it''s'\n+        \"quoted key\": 'so'\n",
    );
    check(
        text,
        set("/do/0/listIssues/with/query/state", json!("a, b")),
        "-        query: { state: open }   # only those\n+        query: { state: 'a, b' }   # only those\n",
    );
    check(
        text,
        set("/do/1/text/set/note", json!("one\ntwo\n")),
        "-          Two lines,\n-            one indented.\n+          one\n+          two\n",
    );
    check(
        text,
        set("/do/1/text/set/note", json!("short")),
        "-        note: |\n-          Two lines,\n-            one indented.\n+        note: short\n",
    );
    check("a: &x 1 # c\nb: [ &y 2, 3 ]\n", set("/a", json!(7)), "-a: &x 1 # c\n+a: &x 7 # c\n");
    check("a: [ &y 2, 3 ]\n", set("/a/0", json!(7)), "-a: [ &y 2, 3 ]\n+a: [ &y 7, 3 ]\n");
    check("a: !!str 1\n", set("/a", json!(7)), "-a: !!str 1\n+a: 7\n");
    let same = edit(text, &set("/document/name", json!("report"))).expect("nothing to do");
    assert_eq!(same.document.text(), text);
}

#[test]
fn texts_are_quoted_where_a_reader_would_take_them_for_something_else() {
    for (value, written) in [
        ("yes", "'yes'"),
        ("1.0", "'1.0'"),
        ("0x1f", "'0x1f'"),
        ("12:30:45", "'12:30:45'"),
        ("2026-01-01", "'2026-01-01'"),
        ("", "''"),
        (" a", "' a'"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("- a", "'- a'"),
        ("*a", "'*a'"),
        ("a\tb", "\"a\\tb\""),
        ("a\u{1}", "\"a\\u0001\""),
        ("${ .a | .b }", "${ .a | .b }"),
        ("${ {a: 1} }", "'${ {a: 1} }'"),
        ("it's", "it's"),
        ("ümläut 🙂", "ümläut 🙂"),
    ] {
        let edited = edit("a: 1\n", &set("/a", json!(value))).expect("can be set");
        assert_eq!(edited.document.text(), format!("a: {written}\n"));
    }
}

#[test]
fn what_has_to_be_there_for_a_member_is_made() {
    check(
        sample::INDENTED,
        set("/document/metadata/team/name", json!("ops")),
        "+  metadata:\n+    team:\n+      name: ops\n",
    );
    check(sample::INDENTED, set("/do/2/decide/if", json!(".a")), "+      if: .a\n");
    check(sample::INDENTED, set("/do/1/text/output/as", json!(".a")), "+      output:\n+        as: .a\n");
    check(
        sample::FLUSH,
        set("/do/0/first/set/b", json!([1, { "c": null }])),
        "-    set: {\"a\": 1}\n+    set: {\"a\": 1, b: [ 1, { c: null } ]}\n",
    );
    check(
        sample::FLUSH,
        set("/do/1/loop/do/0/inner/timeout/after", json!("PT2S")),
        "+        timeout:\n+          after: PT2S\n",
    );
    check(
        sample::JSON,
        set("/do/0/one/then", json!("end")),
        "-    { \"one\": { \"set\": { \"a\": 1 } } },\n+    { \"one\": { \"set\": { \"a\": 1 }, \"then\": \"end\" } },\n",
    );
    for (text, expected) in [
        ("", "a:\n  b: 1\n"),
        ("# only a comment", "# only a comment\na:\n  b: 1"),
        ("a:\n", "a:\n  b: 1\n"),
        ("a:   # why\nc: 1\n", "a:   # why\n  b: 1\nc: 1\n"),
        ("a: ~ # why\nc: 1", "a: # why\n  b: 1\nc: 1"),
        ("a: {}\n", "a:\n  b: 1\n"),
        ("{}\n", "a:\n  b: 1\n"),
    ] {
        let edited = edit(text, &set("/a/b", json!(1))).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(edited.document.text(), expected, "from {text:?}");
    }
}

#[test]
fn members_go_with_their_comments() {
    check(
        sample::INDENTED,
        remove("/do/0/listIssues/with/query"),
        "-        query: { state: open }   # only those\n",
    );
    check(
        sample::INDENTED,
        remove("/do/0/listIssues/with/query/state"),
        "-        query: { state: open }   # only those\n+        query: {}   # only those\n",
    );
    check(
        sample::INDENTED,
        remove("/do/1/text/set/note"),
        "-        note: |\n-          Two lines,\n-            one indented.\n",
    );
    check(sample::INDENTED, remove("/use/secrets/0"), "-  secrets: [ nango ]\n+  secrets: []\n");
    check("a: 1\n# about b\nb: 2\nc: 3\n", remove("/b"), "-# about b\n-b: 2\n");
    check("- a: 1\n  b: 2\n", remove("/0/a"), "-- a: 1\n-  b: 2\n+- b: 2\n");
    check("a: { b: 1, c: 2, d: 3 }\n", remove("/a/c"), "-a: { b: 1, c: 2, d: 3 }\n+a: { b: 1, d: 3 }\n");
    check("a: { b: 1, c: 2 }\n", remove("/a/c"), "-a: { b: 1, c: 2 }\n+a: { b: 1 }\n");
}

#[test]
fn tasks_are_added_in_the_documents_own_style() {
    check(sample::INDENTED, add("/do", 1, TaskKind::Wait), "+  - wait:\n+      wait:\n+        seconds: 1\n");
    check(sample::INDENTED, add("/do", 99, TaskKind::Do), "+  - steps:\n+      do: []\n");
    check(
        sample::FLUSH,
        add("/do/1/loop/do", 1, TaskKind::Wait),
        "+    - wait:\n+        wait:\n+          seconds: 1\n",
    );
    check(
        sample::FLUSH,
        add("/do", 3, TaskKind::Wait),
        "-      - right: {set: {b: 2}}\n+      - right: {set: {b: 2}}\n+- wait:\n+    wait:\n+      seconds: 1\n",
    );
    check(
        sample::JSON,
        add("/do/1/two/do", 0, TaskKind::Do),
        "-    { \"two\": { \"do\": [ { \"inner\": { \"wait\": { \"seconds\": 1 } } } ] } }\n\
         +    { \"two\": { \"do\": [ { \"steps\": { \"do\": [] } }, { \"inner\": { \"wait\": { \"seconds\": 1 } } } ] } }\n",
    );
    let windows = sample::INDENTED.replace('\n', "\r\n");
    let edited = edit(&windows, &add("/do", 1, TaskKind::Wait)).expect("can be added");
    assert_eq!(edited.document.text().replace("\r\n", "\n").matches('\r').count(), 0);
    assert_eq!(edited.document.text().matches('\n').count(), windows.matches('\n').count() + 3);
    assert!(!edited.document.text().replace("\r\n", "").contains('\n'), "every line ends the same way");
}

#[test]
fn a_list_that_is_not_there_is_made() {
    let text = "do:\n  - a:\n      try: []   # what\n      catch: {}\n";
    check(
        text,
        add("/do/0/a/try", 0, TaskKind::Do),
        "-      try: []   # what\n+      try:   # what\n+        - steps:\n+            do: []\n",
    );
    check(
        text,
        add("/do/0/a/catch/do", 0, TaskKind::Do),
        "-      catch: {}\n+      catch:\n+        do:\n+          - steps:\n+              do: []\n",
    );
    let document = Document::new_workflow("New");
    check(
        document.text(),
        add("/do", 0, TaskKind::Wait),
        "-do: []\n+do:\n+  - wait:\n+      wait:\n+        seconds: 1\n",
    );
}

#[test]
fn new_names_are_new_in_the_whole_document() {
    let mut document = Document::new_workflow("New");
    for expected in ["wait", "wait2", "wait3"] {
        let edited =
            apply(&document, &add("/do", 99, TaskKind::Wait), sample::catalog()).expect("can be added");
        assert_eq!(edited.words, format!("Add task “{expected}”"));
        document = edited.document;
    }
}

#[test]
fn tasks_go_with_their_comments() {
    let edited = check(
        sample::INDENTED,
        Edit::RemoveTask { path: "/do/2/decide".into() },
        "-  - decide:\n-      switch:\n-        - many:\n-            when: .count > 3\n-            then: text\n-        - few:\n-            then: end\n",
    );
    assert_eq!(edited.words, "Remove task “decide”");
    check(
        sample::FLUSH,
        Edit::RemoveTask { path: "/do/1/loop/do/1/last".into() },
        "-    # a note\n-    - last:\n-        set: { b: \"${ $item }\" }\n",
    );
    check(
        "do:\n  - a:\n      set: { b: 1 }\nuse: {}\n",
        Edit::RemoveTask { path: "/do/0/a".into() },
        "-do:\n-  - a:\n-      set: { b: 1 }\n+do: []\n",
    );
    check(
        sample::JSON,
        Edit::RemoveTask { path: "/do/0/one".into() },
        "-    { \"one\": { \"set\": { \"a\": 1 } } },\n",
    );
}

#[test]
fn tasks_move_with_their_comments() {
    let text = "do:\n  # about a\n  - a:\n      set: { x: 1 } # same line\n    # below a\n\n  # about b\n  - b:\n      do:\n        - c: { set: { x: 1 } }\n  - d:\n      try: []\n      catch: {}\n# end\n";
    let moved = |edit_: Edit| edit(text, &edit_).expect("can be moved").document.text().to_owned();
    assert_eq!(
        moved(move_task("/do/0/a", "/do", 1)),
        "do:\n\n  # about b\n  - b:\n      do:\n        - c: { set: { x: 1 } }\n  # about a\n  - a:\n      set: { x: 1 } # same line\n    # below a\n  - d:\n      try: []\n      catch: {}\n# end\n",
    );
    assert_eq!(moved(move_task("/do/0/a", "/do", 0)), text);
    assert_eq!(
        moved(move_task("/do/0/a", "/do/1/b/do", 0)),
        "do:\n\n  # about b\n  - b:\n      do:\n        # about a\n        - a:\n            set: { x: 1 } # same line\n          # below a\n        - c: { set: { x: 1 } }\n  - d:\n      try: []\n      catch: {}\n# end\n",
    );
    assert_eq!(
        moved(move_task("/do/1/b/do/0/c", "/do", 3)),
        "do:\n  # about a\n  - a:\n      set: { x: 1 } # same line\n    # below a\n\n  # about b\n  - b:\n      do: []\n  - d:\n      try: []\n      catch: {}\n  - c: { set: { x: 1 } }\n# end\n",
    );
    assert_eq!(
        moved(move_task("/do/1/b/do/0/c", "/do/2/d/catch/do", 0)),
        "do:\n  # about a\n  - a:\n      set: { x: 1 } # same line\n    # below a\n\n  # about b\n  - b:\n      do: []\n  - d:\n      try: []\n      catch:\n        do:\n          - c: { set: { x: 1 } }\n# end\n",
    );
    assert_eq!(edit(text, &move_task("/do/1/b", "/do/1/b/do", 0)).unwrap_err(), EditError::IntoItself,);
    let flow = edit(sample::JSON, &move_task("/do/0/one", "/do/1/two/do", 9)).expect("can be moved");
    assert_eq!(
        changed(sample::JSON, flow.document.text()),
        "-    { \"one\": { \"set\": { \"a\": 1 } } },\n-    { \"two\": { \"do\": [ { \"inner\": { \"wait\": { \"seconds\": 1 } } } ] } }\n+    { \"two\": { \"do\": [ { \"inner\": { \"wait\": { \"seconds\": 1 } } }, { \"one\": { \"set\": { \"a\": 1 } } } ] } }\n",
    );
}

#[test]
fn a_copy_has_names_and_a_place_of_its_own() {
    let text = "do:\n  - a:\n      do:\n        - b: { set: { x: 1 }, then: c }\n        - c: { wait: PT1S }\n      metadata:\n        patchbay: { position: { x: 1, y: 2 } }\n";
    let edited = check(
        text,
        Edit::DuplicateTask { path: "/do/0/a".into() },
        "+  - a2:\n+      do:\n+        - b2: { set: { x: 1 }, then: c2 }\n+        - c2: { wait: PT1S }\n",
    );
    assert_eq!(edited.words, "Duplicate task “a” as “a2”");
}

#[test]
fn a_new_name_is_followed_by_what_leads_to_it() {
    let rename = Edit::RenameTask { path: "/do/1/text".into(), name: "say".to_owned() };
    let edited = edit(sample::INDENTED, &rename).expect("can be renamed");
    let expected = sample::INDENTED.replace("- text:", "- say:").replace("then: text", "then: say");
    assert_eq!(edited.document.text(), expected);
    assert_eq!(edited.renamed_tasks, [("text".to_owned(), "say".to_owned())]);
}

#[test]
fn a_place_is_kept_and_taken_away() {
    let place = |path: &str, position| Edit::Place { path: path.into(), position };
    let here = Some(Position { x: 10.4, y: -3.0 });
    let placed = check(
        sample::INDENTED,
        place("/do/0/listIssues", here),
        "-        patchbay: { connector: github, operation: list-issues, role: codeHost }\n\
         +        patchbay: { connector: github, operation: list-issues, role: codeHost, position: { x: 10, y: -3 } }\n",
    );
    let outline = placed.document.outline(sample::catalog());
    assert_eq!(outline.tasks[0].position, Some(Position { x: 10.0, y: -3.0 }));
    let both = apply(&placed.document, &place("/do/1/text", here), sample::catalog()).expect("can be placed");
    assert!(both.document.text().contains(
        "      then: decide\n      metadata:\n        patchbay:\n          position: { x: 10, y: -3 }\n"
    ));
    let tidied = apply(&both.document, &Edit::Tidy, sample::catalog()).expect("can be tidied");
    assert_eq!(tidied.document.text(), sample::INDENTED);
}

#[test]
fn roles_are_given_and_renamed() {
    let rename = |role: &str, to: &str| Edit::RenameRole { role: role.to_owned(), to: to.to_owned() };
    let renamed = edit(sample::INDENTED, &rename("codeHost", "work")).expect("can be renamed");
    assert_eq!(renamed.document.text(), sample::INDENTED.replace("codeHost", "work"));
    assert_eq!(renamed.renamed_roles, [("codeHost".to_owned(), "work".to_owned())]);
    let id = InstanceId::from(uuid::Uuid::from_bytes([0xab; 16]));
    let role_is = |role: &str| Binding { slot: Slot::Role(role.to_owned()), instance: id };
    let task_is = |task: &str| Binding { slot: Slot::Task(task.to_owned()), instance: id };
    let bindings = [role_is("codeHost"), task_is("listIssues")];
    let bound = Document::parse(sample::INDENTED).with_bindings(&bindings).expect("place");
    let renamed = apply(&bound, &rename("codeHost", "work"), sample::catalog()).expect("can be renamed");
    assert_eq!(renamed.document.file_bindings(), [role_is("work"), task_is("listIssues")]);
    let task = Edit::RenameTask { path: "/do/0/listIssues".into(), name: "open".to_owned() };
    let renamed = apply(&bound, &task, sample::catalog()).expect("can be renamed");
    assert_eq!(renamed.document.file_bindings(), [role_is("codeHost"), task_is("open")]);
    let role = |role: &str| Edit::SetRole { path: "/do/0/listIssues".into(), role: role.to_owned() };
    let given = edit(sample::INDENTED, &role("work")).expect("can be given");
    assert_eq!(given.document.text(), sample::INDENTED.replace("codeHost", "work"));

    assert_eq!(edit(sample::INDENTED, &role("2a")).unwrap_err(), EditError::NotAName("2a".to_owned()));
    let task = NewTask::Operation {
        connector: "gmail".into(),
        operation: "list-labels".to_owned(),
        role: Some("mail".to_owned()),
        integration: None,
    };
    let two =
        edit(sample::INDENTED, &Edit::AddTask { list: "/do".into(), index: 0, task }).expect("can be added");
    let taken = apply(&two.document, &rename("codeHost", "mail"), sample::catalog()).unwrap_err();
    assert_eq!(taken, EditError::RoleTaken("mail".to_owned()));
    assert_eq!(edit(sample::INDENTED, &rename("no", "x")).unwrap_err(), EditError::Unknown("no".to_owned()));
}

#[test]
fn bindings_go_into_a_file_and_out_of_it() {
    let id = |last: u8| InstanceId::from(uuid::Uuid::from_bytes([last; 16]));
    let document = Document::parse(sample::INDENTED);
    assert!(document.file_bindings().is_empty());
    let bindings = [
        Binding { slot: Slot::Role("codeHost".to_owned()), instance: id(0xab) },
        Binding { slot: Slot::Role("mail".to_owned()), instance: id(0xcd) },
        Binding { slot: Slot::Task("listIssues".to_owned()), instance: id(0xef) },
    ];
    let bound = document.with_bindings(&bindings).expect("there is place for bindings");
    assert_eq!(bound.file_bindings(), bindings);
    assert_eq!(
        changed(sample::INDENTED, bound.text()),
        "+  metadata:\n+    patchbay:\n+      bindings:\n+        codeHost: abababab-abab-abab-abab-abababababab\n\
         +        mail: cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd\n\
         +      overrides:\n+        listIssues: efefefef-efef-efef-efef-efefefefefef\n"
    );
    assert_eq!(bound.with_bindings(&[]).expect("they can go").text(), sample::INDENTED);
}

#[test]
fn an_edit_that_cannot_be_done_says_why() {
    for (text, wanted, expected) in [
        ("a: [", set("/a", json!(1)), EditError::Unreadable { line: 1 }),
        ("a: 1", set("/a/b", json!(1)), EditError::NotThere("/a/b".into())),
        ("a: 1", remove("/b"), EditError::NotThere("/b".into())),
        ("a: &x { b: 1 }\nc: *x\n", set("/c/b", json!(2)), EditError::OnlyInSource("/c/b".into())),
        ("a: &x { b: 1 }\nc: *x\n", set("/a/b", json!(2)), EditError::OnlyInSource("/a/b".into())),
        ("a: [\n  b, # about b\n  c\n]\n", remove("/a/1"), EditError::OnlyInSource("/a/1".into())),
        ("? a\n: 1\n", set("/a", json!(2)), EditError::OnlyInSource("/a".into())),
        (
            "- - a: {}\n  - b: {}\n",
            Edit::RemoveTask { path: "/0/0/a".into() },
            EditError::OnlyInSource("/0/0/a".into()),
        ),
        (
            sample::INDENTED,
            Edit::RemoveTask { path: "/do/0/no".into() },
            EditError::NotThere("/do/0/no".into()),
        ),
        (sample::INDENTED, add("/document", 0, TaskKind::Set), EditError::NotThere("/document".into())),
        (sample::INDENTED, add("/do", 0, TaskKind::Listen), EditError::Unknown("listen".to_owned())),
        (
            sample::INDENTED,
            Edit::RenameTask { path: "/do/1/text".into(), name: "decide".to_owned() },
            EditError::NameTaken("decide".to_owned()),
        ),
        (
            sample::INDENTED,
            Edit::RenameTask { path: "/do/1/text".into(), name: "end".to_owned() },
            EditError::NotAName("end".to_owned()),
        ),
        (
            sample::INDENTED,
            Edit::SetParameter { path: "/do/0/listIssues".into(), name: "nope".to_owned(), value: None },
            EditError::Unknown("nope".to_owned()),
        ),
    ] {
        assert_eq!(edit(text, &wanted).unwrap_err(), expected, "{wanted:?}");
    }
}
