//! The goroutines of a real Go process, found by its symbol table and by what every `runtime.g` shows of itself.
//!
//! The crates that know the runtime's layouts are above this one, so nothing of them is used: `runtime.allgs` is a
//! symbol, the registers saved in a `g` lie before the word that points back to it, and descriptors are as far
//! apart as their slots are long.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSymbol};
use process_memory::{LiveMemory, ReadValues};
use snapshot::Address;

use crate::plan::Range;
use crate::ways::Way;

/// No descriptor of a supported release is longer.
const G_BYTES_MAX: usize = 512;
/// A target that was just started collects garbage for seconds. It has come to rest when it has used no processor
/// time during so many readings of all its descriptors; after many more, it never will.
const READINGS_AT_REST: usize = 100;
const READINGS_MAX: usize = 5000;
/// How much of a list is believed.
const GOROUTINES_MAX: u64 = 10_000_000;

/// What is read of one process.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) pid: u32,
    /// Bytes of the slot of one `runtime.g`.
    pub(crate) slot: usize,
    /// Addresses of all descriptors, ascending.
    pub(crate) descriptors: Vec<u64>,
    /// Used parts of stacks, `[sp, hi)`, in the order of their descriptors.
    pub(crate) stacks: Vec<Range>,
}

impl Target {
    /// Looks at a process whose executable has symbols and is loaded where it says.
    pub(crate) fn of(pid: u32) -> Result<Target> {
        let memory = LiveMemory::of(pid);
        let list = allgs(pid)?;
        let (at, count) = (memory.read_address(list)?, memory.read_u64(Address(list.0 + 8))?);
        ensure!((2..GOROUTINES_MAX).contains(&count), "runtime.allgs has {count} entries");
        let words = memory.read_vec(at, usize::try_from(count)? * 8)?;
        let mut descriptors: Vec<u64> = words.chunks_exact(8).map(word).collect();
        descriptors.sort_unstable();
        let slot = descriptors.windows(2).map(|pair| pair.last().unwrap_or(&0) - pair.first().unwrap_or(&0));
        let slot = usize::try_from(slot.min().unwrap_or_default())?;
        ensure!((128..=G_BYTES_MAX).contains(&slot), "descriptors are {slot} bytes apart");
        let mut headers = Vec::with_capacity(descriptors.len());
        for at in &descriptors {
            headers.push(memory.read_vec(Address(*at), slot)?);
        }
        let points_back = |offset: usize| {
            headers.iter().zip(&descriptors).all(|(header, at)| word_at(header, offset) == Some(*at))
        };
        let back = (16..slot).step_by(8).find(|offset| points_back(*offset));
        let saved_sp = back.context("no word of all descriptors points back to them")? - 16;
        let stacks = headers.iter().filter_map(|header| used_stack(header, saved_sp)).collect();
        Ok(Target { pid, slot, descriptors, stacks })
    }

    /// Reads until the process has come to rest.
    pub(crate) fn settle(&self, mut way: Way) -> Result<()> {
        let (mut before, mut at_rest) = (self.cpu_ticks()?, 0);
        for _ in 0..READINGS_MAX {
            way.measure(self.pid)?;
            let now = self.cpu_ticks()?;
            at_rest = if now == before { at_rest + 1 } else { 0 };
            before = now;
            if at_rest == READINGS_AT_REST {
                break;
            }
        }
        Ok(())
    }

    /// Processor time that it has used, user and system.
    fn cpu_ticks(&self) -> Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let figures = stat.rsplit(')').next().unwrap_or_default();
        Ok(figures.split_whitespace().skip(11).take(2).filter_map(|figure| figure.parse::<u64>().ok()).sum())
    }

    /// A line about what is read, with the memory that is on huge pages.
    pub(crate) fn description(&self) -> Result<String> {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid))?;
        let figure = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            line.map_or("?", str::trim).to_owned()
        };
        Ok(format!(
            "{} descriptors in slots of {} bytes, {} stacks; resident {}, on huge pages {}",
            self.descriptors.len(),
            self.slot,
            self.stacks.len(),
            figure("Rss:"),
            figure("AnonHugePages:"),
        ))
    }
}

/// Where the variable `runtime.allgs` is.
fn allgs(pid: u32) -> Result<Address> {
    let path = PathBuf::from(format!("/proc/{pid}/exe"));
    let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    let file = object::File::parse(&*bytes)?;
    let mut symbols = file.symbols();
    let symbol = symbols.find(|symbol| symbol.name() == Ok("runtime.allgs"));
    Ok(Address(symbol.context("no symbol runtime.allgs: the executable is stripped")?.address()))
}

/// `[sp, hi)` of a goroutine that has been descheduled; `None` for one that is dead.
fn used_stack(header: &[u8], saved_sp: usize) -> Option<Range> {
    let (lo, hi) = (word_at(header, 0)?, word_at(header, 8)?);
    let at = word_at(header, saved_sp)?;
    (lo < at && at < hi).then(|| Range { at, len: usize::try_from(hi - at).unwrap_or_default() })
}

fn word_at(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..offset + 8).map(word)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.try_into().map(u64::from_le_bytes).unwrap_or_default()
}
