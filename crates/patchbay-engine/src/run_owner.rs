//! Which process a run belongs to: each that runs something holds a lock of its own. A run whose lock nobody holds
//! was interrupted, however its process ended.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

pub(crate) struct Owner {
    folder: PathBuf,
    held: Mutex<Option<(Uuid, File)>>,
}

impl Owner {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, held: Mutex::default() }
    }

    /// The name of this process's lock, which it holds from the first call on.
    pub(crate) fn name(&self) -> std::io::Result<String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, _)) = &*held {
            return Ok(name.to_string());
        }
        std::fs::create_dir_all(&self.folder)?;
        let name = Uuid::new_v4();
        let file = File::create_new(self.path(name))?;
        file.try_lock()?;
        *held = Some((name, file));
        Ok(name.to_string())
    }

    /// Whether the process of that lock lives, as far as can be told. What a dead one left is removed.
    pub(crate) fn is_alive(&self, name: &str) -> bool {
        // A name that is none of ours is nobody's.
        let Ok(name) = name.parse::<Uuid>() else { return false };
        let is_own = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if is_own.as_ref().is_some_and(|(own, _)| *own == name) {
            return true;
        }
        drop(is_own);
        let file = match File::options().write(true).open(self.path(name)) {
            Ok(file) => file,
            Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
        };
        match file.try_lock() {
            Ok(()) => {
                drop(file);
                drop(std::fs::remove_file(self.path(name)));
                false
            }
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        }
    }

    /// Lets go of the lock: nothing runs here any more.
    pub(crate) fn release(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((name, file)) = held {
            drop(file);
            drop(std::fs::remove_file(self.path(name)));
        }
    }

    fn path(&self, name: Uuid) -> PathBuf {
        self.folder.join(format!("{name}.lock"))
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;

    #[test]
    fn a_lock_says_who_lives() {
        let folder = tempfile::tempdir().expect("a folder");
        let one = Owner::new(folder.path().to_owned());
        let two = Owner::new(folder.path().to_owned());
        let name = one.name().expect("a lock");
        assert_eq!(one.name().expect("the same"), name);
        assert!(one.is_alive(&name) && two.is_alive(&name));
        assert!(!two.is_alive(&uuid::Uuid::from_u128(1).to_string()), "nobody ever held it");
        assert!(!two.is_alive("../patchbay"), "no name of ours");
        drop(one);
        assert!(!two.is_alive(&name), "the system lets go when a process ends");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }
}
