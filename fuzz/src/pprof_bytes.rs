//! Profiles: protocol buffers, compressed or not.

use pprof_profile::ReadLimits;

/// Low enough that a small file which claims much is refused before it costs anything.
const LIMITS: ReadLimits = ReadLimits { bytes: 1 << 20, records: 50_000 };

/// What is accepted can be walked: every reference in it leads somewhere.
pub fn check(bytes: &[u8]) {
    let Ok(profile) = pprof_profile::read(bytes, &LIMITS) else { return };
    let types = profile.sample_types().count();
    for sample in profile.samples().take(1000) {
        assert_eq!(sample.values().len(), types);
        assert!(sample.labels().count() <= LIMITS.records);
        assert!(sample.frames().count() <= LIMITS.records);
    }
}
