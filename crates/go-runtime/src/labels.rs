//! pprof labels: `g.labels` and the set behind it.
//!
//! Up to Go 1.23 a set is a `map[string]string` with classic buckets; from 1.24 a slice of pairs. Sets never
//! change once published, and children of a goroutine point to the same one, so each is read once.

use go_binary::Bytes;
use go_binary::layout::LabelForm;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::{Address, GapCause, GapSubject, LabelSet, LabelSetId};

use crate::context::Context;
use crate::header::Header;
use crate::limits::Limits;
use crate::stacks::Taken;

/// `runtime.hmap` (Go 1.23 and earlier): count, then B at 9, buckets at 16, oldbuckets at 24.
const MAP_HEADER: usize = 48;
/// A bucket of eight slots: top hashes, keys, values, overflow pointer.
const BUCKET: usize = 8 + 8 * 16 + 8 * 16 + 8;
/// Top hashes below this mark empty and moved slots (`minTopHash`).
const TOP_HASH_MIN: u8 = 5;
/// 2^B buckets: beyond this it is not a label map.
const BUCKETS_LOG2_MAX: u8 = 12;

/// The pairs of one set.
type Pairs = Vec<(String, String)>;

/// Reads the set that a `g.labels` points to.
fn read<M: ProcessMemory>(
    memory: &M,
    form: LabelForm,
    at: Address,
    limits: &Limits,
) -> Result<Pairs, GapCause> {
    let reader = Reader { memory, limits };
    match form {
        LabelForm::Slice { offset } => reader.slice(at.offset(u64::from(offset))),
        LabelForm::Map => reader.map(at),
    }
}

struct Reader<'a, M> {
    memory: &'a M,
    limits: &'a Limits,
}

impl<M: ProcessMemory> Reader<'_, M> {
    fn slice(&self, at: Address) -> Result<Pairs, GapCause> {
        let header = self.memory.read_vec(at, 16).map_err(cause)?;
        let (first, len) = header.address_at(0).zip(header.u64_at(8)).ok_or(GapCause::Corrupt)?;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len > self.limits.labels_max {
            return Err(GapCause::BudgetSpent);
        }
        let pairs = self.memory.read_vec(first, len * 32).map_err(cause)?;
        pairs.chunks_exact(32).map(|pair| Ok((self.string(pair, 0)?, self.string(pair, 16)?))).collect()
    }

    fn map(&self, at: Address) -> Result<Pairs, GapCause> {
        let map = self.memory.read_address(at).map_err(cause)?;
        if map.is_null() {
            return Ok(Pairs::new());
        }
        let header = self.memory.read_vec(map, MAP_HEADER).map_err(cause)?;
        let field = |at| header.address_at(at).unwrap_or_default();
        let (count, log2) = (header.u64_at(0).unwrap_or_default(), header.u8_at(9).unwrap_or_default());
        if count > self.limits.labels_max as u64 || log2 > BUCKETS_LOG2_MAX {
            return Err(GapCause::BudgetSpent);
        }
        let mut pairs = Pairs::new();
        self.buckets(field(16), 1 << log2, &mut pairs)?;
        // A map that is growing has some of its entries in the old buckets still.
        self.buckets(field(24), 1_u64 << log2.saturating_sub(1), &mut pairs)?;
        // The order in a map means nothing: by key, equal sets are equal.
        pairs.sort();
        if pairs.len() as u64 == count { Ok(pairs) } else { Err(GapCause::Torn) }
    }

    fn buckets(&self, first: Address, count: u64, pairs: &mut Pairs) -> Result<(), GapCause> {
        if first.is_null() {
            return Ok(());
        }
        for index in 0..count {
            let mut at = first.offset(index * BUCKET as u64);
            let mut chained = 0;
            while !at.is_null() {
                chained += 1;
                if chained > self.limits.labels_max {
                    return Err(GapCause::BudgetSpent);
                }
                let bucket = self.memory.read_vec(at, BUCKET).map_err(cause)?;
                for slot in 0..8 {
                    if bucket.u8_at(slot).is_some_and(|top| top >= TOP_HASH_MIN) {
                        let (key, value) = (8 + slot * 16, 8 + 8 * 16 + slot * 16);
                        pairs.push((self.string(&bucket, key)?, self.string(&bucket, value)?));
                    }
                }
                at = bucket.address_at(BUCKET - 8).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// A Go string whose header is at `offset` of `bytes`.
    fn string(&self, bytes: &[u8], offset: usize) -> Result<String, GapCause> {
        let header = bytes.address_at(offset).zip(bytes.u64_at(offset + 8));
        let (at, len) = header.ok_or(GapCause::Corrupt)?;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len > self.limits.text_max {
            return Err(GapCause::BudgetSpent);
        }
        let text = self.memory.read_vec(at, len).map_err(cause)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

fn cause(error: ReadError) -> GapCause {
    error.cause.into()
}

impl<M: ProcessMemory> Context<'_, M> {
    /// Reads the label sets that goroutines point to, each once.
    pub(crate) fn read_labels(&mut self, goroutines: &mut [Taken]) {
        let form = self.program.layouts.label_form();
        let mut holders: FxHashMap<Address, Vec<&mut Taken>> = FxHashMap::default();
        for goroutine in goroutines.iter_mut().filter(|g| !g.header.labels.is_null()) {
            holders.entry(goroutine.header.labels).or_default().push(goroutine);
        }
        for (at, holders) in holders {
            // One that lets go of the set while it is read says nothing about the others.
            let tries = holders.iter().take(self.limits.retries_max as usize + 1);
            let mut read = Err(GapCause::Torn);
            for holder in tries {
                read = self.read_label_set(form, &holder.header);
                if read != Err(GapCause::Torn) {
                    break;
                }
            }
            for holder in holders {
                match read {
                    Ok(set) => holder.labels = set,
                    Err(cause) => {
                        self.gaps.add(GapSubject::Labels, cause, Some(holder.header.id), Some(at));
                        holder.flawed = true;
                    }
                }
            }
        }
    }

    fn read_label_set(&mut self, form: Option<LabelForm>, header: &Header) -> Result<LabelSetId, GapCause> {
        let form = form.ok_or(GapCause::NotRecorded)?;
        let pairs = read(self.memory, form, header.labels, self.limits)?;
        // A set lives as long as a goroutine points to it: it has to do so still.
        let fields = &self.program.fields.g;
        let now = self.memory.read_address(header.at.offset(fields.labels as u64));
        let id = self.memory.read_u64(header.at.offset(fields.goid as u64));
        if now != Ok(header.labels) || id != Ok(header.id.0) {
            return Err(GapCause::Torn);
        }
        let tables = &mut self.words.filler.tables;
        let strings = &mut tables.strings;
        let pairs = pairs.iter().map(|(key, value)| (strings.intern_str(key), strings.intern_str(value)));
        let pairs = pairs.collect();
        Ok(tables.label_sets.intern(LabelSet(pairs)))
    }
}
