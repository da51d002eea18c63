//! What the application is made of, with the licence of each package.

use patchbay_ipc::Licence;

/// Name, version and licence of each package, separated by tabs. The test `licences` keeps it true.
const LICENCES: &str = include_str!("../../../packaging/licences.tsv");

/// Every package that is in the program or in its window, by name.
pub(crate) fn all() -> Vec<Licence> {
    let licence = |line: &str| {
        let (name, rest) = line.split_once('\t')?;
        let (version, licence) = rest.split_once('\t')?;
        Some(Licence { name: name.to_owned(), version: version.to_owned(), licence: licence.to_owned() })
    };
    LICENCES.lines().filter_map(licence).collect()
}
