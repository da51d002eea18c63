//! Which task is chosen, also after the document has changed under it.

use patchbay_core::workflow::outline::{Outline, Pointer, TaskOutline};

/// Every task of a document, each before those inside it.
#[must_use]
pub fn all_tasks(outline: &Outline) -> Vec<&TaskOutline> {
    fn add<'a>(tasks: &'a [TaskOutline], all: &mut Vec<&'a TaskOutline>) {
        for task in tasks {
            all.push(task);
            for list in &task.lists {
                add(&list.tasks, all);
            }
        }
    }
    let mut all = Vec::new();
    add(&outline.tasks, &mut all);
    all
}

/// A task of a document.
#[must_use]
pub fn task_at<'a>(outline: &'a Outline, path: &Pointer) -> Option<&'a TaskOutline> {
    all_tasks(outline).into_iter().find(|task| task.path == *path)
}

/// The list and the index a path names.
#[must_use]
pub fn place_of(path: &Pointer) -> Option<(Pointer, u32)> {
    let (rest, _name) = path.as_str().rsplit_once('/')?;
    let (list, index) = rest.rsplit_once('/')?;
    Some((Pointer::from(list), index.parse().ok()?))
}

/// The tasks beside one, itself among them.
#[must_use]
pub fn siblings<'a>(outline: &'a Outline, path: &Pointer) -> &'a [TaskOutline] {
    let Some((list, _)) = place_of(path) else { return &[] };
    if list.as_str() == "/do" {
        return &outline.tasks;
    }
    let lists = all_tasks(outline).into_iter().flat_map(|task| &task.lists);
    lists.into_iter().find(|held| held.pointer == list).map_or(&[], |held| &held.tasks)
}

/// The chosen task in a document that has changed: the same one if it is there, else the only one of its name (it was
/// moved), else the one in its place (it was renamed).
#[must_use]
pub fn follow(path: &Pointer, outline: &Outline) -> Option<Pointer> {
    let tasks = all_tasks(outline);
    if tasks.iter().any(|task| task.path == *path) {
        return Some(path.clone());
    }
    let name = path.as_str().rsplit('/').next()?.replace("~1", "/").replace("~0", "~");
    let mut of_that_name = tasks.iter().filter(|task| task.name == name);
    if let (Some(only), None) = (of_that_name.next(), of_that_name.next()) {
        return Some(only.path.clone());
    }
    let place = place_of(path);
    tasks.into_iter().find(|task| place_of(&task.path) == place).map(|task| task.path.clone())
}

/// The task that is new in a document.
#[must_use]
pub fn added(before: &Outline, after: &Outline) -> Option<Pointer> {
    let known: std::collections::HashSet<&str> =
        all_tasks(before).into_iter().map(|task| task.name.as_str()).collect();
    let mut fresh = all_tasks(after).into_iter().filter(|task| !known.contains(task.name.as_str()));
    fresh.next().map(|task| task.path.clone())
}

#[cfg(test)]
mod tests {
    use patchbay_core::workflow::outline::{ListRole, Outline, Pointer, TaskKind, TaskList, TaskOutline};

    use super::{added, follow, place_of, siblings};

    fn task(list: &str, index: usize, name: &str) -> TaskOutline {
        TaskOutline {
            path: Pointer::from(list).child(index).child(name),
            name: name.into(),
            kind: TaskKind::Set,
            summary: String::new(),
            lines: (1, 1),
            condition: None,
            then: None,
            connector: None,
            lists: vec![],
            cases: vec![],
            position: None,
        }
    }

    fn document(names: &[&str]) -> Outline {
        let tasks = names.iter().enumerate().map(|(index, name)| task("/do", index, name)).collect();
        Outline { tasks, ..Outline::default() }
    }

    #[test]
    fn the_choice_follows_a_task_that_was_moved_or_renamed() {
        let moved = document(&["b", "a/1"]);
        let path = Pointer::from("/do").child(0).child("a/1");
        assert_eq!(follow(&path, &moved), Some(Pointer::from("/do/1/a~11")));
        let renamed = document(&["z", "b"]);
        assert_eq!(follow(&"/do/0/a".into(), &renamed), Some(Pointer::from("/do/0/z")));
        assert_eq!(follow(&"/do/5/a".into(), &renamed), None, "it was deleted");
    }

    #[test]
    fn a_new_task_is_found() {
        assert_eq!(added(&document(&["a"]), &document(&["b", "a"])), Some(Pointer::from("/do/0/b")));
        assert_eq!(added(&document(&["a"]), &document(&["a"])), None);
    }

    #[test]
    fn neighbours_in_an_inner_list() {
        let mut outline = document(&["loop"]);
        let list = Pointer::from("/do/0/loop/do");
        let tasks = vec![task(list.as_str(), 0, "x"), task(list.as_str(), 1, "y")];
        outline.tasks[0].lists = vec![TaskList { pointer: list.clone(), role: ListRole::Each, tasks }];
        let names = |path: &str| -> Vec<String> {
            siblings(&outline, &path.into()).iter().map(|task| task.name.clone()).collect()
        };
        assert_eq!(names("/do/0/loop/do/1/y"), ["x", "y"]);
        assert_eq!(names("/do/0/loop"), ["loop"]);
        assert_eq!(place_of(&"/do/0/loop/do/1/y".into()), Some((list, 1)));
    }
}
