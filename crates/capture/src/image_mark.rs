//! Whether a process still executes the program that was attached to.

use linux_process::{Backing, Process, ProcessError};
use snapshot::Address;

use crate::error::CaptureError;

/// Tells the programs apart that one process executes after another: pid and start time stay the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ImageMark {
    /// The auxiliary vector, full of random addresses. Only for its owner and root.
    AuxiliaryVector(Vec<u8>),
    /// Where the kernel put its own code into the address space.
    Vdso(Option<Address>),
}

impl ImageMark {
    pub(crate) fn of(process: &Process) -> Result<Self, ProcessError> {
        match process.auxiliary_vector() {
            Err(ProcessError::PermissionDenied { .. }) => {
                let vdso = Backing::Named("[vdso]".into());
                let maps = process.maps()?;
                Ok(ImageMark::Vdso(
                    maps.iter().find(|mapping| mapping.backing == vdso).map(|vdso| vdso.start),
                ))
            }
            vector => vector.map(ImageMark::AuxiliaryVector),
        }
    }

    /// `None` as long as the process runs the program that this is the mark of.
    pub(crate) fn what_became(&self, process: &Process) -> Option<CaptureError> {
        let pid = process.pid();
        match ImageMark::of(process) {
            Ok(now) if now == *self => None,
            Ok(now) if !now.is_of_nothing() => Some(CaptureError::Replaced { pid }),
            // No memory at all: so it is for a moment, too, when another thread than the first calls exec.
            _ if process.is_alive() => Some(CaptureError::Ending { pid }),
            _ => Some(CaptureError::Exited { pid }),
        }
    }

    /// Kernels before 6.16 gave empty files instead of errors for a process without memory.
    fn is_of_nothing(&self) -> bool {
        match self {
            ImageMark::AuxiliaryVector(vector) => vector.is_empty(),
            ImageMark::Vdso(vdso) => vdso.is_none(),
        }
    }
}
