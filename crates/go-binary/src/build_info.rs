//! What the Go linker writes into every executable: release, module, build settings.
//!
//! Format: `debug/buildinfo` and `cmd/link/internal/ld/data.go` (`buildinfo`): magic, pointer size,
//! flags, then since Go 1.18 two strings with varint lengths at offset 32.

use memchr::memmem;

use crate::elf::Executable;
use crate::error::BinaryError;
use crate::layout::Release;

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Strings are inline (Go 1.18 and later) if this bit of the flags is set.
const INLINE_STRINGS: u8 = 2;
/// The module text is framed by 16 marker bytes on either side.
const FRAME: usize = 16;
/// A module list longer than this is not one.
const TEXT_MAX: usize = 4 << 20;
/// A note longer than this has no build id.
const NOTE_MAX: u64 = 4096;
/// `cmd/link/internal/ld/elf.go`: `ELF_NOTE_GOBUILDID_TAG`, and the name that the note has.
const NOTE_TYPE: u32 = 4;
const NOTE_NAME: &[u8] = b"Go\0\0";
/// How far into the data segment to look where there are no section headers.
const SCAN_MAX: u64 = 64 << 20;

/// Build information of a Go executable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildInfo {
    /// `go1.23.4`, `go1.26.6-X:…`, `devel …`.
    pub go_version: String,
    /// Import path of the main package.
    pub path: Option<String>,
    /// Path of the main module.
    pub module: Option<String>,
    /// Version of the main module, `(devel)` where the build did not know.
    pub module_version: Option<String>,
    /// Build settings as (key, value): `-ldflags`, `CGO_ENABLED`, `vcs.revision`, …
    pub settings: Vec<(String, String)>,
    /// What `go tool buildid` says: the same for the same sources, toolchain and flags.
    pub build_id: Option<String>,
}

impl BuildInfo {
    /// Finds and parses the build information of an executable.
    ///
    /// # Errors
    /// [`BinaryError::NotGo`] if there is none, or the more precise reason why not.
    pub fn of(executable: &Executable) -> Result<Self, BinaryError> {
        let info = Self::without_id(executable)?;
        Ok(BuildInfo { build_id: build_id(executable), ..info })
    }

    fn without_id(executable: &Executable) -> Result<Self, BinaryError> {
        if let Some(section) = executable.section(".go.buildinfo") {
            let len = usize::try_from(section.size).unwrap_or(usize::MAX).min(TEXT_MAX);
            if let Some(info) = parse(&executable.read_file(section.file_offset, len)?) {
                return Ok(info);
            }
        }
        if executable.has_sections() {
            return Err(why_not_go(executable));
        }
        // No section headers: the linker puts it at the start of the first writable segment.
        for segment in executable.segments().iter().filter(|segment| segment.writable) {
            let len = segment.file_size.min(SCAN_MAX).min(executable.file_len());
            let Ok(data) =
                executable.read_file(segment.file_offset, usize::try_from(len).unwrap_or_default())
            else {
                continue;
            };
            let aligned = memmem::find_iter(&data, MAGIC).find(|at| at % 16 == 0);
            if let Some(info) = aligned.and_then(|at| data.get(at..)).and_then(parse) {
                return Ok(info);
            }
        }
        Err(why_not_go(executable))
    }

    /// The value of a build setting: `vcs.revision`.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The release that the version string names.
    ///
    /// # Errors
    /// [`BinaryError::UnknownVersion`] if it names none, [`BinaryError::TooOld`] before Go 1.19.
    pub fn release(&self) -> Result<Release, BinaryError> {
        let version = self.go_version.clone();
        match self.go_version.parse::<Release>() {
            Err(_) => Err(BinaryError::UnknownVersion { version }),
            Ok(release) if release.minor < 19 => Err(BinaryError::TooOld { version }),
            Ok(release) => Ok(release),
        }
    }
}

/// Parses the bytes from the magic number on.
pub fn parse(bytes: &[u8]) -> Option<BuildInfo> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let [_pointer_size, flags] = *rest.first_chunk::<2>()?;
    if flags & INLINE_STRINGS == 0 {
        return None;
    }
    let (version, rest) = string(bytes.get(32..)?)?;
    let (modules, _) = string(rest)?;
    let mut info = BuildInfo { go_version: text(version), ..BuildInfo::default() };
    let modules = modules.get(FRAME..modules.len().saturating_sub(FRAME)).unwrap_or_default();
    for line in text(modules).lines() {
        let mut fields = line.split('\t');
        match (fields.next(), fields.next()) {
            (Some("path"), Some(path)) => info.path = Some(path.into()),
            (Some("mod"), Some(path)) => {
                info.module = Some(path.into());
                info.module_version = fields.next().filter(|version| !version.is_empty()).map(Into::into);
            }
            (Some("build"), Some(setting)) => {
                let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
                info.settings.push((key.into(), value.into()));
            }
            _ => {}
        }
    }
    Some(info)
}

