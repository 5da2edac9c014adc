//! Writes the function table (pclntab) that every Go program carries: `runtime.pcHeader` and what it leads to,
//! as `cmd/link/internal/ld/pcln.go` does since Go 1.20.

/// A function of the synthetic program. All are [`FUNCTION_BYTES`] long and have one source line.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    file: &'static str,
    line: u32,
    /// Bytes of its frame, without the return address, at every instruction.
    pub(crate) frame_bytes: u32,
    /// `abi.FuncFlagTopFrame`: stacks end here.
    top: bool,
}

/// Length of each function's code.
pub(crate) const FUNCTION_BYTES: u32 = 0x100;
/// `runtime.pcHeader` up to Go 1.27.
const HEADER_BYTES: usize = 72;

const fn function(name: &'static str, file: &'static str, line: u32, frame_bytes: u32) -> Function {
    Function { name, file, line, frame_bytes, top: false }
}

/// The whole program.
pub(crate) static FUNCTIONS: &[Function] = &[
    Function { name: "runtime.goexit", file: "runtime/asm_amd64.s", line: 1700, frame_bytes: 0, top: true },
    function("runtime.main", "runtime/proc.go", 283, 88),
    function("runtime.gopark", "runtime/proc.go", 435, 24),
    function("runtime.chanrecv", "runtime/chan.go", 664, 120),
    function("runtime.chanrecv1", "runtime/chan.go", 506, 32),
    function("runtime.chansend", "runtime/chan.go", 283, 112),
    function("runtime.selectgo", "runtime/select.go", 351, 312),
    function("runtime.semacquire1", "runtime/sema.go", 188, 96),
    function("runtime.forcegchelper", "runtime/proc.go", 348, 24),
    function("sync.runtime_SemacquireMutex", "runtime/sema.go", 95, 40),
    function("sync.(*Mutex).Lock", "sync/mutex.go", 46, 16),
    function("sync.(*WaitGroup).Wait", "sync/waitgroup.go", 118, 16),
    function("internal/poll.runtime_pollWait", "runtime/netpoll.go", 351, 32),
    function("syscall.Syscall", "syscall/syscall_linux.go", 69, 80),
    function("time.Sleep", "runtime/time.go", 338, 88),
    function("main.main", "/src/main.go", 10, 200),
    function("main.worker", "/src/worker.go", 20, 56),
    function("main.worker.func1", "/src/worker.go", 25, 8),
    function("main.handler", "/src/handler.go", 30, 1000),
    function("sync.(*Cond).Wait", "sync/cond.go", 71, 48),
];

/// Offset of a pc inside the function from the program's first instruction: where a call in it returns to.
pub(crate) fn return_offset(name: &str) -> u64 {
    entry_offset(name) + 0x40
}

/// Offset of the function's first instruction from the program's.
pub(crate) fn entry_offset(name: &str) -> u64 {
    let index = FUNCTIONS.iter().position(|function| function.name == name);
    let index = index.unwrap_or_else(|| panic!("the synthetic program has no function {name}"));
    index as u64 * u64::from(FUNCTION_BYTES)
}

/// The function of that name.
pub(crate) fn named(name: &str) -> &'static Function {
    FUNCTIONS.iter().find(|function| function.name == name).expect("a function of the synthetic program")
}

/// The table, and where in it the parts are that the module data points to: (offset, length in bytes).
pub(crate) struct FunctionTable {
    pub(crate) bytes: Vec<u8>,
    pub(crate) names: (u64, u64),
    pub(crate) units: (u64, u64),
    pub(crate) files: (u64, u64),
    pub(crate) pc_values: (u64, u64),
    pub(crate) records: (u64, u64),
}

impl FunctionTable {
    /// Writes the table of [`FUNCTIONS`].
    pub(crate) fn write() -> FunctionTable {
        let (mut names, mut units, mut files) = (Vec::new(), Vec::new(), Vec::new());
        // Offset 0 of the pc tables means that there is none.
        let mut pc_values = vec![0];
        let mut records = Vec::new();
        let entries_len = (FUNCTIONS.len() + 1) * 8;
        let mut entries = Vec::new();
        for (index, function) in (0_u32..).zip(FUNCTIONS) {
            let entry = index * FUNCTION_BYTES;
            words(&mut entries, &[entry, narrow(entries_len + records.len())]);
            let name = narrow(names.len());
            names.extend(function.name.bytes().chain([0]));
            // Each function is a compilation unit of its own, with one file.
            words(&mut units, &[narrow(files.len())]);
            files.extend(function.file.bytes().chain([0]));
            let frame = constant(&mut pc_values, function.frame_bytes);
            let file = constant(&mut pc_values, 0);
            let line = constant(&mut pc_values, function.line);
            // entryOff nameOff args deferreturn pcsp pcfile pcln npcdata cuOffset startLine
            words(&mut records, &[entry, name, 0, 0, frame, file, line, 0, index, function.line]);
            // funcID flag pad nfuncdata
            records.extend([0, u8::from(function.top), 0, 0]);
        }
        words(&mut entries, &[narrow(FUNCTIONS.len()) * FUNCTION_BYTES, 0]);
        entries.extend(records);

        let mut bytes = vec![0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];
        bytes.resize(HEADER_BYTES, 0);
        let mut place = |part: Vec<u8>| {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            let range = (bytes.len() as u64, part.len() as u64);
            bytes.extend(part);
            range
        };
        let (names, units) = (place(names), place(units));
        let (files, pc_values, records) = (place(files), place(pc_values), place(entries));
        let count = FUNCTIONS.len() as u64;
        let header = [count, count, 0, names.0, units.0, files.0, pc_values.0, records.0];
        for (word, at) in header.iter().zip((8..).step_by(8)) {
            bytes.splice(at..at + 8, word.to_le_bytes());
        }
        FunctionTable { bytes, names, units, files, pc_values, records }
    }
}

/// Appends a pc-value table that has `value` at every instruction, and says where.
fn constant(tables: &mut Vec<u8>, value: u32) -> u32 {
    let at = narrow(tables.len());
    // Differences to the previous value (at first -1), zig-zag; then the length of the run; then an end mark.
    varint(tables, (value + 1) << 1);
    varint(tables, FUNCTION_BYTES);
    tables.push(0);
    at
}

fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push((value & 0x7f | 0x80).to_le_bytes()[0]);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

fn narrow(value: usize) -> u32 {
    u32::try_from(value).expect("a small table")
}
