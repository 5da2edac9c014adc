//! Files that say which goroutines there were at some moment: recordings, dumps of several kinds, profiles.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use analysis::{Alike, CodePlace, Population};
use anyhow::Result;
use capture::{Options, Replay, Source};
use goroutine_dump::{ParsedFrame, ParsedGoroutine};
use serde::Deserialize;
use snapshot::Status;

use crate::arguments::At;
use crate::target;
use crate::trouble::remark;

/// Room for the JSON of some two million goroutines.
const BYTES_MAX: u64 = 4 << 30;

/// Goroutines of a moment, and where that is from.
pub(crate) struct Note {
    pub(crate) population: Population,
    /// What the file is.
    pub(crate) format: &'static str,
    /// The number of the moment in a recording, from 1.
    pub(crate) moment: Option<usize>,
    pub(crate) taken_at_unix_ms: Option<u64>,
}

/// Why a file says nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoteError {
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is larger than 4 GiB", path.display())]
    TooLarge { path: PathBuf },
    #[error("{} is neither a recording nor a dump of goroutines", path.display())]
    Unknown { path: PathBuf },
    #[error("{} is no document of gostat dump --json: {cause}", path.display())]
    OtherJson { path: PathBuf, cause: serde_json::Error },
    #[error("{}: {cause}", path.display())]
    Profile { path: PathBuf, cause: pprof_profile::ReadError },
    #[error("{} is a profile, but not of goroutines", path.display())]
    OtherProfile { path: PathBuf },
    #[error("{} is no recording: it has one moment only", path.display())]
    NoMoments { path: PathBuf },
}

impl NoteError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            NoteError::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "A and B are files: a recording (FILE, FILE@N, FILE@TIME) or a dump"
            }
            NoteError::Unknown { .. } => "gostat diff --help lists what can be compared",
            NoteError::OtherJson { .. } => "make it without --group, or record: gostat record",
            NoteError::NoMoments { .. } => "leave out what follows the @",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// Reads what a user means by `FILE`, `FILE@N` or `FILE@TIME`.
pub(crate) fn read(named: &str) -> Result<Note> {
    let (path, at) = moment_of(named);
    if Replay::is_recording(path) {
        return of_recording(path, named, at.as_ref());
    }
    if at.is_some() {
        return Err(NoteError::NoMoments { path: path.to_owned() }.into());
    }
    let bytes = contents(path)?;
    Ok(match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => of_json(path, &bytes)?,
        _ => match std::str::from_utf8(&bytes).ok().and_then(|text| of_text(path, text)) {
            Some(note) => note,
            None => of_profile(path, &bytes)?,
        },
    })
}

/// Divides `FILE@MOMENT`, unless there is a file of that whole name.
fn moment_of(named: &str) -> (&Path, Option<At>) {
    let whole = Path::new(named);
    let divided = || {
        let (path, at) = named.rsplit_once('@')?;
        Some((Path::new(path), Some(at.parse().ok()?)))
    };
    if whole.exists() { (whole, None) } else { divided().unwrap_or((whole, None)) }
}