/// The build id in the note that the linker writes, stripped or not; none where it was told not to.
fn build_id(executable: &Executable) -> Option<String> {
    let section = executable.section(".note.go.buildid").filter(|section| section.size <= NOTE_MAX)?;
    note(&executable.read_file(section.file_offset, usize::try_from(section.size).ok()?).ok()?)
}

/// What a note of Go's says. All architectures that can be decoded are little-endian.
fn note(bytes: &[u8]) -> Option<String> {
    let (head, rest) = bytes.split_first_chunk::<12>()?;
    let ([name_size, size, kind], []) = head.as_chunks::<4>() else { return None };
    let [name_size, size, kind] = [name_size, size, kind].map(|word| u32::from_le_bytes(*word));
    let rest = rest.strip_prefix(NOTE_NAME).filter(|_| kind == NOTE_TYPE && name_size == 4)?;
    let id = text(rest.get(..usize::try_from(size).ok()?)?);
    (!id.is_empty()).then_some(id)
}

/// A string with a varint length, and what follows it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut len, mut shift, mut used) = (0_usize, 0_u32, 0_usize);
    loop {
        let byte = *bytes.get(used)?;
        len |= usize::from(byte & 0x7f).checked_shl(shift)?;
        used += 1;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    (len <= TEXT_MAX).then(|| bytes.get(used..)?.split_at_checked(len)).flatten()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Names the more common reasons for which there is no build information.
fn why_not_go(executable: &Executable) -> BinaryError {
    let head = executable.read_file(0, usize::try_from(executable.file_len().min(4096)).unwrap_or(0));
    if head.is_ok_and(|head| memmem::find(&head, b"UPX!").is_some()) {
        return BinaryError::Packed { packer: "UPX" };
    }
    if executable.section(".go_export").is_some() || executable.section(".go.buildinfo").is_none() {
        // gccgo 12 exports the former from executables that are not static, and keeps `.go_export` when they are
        // stripped. TinyGo has the second with its cooperative scheduler, the third with the one that uses threads
        // (src/internal/task); once stripped, nothing tells its programs from those of a C compiler.
        let [gccgo, cooperative, threads] =
            executable.symbols(["__go_init_main", "tinygo_startTask", "tinygo_task_init"]);
        if gccgo.is_some() || executable.section(".go_export").is_some() {
            return BinaryError::OtherCompiler { compiler: "gccgo" };
        }
        if cooperative.or(threads).is_some() {
            return BinaryError::OtherCompiler { compiler: "TinyGo" };
        }
    }
    BinaryError::NotGo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(version: &str, modules: &str) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([8, INLINE_STRINGS]);
        bytes.resize(32, 0);
        for text in [version, modules] {
            let mut len = text.len();
            while len >= 0x80 {
                bytes.push(u8::try_from(len & 0x7f).unwrap() | 0x80);
                len >>= 7;
            }
            bytes.push(u8::try_from(len).unwrap());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    #[test]
    fn modules_and_settings() {
        let frame = "0123456789abcdef";
        let modules = format!(
            "{frame}path\texample.org/shop/cmd\nmod\texample.org/shop\tv1.2.3\th1:x=\ndep\ta\tv1\nbuild\t-ldflags=\"-s -w\"\n{frame}"
        );
        let info = parse(&built("go1.23.4", &modules)).unwrap();
        assert_eq!(info.module.as_deref(), Some("example.org/shop"));
        assert_eq!(info.module_version.as_deref(), Some("v1.2.3"));
        assert_eq!(info.settings, [("-ldflags".to_string(), "\"-s -w\"".to_string())]);
        assert_eq!(info.release().unwrap(), Release { minor: 23, patch: Some(4) });
    }

    #[test]
    fn a_note_is_read_and_a_wrong_one_is_none() {
        let note_of = |sizes: [u32; 3], rest: &[u8]| {
            let head: Vec<u8> = sizes.into_iter().flat_map(u32::to_le_bytes).collect();
            note(&[&head, rest].concat())
        };
        assert_eq!(note_of([4, 5, 4], b"Go\0\0ab/cd\0\0\0").as_deref(), Some("ab/cd"));
        for (sizes, rest) in [
            ([4, 6, 4], &b"Go\0\0ab/cd"[..]),
            ([4, 5, 3], b"Go\0\0ab/cd"),
            ([4, 5, 4], b"GNU\0ab/cd"),
            ([4, 0, 4], b"Go\0\0"),
            ([4, u32::MAX, 4], b"Go\0\0ab/cd"),
        ] {
            assert_eq!(note_of(sizes, rest), None, "{sizes:?}");
        }
        assert_eq!(note(b"short"), None);
    }

    #[test]
    fn truncated_anywhere_is_none_or_shorter_but_never_a_panic() {
        let whole = built("go1.23.4", &"x".repeat(300));
        for len in 0..whole.len() {
            let _ = parse(&whole[..len]);
        }
    }
}
