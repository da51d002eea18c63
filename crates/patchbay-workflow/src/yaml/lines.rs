//! Where lines begin, for places as people read them.

/// The beginnings of a text's lines.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    /// Byte offsets; the first is 0.
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// The line of a byte offset, the first one being 1.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub(crate) fn place(&self, text: &str, offset: usize) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts.get(line as usize - 1).copied().unwrap_or(0);
        let before = text.get(start..offset).map_or(0, |part| part.chars().count());
        (line, u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
    }
}
