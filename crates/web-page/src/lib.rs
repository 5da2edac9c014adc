//! The page that the agent serves, inside the binary: nothing has to be installed beside it, and it asks nobody else for
//! anything.
//!
//! Its sources are in `web/`. Whoever builds with `make` has it; a plain `cargo build` has it if `scripts/web-page build`
//! has run before, and is a gostat without a page otherwise ([`is_built`]).

#![forbid(unsafe_code)]

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Where it is, relative to where the page is served: `assets/index-4f2a.js`.
    pub path: &'static str,
    /// For `Content-Type`.
    pub media_type: &'static str,
    /// For `ETag`, quotes included.
    pub tag: &'static str,
    /// What it contains, packed by gzip.
    pub gzip: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// Whether the name changes when the contents do, so that it may be kept for ever.
    pub fn is_immutable(&self) -> bool {
        self.path.starts_with("assets/")
    }
}

/// Whether this binary has a page.
pub fn is_built() -> bool {
    asset("index.html").is_some()
}

/// The file at a path; `None` if there is none.
pub fn asset(path: &str) -> Option<&'static Asset> {
    let index = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_path() {
        if !is_built() {
            eprintln!("SKIPPED: this build has no page: run scripts/web-page build first");
            return;
        }
        for one in ASSETS {
            assert_eq!(asset(one.path).map(|found| found.tag), Some(one.tag));
            assert!(one.gzip.starts_with(&[0x1f, 0x8b]), "{}", one.path);
        }
        assert!(asset("index.html").is_some_and(|index| !index.is_immutable()));
        assert!(asset("../index.html").is_none() && asset("").is_none());
    }
}
