//! Our own memory, which the system's allocator keeps after it was freed.

/// Gives what was freed back to the system, as far as the allocator can: whole pages, also between what is still used.
///
/// For those who have just freed much and are measured by what is resident. It takes some milliseconds for 100 MiB, in
/// which others of our threads may wait for memory. Nothing but glibc needs it, and elsewhere this does nothing.
pub fn give_back_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it takes no pointer, is safe to call from any thread, and moves nothing that is in use (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}