fn contents(path: &Path) -> Result<Vec<u8>, NoteError> {
    let unreadable = |source| NoteError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(NoteError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

fn of_recording(path: &Path, named: &str, at: Option<&At>) -> Result<Note> {
    let replay = target::replay(path, named, at)?;
    let moment = Some(replay.index() + 1);
    let snapshot = Source::Replay(Box::new(replay)).snapshot(&Options::default())?;
    let taken_at_unix_ms = Some(snapshot.taken_at_unix_ms);
    Ok(Note { population: Population::of(&snapshot), format: "recording", moment, taken_at_unix_ms })
}

/// What a document of `gostat dump --json` must have to be compared.
#[derive(Deserialize)]
struct Document {
    snapshot: Head,
    goroutines: Vec<Goroutine>,
}

#[derive(Deserialize)]
struct Head {
    taken_at_unix_ms: u64,
}

#[derive(Deserialize)]
struct Goroutine {
    status: String,
    wait_reason: Option<String>,
    is_runtime: bool,
    created_by: Option<Place>,
    stack: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    function: String,
    file: String,
    line: Option<u32>,
    role: Option<String>,
}

impl Place {
    fn of_code(self) -> Option<CodePlace> {
        let is_code = self.role.is_none_or(|role| role == "ordinary");
        is_code.then(|| CodePlace {
            function: self.function,
            file: self.file,
            line: self.line.unwrap_or_default(),
        })
    }
}

fn of_json(path: &Path, bytes: &[u8]) -> Result<Note, NoteError> {
    let document: Document = serde_json::from_slice(bytes)
        .map_err(|cause| NoteError::OtherJson { path: path.to_owned(), cause })?;
    let mut population = Population::default();
    for goroutine in document.goroutines.into_iter().filter(|goroutine| !goroutine.is_runtime) {
        population.add(Alike {
            stack: goroutine.stack.into_iter().filter_map(Place::of_code).collect(),
            created_by: goroutine.created_by.and_then(Place::of_code),
            status: Some(goroutine.status),
            wait_reason: goroutine.wait_reason,
            count: 1,
        });
    }
    let taken_at_unix_ms = Some(document.snapshot.taken_at_unix_ms);
    Ok(Note { population, format: "json", moment: None, taken_at_unix_ms })
}

fn of_text(path: &Path, text: &str) -> Option<Note> {
    let (goroutines, problems) = goroutine_dump::parse(text);
    if goroutines.is_empty() {
        return None;
    }
    if let Some(first) = problems.first() {
        let text = format!("{}: {} lines were not understood; {first}", path.display(), problems.len());
        remark(&text, None);
    }
    let mut population = Population::default();
    goroutines.iter().filter(|goroutine| !is_of_runtime(outermost(goroutine))).for_each(|goroutine| {
        let is_status = Status::ALL.iter().any(|status| status.name() == goroutine.state);
        let (status, wait_reason) = match is_status {
            true => (goroutine.state, None),
            false => ("waiting", Some(goroutine.state.to_owned())),
        };
        let status = if goroutine.leaked { Status::Leaked.name() } else { status };
        population.add(Alike {
            stack: goroutine.frames.iter().filter_map(place).collect(),
            created_by: goroutine.created_by.and_then(|creator| place(&creator.frame)),
            status: Some(status.to_owned()),
            wait_reason,
            count: 1,
        });
    });
    Some(Note { population, format: "text", moment: None, taken_at_unix_ms: None })
}

fn place(frame: &ParsedFrame<'_>) -> Option<CodePlace> {
    let ParsedFrame { function, file, line, .. } = *frame;
    let code = || CodePlace { function: function.to_owned(), file: file.to_owned(), line };
    (!function.is_empty()).then(code)
}

fn outermost<'a>(goroutine: &ParsedGoroutine<'a>) -> &'a str {
    goroutine.frames.last().map_or("", |frame| frame.function)
}

/// Whether a goroutine that was started with this function is one of the runtime's own, as
/// `isSystemGoroutine` of the runtime's `traceback.go` decides.
fn is_of_runtime(outermost: &str) -> bool {
    outermost.starts_with("runtime.") && outermost != "runtime.main"
}

fn of_profile(path: &Path, bytes: &[u8]) -> Result<Note, NoteError> {
    let is_packed = bytes.starts_with(&[0x1f, 0x8b]);
    let read = pprof_profile::read(bytes, &pprof_profile::ReadLimits::default());
    let profile = read.map_err(|cause| match is_packed {
        true => NoteError::Profile { path: path.to_owned(), cause },
        false => NoteError::Unknown { path: path.to_owned() },
    })?;
    let goroutines = profile.sample_types().position(|(what, _)| what.starts_with("goroutine"));
    let value = goroutines.ok_or_else(|| NoteError::OtherProfile { path: path.to_owned() })?;
    let mut population = Population::default();
    for sample in profile.samples() {
        let count = sample.values().get(value).and_then(|count| u64::try_from(*count).ok());
        let frames = sample.frames().filter(|frame| frame.function != "runtime.goexit");
        let stack: Vec<CodePlace> = frames
            .map(|frame| CodePlace {
                function: frame.function.to_owned(),
                file: frame.file.to_owned(),
                line: u32::try_from(frame.line).unwrap_or_default(),
            })
            .collect();
        if count.unwrap_or(0) > 0 && !is_of_runtime(stack.last().map_or("", |place| &place.function)) {
            population.add(Alike { stack, count: count.unwrap_or(0), ..Alike::default() });
        }
    }
    let taken_at_unix_ms = u64::try_from(profile.time_nanos() / 1_000_000).ok().filter(|ms| *ms > 0);
    Ok(Note { population, format: "pprof", moment: None, taken_at_unix_ms })
}
