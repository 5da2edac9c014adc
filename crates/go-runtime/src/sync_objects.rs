//! From semaphores to the types of package `sync` that they are part of.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use snapshot::{Address, GapCause, GapSubject, WaitObject, WaitObjectKind};

use crate::awaited::SemaphoreUse;
use crate::context::Context;
use crate::header::Header;
use crate::sweep::Seen;
use crate::waits::Sudog;

impl<M: ProcessMemory> Context<'_, M> {
    /// The type that a semaphore belongs to, by the functions on the stack where the reason does not say.
    pub(crate) fn semaphore_use(&self, how: SemaphoreUse, goroutine: &Seen) -> SemaphoreUse {
        if how != SemaphoreUse::Unnamed {
            return how;
        }
        let tables = &self.words.filler.tables;
        let stack = self.words.cohorts.get(goroutine.cohort).map(|cohort| cohort.stack);
        tables
            .frames_of(stack.unwrap_or_default())
            .find_map(|frame| match tables.text(frame.function) {
                "sync.(*WaitGroup).Wait" => Some(SemaphoreUse::WaitGroup),
                "sync.(*Mutex).lockSlow" | "sync.(*Mutex).Lock" => Some(SemaphoreUse::Mutex),
                "sync.(*RWMutex).RLock" => Some(SemaphoreUse::RwReader),
                "sync.(*RWMutex).Lock" => Some(SemaphoreUse::RwWriter),
                _ => None,
            })
            .unwrap_or(SemaphoreUse::Unnamed)
    }

    pub(crate) fn semaphore(&mut self, how: SemaphoreUse, elem: Address, header: &Header) -> WaitObject {
        let sync = &self.program.fields.sync;
        let (offset, len) = match how {
            SemaphoreUse::Unnamed => (0, 0),
            SemaphoreUse::Mutex => (sync.mutex_sema, 4),
            SemaphoreUse::WaitGroup => (sync.wait_group_sema, 8),
            SemaphoreUse::RwReader => (sync.rw_reader_sema, sync.rw_reader_wait + 4),
            SemaphoreUse::RwWriter => (sync.rw_writer_sema, sync.rw_reader_wait + 4),
        };
        let address = Address(elem.0.wrapping_sub(offset));
        let semaphore = WaitObject { kind: WaitObjectKind::Semaphore, address: elem };
        let bytes = match self.read(address, len) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.gaps.add(GapSubject::WaitObject, error.cause.into(), Some(header.id), Some(address));
                return semaphore;
            }
        };
        let sync = &self.program.fields.sync;
        let kind = match how {
            SemaphoreUse::Unnamed => None,
            SemaphoreUse::Mutex => bytes.i32_at(0).map(|state| WaitObjectKind::Mutex { state }),
            // The counter is the upper half; the lower one counts waiters below a flag of synctest.
            SemaphoreUse::WaitGroup => bytes
                .i32_at(4)
                .zip(bytes.u32_at(0))
                .map(|(counter, low)| WaitObjectKind::WaitGroup { counter, waiters: low & 0x7fff_ffff }),
            SemaphoreUse::RwReader | SemaphoreUse::RwWriter => {
                let word = |at: u64| bytes.i32_at(usize::try_from(at).ok()?);
                word(sync.rw_reader_count).zip(word(sync.rw_reader_wait)).map(
                    |(reader_count, reader_wait)| {
                        let writing = how == SemaphoreUse::RwWriter;
                        WaitObjectKind::RwMutex { writing, reader_count, reader_wait }
                    },
                )
            }
        };
        kind.map_or(semaphore, |kind| WaitObject { kind, address })
    }

    /// Before Go 1.26 nothing leads from a goroutine to its condition: then only the kind is known.
    pub(crate) fn cond(&mut self, link: Option<&Sudog>, header: &Header) -> WaitObject {
        let named = self.program.fields.sudog.semaphores_named;
        if named && link.is_none() {
            self.gaps.add(GapSubject::WaitObject, GapCause::Torn, Some(header.id), Some(header.at));
        }
        let notify = link.filter(|_| named).map(|link| link.elem);
        let address =
            notify.map(|notify| Address(notify.0.wrapping_sub(self.program.fields.sync.cond_notify)));
        WaitObject { kind: WaitObjectKind::Cond, address: address.unwrap_or_default() }
    }

    fn read(&self, at: Address, len: u64) -> Result<Vec<u8>, ReadError> {
        self.memory.read_vec(at, usize::try_from(len).unwrap_or_default())
    }
}
