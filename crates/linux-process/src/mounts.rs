//! `/proc/self/mountinfo`: which file systems are mounted where, and with which options.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::parse::fields;

/// One mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub point: PathBuf,
    /// Which kind: `proc`, `cgroup2`, `tmpfs`, …
    pub file_system: String,
    /// Options of the file system (not of the mount): `rw`, `hidepid=2`, `memory`, …
    pub options: Vec<String>,
}

impl Mount {
    /// The value of an option `name=value`.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Parses `/proc/PID/mountinfo`. Lines that are not of its form are left out.
pub fn parse_mounts(text: &[u8]) -> Vec<Mount> {
    text.split(|&byte| byte == b'\n').filter_map(parse_line).collect()
}

/// `36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue`: the part before the
/// lone dash has a variable number of fields.
fn parse_line(line: &[u8]) -> Option<Mount> {
    let mut before = fields(line);
    let point = before.nth(4)?;
    let mut after = fields(line).skip_while(|&field| field != b"-").skip(1);
    let file_system = after.next()?;
    // Past the source of the mount, which may be empty.
    let options = after.last()?;
    Some(Mount {
        point: PathBuf::from(OsString::from_vec(unescape(point))),
        file_system: String::from_utf8_lossy(file_system).into_owned(),
        options: options
            .split(|&byte| byte == b',')
            .map(|option| String::from_utf8_lossy(option).into_owned())
            .collect(),
    })
}

/// Blanks, line breaks and backslashes are written as a backslash and three octal digits.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let (byte, tail) = match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), tail)
            }
            _ => (byte, tail),
        };
        plain.push(byte);
        rest = tail;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_with_and_without_optional_fields() {
        let text = br"22 1 0:21 / /proc rw,relatime shared:12 master:3 - proc proc rw,hidepid=invisible
25 24 0:23 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup2 rw,nsdelegate
36 35 98:0 /mnt1 /my\040disk\134x rw - ext4 /dev/root rw,errors=continue
";
        let mounts = parse_mounts(text);
        assert_eq!(mounts.len(), 3);
        assert_eq!(
            (mounts[0].file_system.as_str(), mounts[0].option("hidepid")),
            ("proc", Some("invisible"))
        );
        assert_eq!(mounts[0].option("hide"), None);
        assert_eq!(mounts[1].point, PathBuf::from("/sys/fs/cgroup"));
        assert_eq!(mounts[2].point, PathBuf::from(r"/my disk\x"));
    }

    #[test]
    fn garbage_is_left_out() {
        assert_eq!(parse_mounts(b""), []);
        assert_eq!(parse_mounts(b"22 1 0:21 / /proc rw\n- - -\n1 2 3 4 5 -\n1 2 3 4 5 - proc"), []);
    }

    #[test]
    fn odd_escapes_stay() {
        assert_eq!(unescape(br"\400\08\\04"), br"\400\08\\04");
        assert_eq!(unescape(br"\"), br"\");
    }
}
