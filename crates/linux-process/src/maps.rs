//! `/proc/PID/maps`: what lies where in a process's address space.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use snapshot::Address;

use crate::parse::{ParseError, decimal, hexadecimal, split_once};

/// One line of `/proc/PID/maps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// First address.
    pub start: Address,
    /// Just past the last address.
    pub end: Address,
    /// What may be done there.
    pub permissions: Permissions,
    /// Offset in the file of what lies at `start`, in bytes.
    pub file_offset: u64,
    /// Device of the file: major, minor. (0, 0) for anonymous memory.
    pub device: (u32, u32),
    /// Inode of the file; 0 for anonymous memory.
    pub inode: u64,
    /// What is mapped.
    pub backing: Backing,
}

impl Mapping {
    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.end.0.saturating_sub(self.start.0)
    }

    /// Whether it covers nothing (the kernel writes no such line).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: Address) -> bool {
        self.start <= address && address < self.end
    }
}

/// What a mapping's pages may be used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Permissions {
    /// Readable.
    pub read: bool,
    /// Writable.
    pub write: bool,
    /// Executable.
    pub execute: bool,
    /// Shared with whoever maps the same file, rather than copied on writing.
    pub shared: bool,
}

/// What is behind a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Backing {
    /// Nothing: fresh memory.
    Anonymous,
    /// A file, by its path in the mount namespace of the process.
    File {
        /// The path when it was mapped.
        path: PathBuf,
        /// Whether no name is left for it (or a new file has taken the name).
        deleted: bool,
    },
    /// Something that the kernel names in brackets: `[heap]`, `[stack]`, `[vdso]`, `[anon:Go: heap]`.
    Named(String),
}

/// Most bytes of `maps` that are read: about 600,000 mappings, nine times the kernel's default limit.
pub(crate) const MAPS_LIMIT_BYTES: usize = 64 << 20;

/// Parses `/proc/PID/maps`, in the kernel's order: ascending addresses.
///
/// # Errors
/// With the number of the first line that is not of this form.
///
/// ```
/// let text = b"00400000-00452000 r-xp 00001000 08:02 173521   /usr/bin/server (deleted)\n";
/// let maps = linux_process::parse_maps(text).unwrap();
/// assert!(maps[0].permissions.execute);
/// assert!(matches!(maps[0].backing, linux_process::Backing::File { deleted: true, .. }));
/// ```
pub fn parse_maps(text: &[u8]) -> Result<Vec<Mapping>, ParseError> {
    text.split(|&byte| byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| parse_line(line).ok_or(ParseError::Line { line: index + 1 }))
        .collect()
}

fn parse_line(line: &[u8]) -> Option<Mapping> {
    let (range, rest) = split_once(line, b' ')?;
    let (permissions, rest) = split_once(rest, b' ')?;
    let (offset, rest) = split_once(rest, b' ')?;
    let (device, rest) = split_once(rest, b' ')?;
    // The path is padded to a column with blanks; anonymous memory has a trailing blank or none.
    let (inode, path) = split_once(rest, b' ').unwrap_or((rest, b""));
    let (start, end) = split_once(range, b'-')?;
    let (major, minor) = split_once(device, b':')?;

    let (start, end) = (hexadecimal(start)?, hexadecimal(end)?);
    let inode = decimal(inode)?;
    (start <= end).then_some(())?;
    Some(Mapping {
        start: Address(start),
        end: Address(end),
        permissions: parse_permissions(permissions)?,
        file_offset: hexadecimal(offset)?,
        device: (u32::try_from(hexadecimal(major)?).ok()?, u32::try_from(hexadecimal(minor)?).ok()?),
        inode,
        backing: parse_backing(path, inode),
    })
}

fn parse_permissions(text: &[u8]) -> Option<Permissions> {
    let &[read, write, execute, shared] = text else { return None };
    Some(Permissions {
        read: read == b'r',
        write: write == b'w',
        execute: execute == b'x',
        shared: shared == b's',
    })
}

