//! Function tables: the header, records, names, and the tables of stack deltas, lines, inlined calls and pointers.

use go_binary::{
    Bias, ByteSource, FunctionTable, ModuleData, Pclntab, Slice, SourceError, StaticAddress, StaticMemory,
};
use snapshot::{Address, Architecture};

/// Where the tables are.
const TABLES: u64 = 0x50_0000;
/// Where the code would be. Nobody looks at it.
const TEXT: u64 = 0x40_1000;
/// A chain of inlined calls may not be longer, whatever the tables say.
const FRAMES_MAX: usize = 300;

/// Architecture, Go minor release less 19, where function data is (two bytes); then the tables as they lie
/// behind the header.
pub fn check(bytes: &[u8]) {
    let Some((&[architecture, minor, data_low, data_high], tables)) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let architecture = if architecture % 2 == 0 { Architecture::Amd64 } else { Architecture::Arm64 };
    let function_data = u64::from(u16::from_le_bytes([data_low, data_high]));
    let Some(header) = Pclntab::parse(tables, StaticAddress(TABLES), architecture) else { return };
    let module = module(tables, &header, function_data);
    let memory = Tables(tables);
    let Ok(functions) = FunctionTable::new(&memory, &header, &module, Bias(0)) else { return };
    assert_eq!(functions.len() as u64, header.functions);
    let wanted = ["runtime.main", "main.main", ""];
    if let Ok(found) = functions.named(&memory, wanted) {
        for (function, name) in found.iter().zip(wanted).filter_map(|(f, name)| Some((f.as_ref()?, name))) {
            assert_eq!(functions.name(&memory, function).as_deref(), Ok(name));
        }
    }
    for pc in (TEXT..module.text_end.0).step_by(7).map(StaticAddress) {
        let Ok(Some(function)) = functions.find(&memory, pc) else { continue };
        _ = functions.stack_delta(&memory, &function, pc);
        _ = functions.file_and_line(&memory, &function, pc);
        if let Ok(maps) = functions.frame_maps(&memory, &function, pc) {
            for mask in maps.locals.iter().chain(&maps.arguments) {
                assert!(mask.pointers().all(|word| word < mask.words()), "a pointer outside its frame");
            }
        }
        let Ok(frames) = functions.frames(&memory, &function, pc, 19 + u16::from(minor % 9)) else {
            continue;
        };
        assert!(frames.len() <= FRAMES_MAX, "{} frames at one pc", frames.len());
        assert!(frames.last().is_some_and(|frame| !frame.inlined), "the last frame is the function itself");
    }
}

/// What the linker would write for these tables: each part ends where the next begins.
fn module(tables: &[u8], header: &Pclntab, function_data: u64) -> ModuleData {
    let word = |at: usize| tables.get(at..at + 8).map_or(0, |w| u64::from_le_bytes(w.try_into().expect("8")));
    let part = |at, len| Slice { at: Address(TABLES.wrapping_add(at)), len };
    let [names, units, files, pc_tables, records] = [word(32), word(40), word(48), word(56), word(64)];
    let nothing = |kind| (kind, Address(0), Address(0));
    use go_binary::DataRange::{Bss, Data, NoPointerBss, NoPointerData};
    ModuleData {
        names: part(names, units - names),
        compilation_units: part(units, (files - units) / 4),
        files: part(files, pc_tables - files),
        pc_tables: part(pc_tables, records - pc_tables),
        records: part(records, (tables.len() as u64).saturating_sub(records)),
        entries: part(records, header.functions + 1),
        text: Address(TEXT),
        text_end: Address(TEXT + 0x800),
        ranges: [nothing(NoPointerData), nothing(Data), nothing(Bss), nothing(NoPointerBss)],
        function_data: Address(TABLES + function_data),
        read_only_data: Address(TABLES + function_data),
        data_mask: part(0, 0),
        bss_mask: part(0, 0),
        next: Address(0),
    }
}

/// The tables and nothing else.
struct Tables<'a>(&'a [u8]);

impl StaticMemory for Tables<'_> {
    fn read_static(&self, at: StaticAddress, buf: &mut [u8]) -> Result<(), SourceError> {
        let outside = SourceError::OutOfRange { at: at.0, len: buf.len() as u64 };
        self.0.read_at(at.0.checked_sub(TABLES).ok_or(outside)?, buf)
    }
}
