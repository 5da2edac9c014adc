//! Whether code stands between taking and releasing a lock, by the calls of its function.
//!
//! The compiler inlines `sync.(*Mutex).Lock` and others of package `sync`: its tables say where. Which lock a call is
//! about is not known, and code need not lie in the order in which it runs: so what comes out is probable, not proven.

use std::rc::Rc;

use go_binary::{Function, StaticAddress, StaticMemory, code};
use process_memory::ProcessMemory;
use rustc_hash::FxHashMap;
use snapshot::{Address, LockPosition};

use crate::program::{Module, Program};
use crate::symbols::StackPc;

/// Longer functions are not looked into.
const CODE_MAX: u64 = 256 << 10;

/// A kind of lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum LockKind {
    Mutex,
    RwMutex,
}

/// A call that takes or releases a lock.
#[derive(Debug, Clone, Copy)]
struct LockCall {
    at: StaticAddress,
    line: u32,
    kind: LockKind,
    takes: bool,
}

/// What the functions of a program do with locks, each looked into once.
#[derive(Debug, Default)]
pub(super) struct LockCalls {
    functions: FxHashMap<StaticAddress, Rc<[LockCall]>>,
    positions: FxHashMap<(StackPc, LockKind), LockPosition>,
}

impl LockCalls {
    /// Where a frame stands among its function's calls about locks of one kind.
    pub(super) fn position<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        at: StackPc,
        kind: LockKind,
    ) -> LockPosition {
        if let Some(known) = self.positions.get(&(at, kind)) {
            return *known;
        }
        let position = self.look_up(program, memory, at, kind).unwrap_or_default();
        self.positions.insert((at, kind), position);
        position
    }

    fn look_up<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        at: StackPc,
        kind: LockKind,
    ) -> Option<LockPosition> {
        let located = program.locate(memory, Address(at.pc))?;
        let (module, function) = (located.module, located.function);
        let fixed = module.bias.fixed(Address(at.pc));
        let back = if at.exact || fixed == function.entry { 0 } else { 1 };
        let fixed = fixed.offset(0_u64.wrapping_sub(back));
        program.with_tables(memory, module, |tables| {
            let known = self.functions.get(&function.entry).cloned();
            let calls = known.unwrap_or_else(|| lock_calls(program, module, &function, tables).into());
            self.functions.insert(function.entry, calls.clone());
            let here = module.functions.frames(tables, &function, fixed, program.release.minor).ok()?;
            let line = here.last()?.line;
            // Who is just taking a lock does not have it yet. A call instruction has five bytes at most.
            let calling = |call: &LockCall| fixed.0.wrapping_sub(call.at.0) < 5;
            let taking =
                here.iter().any(|frame| meaning(&frame.function).is_some()) || calls.iter().any(calling);
            let others = calls.iter().filter(|call| call.kind == kind && !(taking && call.line == line));
            let by_place = others.clone().filter(|call| call.at < fixed).max_by_key(|call| call.at);
            let by_line = others.clone().filter(|call| (call.line, call.at) < (line, fixed));
            let by_line = by_line.max_by_key(|call| (call.line, call.at));
            others.clone().next()?;
            let between = [by_place, by_line].into_iter().flatten().any(|call| call.takes);
            Some(if between { LockPosition::Between } else { LockPosition::Outside })
        })
    }
}

/// All calls about locks in a function.
fn lock_calls(
    program: &Program,
    module: &Module,
    function: &Function,
    tables: &dyn StaticMemory,
) -> Vec<LockCall> {
    let mut found = Vec::new();
    let frames =
        |at| module.functions.frames(tables, function, at, program.release.minor).unwrap_or_default();
    for at in module.functions.inlined_stretches(tables, function).unwrap_or_default() {
        let frames = frames(at);
        let Some((own, inlined)) = frames.split_last() else { continue };
        // The outermost one is what the function itself calls.
        let call = inlined.iter().rev().find_map(|frame| meaning(&frame.function));
        found.extend(call.map(|(kind, takes)| LockCall { at, line: own.line, kind, takes }));
    }
    let len = function.end.0.saturating_sub(function.entry.0).min(CODE_MAX);
    let code = tables.read_static_vec(function.entry, usize::try_from(len).unwrap_or_default());
    for (at, target) in code::calls(program.architecture(), &code.unwrap_or_default(), function.entry) {
        let called = module.functions.find(tables, target).ok().flatten();
        let called = called.filter(|called| called.entry == target);
        let name = called.and_then(|called| module.functions.name(tables, &called).ok());
        let Some((kind, takes)) = name.and_then(|name| meaning(&name)) else { continue };
        if let Some(own) = frames(at).last() {
            found.push(LockCall { at, line: own.line, kind, takes });
        }
    }
    found
}

/// What a function of package `sync` does: the kind of lock, and whether it takes it.
fn meaning(function: &str) -> Option<(LockKind, bool)> {
    let method = function.strip_prefix("internal/").unwrap_or(function).strip_prefix("sync.(*")?;
    if let Some(method) = method.strip_prefix("Mutex).") {
        return match method {
            "Lock" | "lockSlow" | "TryLock" => Some((LockKind::Mutex, true)),
            "Unlock" | "unlockSlow" => Some((LockKind::Mutex, false)),
            _ => None,
        };
    }
    match method.strip_prefix("RWMutex).")? {
        "Lock" | "RLock" | "TryLock" | "TryRLock" => Some((LockKind::RwMutex, true)),
        "Unlock" | "RUnlock" | "rUnlockSlow" => Some((LockKind::RwMutex, false)),
        _ => None,
    }
}

/// Whether a function only waits for what it is given: its frame refers to that, but holds nothing.
pub(super) fn only_waits(function: &str) -> bool {
    function.starts_with("runtime.")
        || meaning(function).is_some()
        || matches!(function, "sync.(*WaitGroup).Wait" | "sync.(*Cond).Wait")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_releases_have_their_meaning() {
        for (name, expected) in [
            ("sync.(*Mutex).Lock", Some((LockKind::Mutex, true))),
            ("internal/sync.(*Mutex).lockSlow", Some((LockKind::Mutex, true))),
            ("internal/sync.(*Mutex).Unlock", Some((LockKind::Mutex, false))),
            ("sync.(*RWMutex).RLock", Some((LockKind::RwMutex, true))),
            ("sync.(*RWMutex).rUnlockSlow", Some((LockKind::RwMutex, false))),
            ("sync.(*Once).doSlow", None),
            ("main.(*Mutex).Lock", None),
        ] {
            assert_eq!(meaning(name), expected, "{name}");
        }
        assert!(only_waits("sync.(*Cond).Wait") && !only_waits("sync.(*Once).doSlow"));
    }
}
