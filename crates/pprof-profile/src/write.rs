//! Writing a goroutine profile.

use std::io;

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use rustc_hash::FxHashMap;
use snapshot::{Census, LabelSetId, Status, Tables};

use crate::build::{EXECUTABLE, Stacks};
use crate::proto::{self, Label, Profile, Sample, ValueType};
use crate::symbols::Symbols;

/// Where the target's executable code lies, for tools that disassemble.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// First address of the mapped code.
    pub start: u64,
    /// One past its last address.
    pub limit: u64,
    /// Offset of `start` in the file.
    pub offset: u64,
    /// GNU build id in hexadecimal, or Go's own build id; empty if unknown.
    pub build_id: String,
}

/// What a profile contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Include the runtime's own goroutines, which Go's goroutine profile leaves out.
    pub include_runtime: bool,
    /// Where the executable is mapped, if known. Without it tools still show functions, files and lines.
    pub mapping: Option<Mapping>,
}

/// Writes goroutines as a gzip-compressed goroutine profile. Fails only if `out` does.
///
/// The samples are those of the target's own goroutine profile, except that stacks deeper than the
/// runtime records (32 frames up to Go 1.22, 128 since) are whole here, and that goroutines whose stack
/// could not be had count under a leaf such as `[running: stack unavailable]`.
pub fn write(census: &Census<'_>, options: &WriteOptions, out: &mut impl io::Write) -> io::Result<()> {
    let profile = profile(census, options);
    // As runtime/pprof: these files are read once, by machines.
    let mut gzip = GzEncoder::new(out, Compression::fast());
    io::Write::write_all(&mut gzip, &profile.encode_to_vec())?;
    gzip.finish()?;
    Ok(())
}

fn profile(census: &Census<'_>, options: &WriteOptions) -> Profile {
    let mut symbols = Symbols::new();
    let mut stacks = Stacks::new(census.tables);
    let mut counts: FxHashMap<(Vec<u64>, LabelSetId), i64> = FxHashMap::default();
    for (cohort, members) in &census.cohorts {
        let skipped = cohort.status == Status::Dead || (cohort.is_runtime && !options.include_runtime);
        if skipped {
            continue;
        }
        let locations = stacks.locations(&mut symbols, cohort);
        *counts.entry((locations.to_vec(), cohort.labels)).or_default() += members.cast_signed();
    }
    // Most frequent first, as runtime/pprof; then in an order that does not depend on hashing.
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by(|(a, count_a), (b, count_b)| count_b.cmp(count_a).then_with(|| a.cmp(b)));

    let sample = counts.into_iter().map(|((location_id, labels), count)| Sample {
        label: label_set(&mut symbols, census.tables, labels),
        location_id,
        value: vec![count],
    });
    let sample = sample.collect();
    let goroutine_count = ValueType { r#type: symbols.text("goroutine"), unit: symbols.text("count") };
    let mapping = options.mapping.clone().unwrap_or_default();
    let mapping = proto::Mapping {
        id: EXECUTABLE,
        memory_start: mapping.start,
        memory_limit: mapping.limit,
        file_offset: mapping.offset,
        filename: symbols.text(&census.target.executable),
        build_id: symbols.text(&mapping.build_id),
        // All symbols are in the profile: no tool has to find the executable to show them.
        has_functions: true,
        has_filenames: true,
        has_line_numbers: true,
        has_inline_frames: true,
    };
    Profile {
        sample_type: vec![goroutine_count],
        sample,
        mapping: vec![mapping],
        time_nanos: i64::try_from(census.taken_at_unix_ms).unwrap_or(0).saturating_mul(1_000_000),
        duration_nanos: 0,
        period_type: Some(goroutine_count),
        period: 1,
        default_sample_type: goroutine_count.r#type,
        location: symbols.location,
        function: symbols.function,
        string_table: symbols.string_table,
    }
}

fn label_set(symbols: &mut Symbols, tables: &Tables, labels: LabelSetId) -> Vec<Label> {
    let labels = tables.label_sets.get(labels);
    labels
        .into_iter()
        .flat_map(|set| set.0.iter())
        .map(|&(key, value)| Label {
            key: symbols.text(tables.text(key)),
            str: symbols.text(tables.text(value)),
            num: 0,
        })
        .collect()
}
