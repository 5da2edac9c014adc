//! Puts the built page into the binary.
//!
//! `scripts/web-page build` leaves it in the folder `web-page` of the target directory. Where that is empty, the binary
//! has no page, and says so when it is asked for one: Rust alone can build everything else.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let out =
        PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?);
    // TARGET/[TRIPLE/]PROFILE/build/PACKAGE-HASH/out
    let profile =
        out.ancestors().nth(3).ok_or_else(|| io::Error::other("OUT_DIR is not where cargo has it"))?;
    let pages: Vec<PathBuf> =
        profile.ancestors().skip(1).take(2).map(|target| target.join("web-page")).collect();
    let built = pages.iter().find(|page| page.join("index.html").is_file()).or(pages.first());
    let page = built.ok_or_else(|| io::Error::other("there is no target directory"))?;
    // So that cargo sees when something is put there: a folder that does not exist would count as changed every time.
    fs::create_dir_all(page)?;
    println!("cargo::rerun-if-changed={}", page.display());
    let mut files = Vec::new();
    list(page, page, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for (number, name) in files.iter().enumerate() {
        let body = fs::read(page.join(name))?;
        let packed = out.join(format!("{number}.gz"));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&body)?;
        fs::write(&packed, encoder.finish()?)?;
        let (media_type, tag) = (media_type(name)?, crc32fast::hash(&body));
        writeln!(
            table,
            "Asset {{ path: {name:?}, media_type: {media_type:?}, tag: \"\\\"{tag:08x}-{}\\\"\", \
             gzip: include_bytes!({packed:?}) }},",
            body.len()
        )
        .map_err(io::Error::other)?;
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)
}

fn list(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root).map_err(io::Error::other)?;
            files.push(name.to_str().ok_or_else(|| io::Error::other("a file name is not text"))?.to_owned());
        }
    }
    Ok(())
}

fn media_type(name: &str) -> io::Result<&'static str> {
    Ok(match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => return Err(io::Error::other(format!("{name}: nobody knows what kind of file this is"))),
    })
}