fn parse_backing(text: &[u8], inode: u64) -> Backing {
    let name = text.trim_ascii_start();
    if name.is_empty() {
        return Backing::Anonymous;
    }
    // A file's path begins with a slash (or is a relative path of a lazily unmounted file system, which
    // has an inode); what the kernel makes up has no inode.
    if inode == 0 && !name.starts_with(b"/") {
        return Backing::Named(String::from_utf8_lossy(name).into_owned());
    }
    let (name, deleted) = match name.strip_suffix(b" (deleted)") {
        Some(name) => (name, true),
        None => (name, false),
    };
    Backing::File { path: PathBuf::from(OsString::from_vec(unescape_line_breaks(name))), deleted }
}

/// The kernel writes a line break in a path as `\012` and escapes nothing else, not even the backslash.
fn unescape_line_breaks(name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&byte, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(br"\012") {
            plain.push(b'\n');
            rest = tail;
        } else {
            plain.push(byte);
            rest = tail;
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Mapping {
        let maps = parse_maps(line.as_bytes()).unwrap();
        assert_eq!(maps.len(), 1);
        maps.into_iter().next().unwrap()
    }

    fn file(path: &str, deleted: bool) -> Backing {
        Backing::File { path: PathBuf::from(path), deleted }
    }

    #[test]
    fn file_mapping() {
        let mapping = one("7f0c00400000-7f0c00452000 r-xp 00001000 fd:1f 173521      /usr/bin/my server\n");
        assert_eq!(mapping.start, Address(0x7f0c_0040_0000));
        assert_eq!(mapping.len(), 0x52000);
        assert_eq!(
            mapping.permissions,
            Permissions { read: true, write: false, execute: true, shared: false }
        );
        assert_eq!((mapping.file_offset, mapping.device, mapping.inode), (0x1000, (0xfd, 0x1f), 173_521));
        assert_eq!(mapping.backing, file("/usr/bin/my server", false));
        assert!(mapping.contains(Address(0x7f0c_0045_1fff)));
        assert!(!mapping.contains(Address(0x7f0c_0045_2000)));
    }

    #[test]
    fn backings() {
        let with =
            |inode: u64, name: &str| one(&format!("1000-2000 rw-p 00000000 00:00 {inode} {name}")).backing;
        assert_eq!(with(0, ""), Backing::Anonymous);
        assert_eq!(with(0, "   [heap]"), Backing::Named("[heap]".into()));
        assert_eq!(with(0, "   [anon:Go: heap]"), Backing::Named("[anon:Go: heap]".into()));
        assert_eq!(with(9, "/tmp/x (deleted)"), file("/tmp/x", true));
        assert_eq!(with(9, r"/tmp/a\012b"), file("/tmp/a\nb", false));
        assert_eq!(with(9, "/memfd:go (deleted)"), file("/memfd:go", true));
        assert_eq!(one("1000-2000 rw-s 00000000 00:00 0").backing, Backing::Anonymous);
    }

    #[test]
    fn path_that_is_not_utf8() {
        let maps = parse_maps(b"1000-2000 rw-p 00000000 00:00 7 /tmp/\xff\n").unwrap();
        let Backing::File { path, .. } = &maps[0].backing else { panic!("no file") };
        assert_eq!(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()), b"/tmp/\xff");
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        let good = "1000-2000 rw-p 00000000 00:00 0 \n";
        for bad in [
            "1000 rw-p 00000000 00:00 0",
            "2000-1000 rw-p 00000000 00:00 0",
            "1000-2000 rwp 00000000 00:00 0",
            "1000-2000 rw-p 00000000 0000 0",
            "1000-20000000000000000 rw-p 00000000 00:00 0",
            "+1000-2000 rw-p 00000000 00:00 0",
            "1000-2000 rw-p 00000000 00:00 x",
            "1000-2000 rw-p",
        ] {
            let text = format!("{good}{bad}\n{good}");
            assert_eq!(parse_maps(text.as_bytes()), Err(ParseError::Line { line: 2 }), "{bad}");
        }
        assert_eq!(parse_maps(b""), Ok(Vec::new()));
    }
}
