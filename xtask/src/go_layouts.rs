//! `go-layouts`: measures Go releases and enters them into the layout table of `go-binary`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use go_binary::layout::encoding::{Measured, MinorFile};
use go_binary::layout::{Architecture, Layouts, Release, dwarf};

const PROGRAM: &str = include_str!("go_layouts/program.go");
const MODULE: &str = "module layouts\n\ngo 1.19\n";
const ARCHITECTURES: [Architecture; 2] = [Architecture::Amd64, Architecture::Arm64];

/// Measure Go releases and enter them into the layout table.
///
/// Builds a small program with each release's own toolchain, which is fetched if it is not here,
/// for each architecture, and reads the layouts from its DWARF.
#[derive(Debug, Args)]
pub(crate) struct GoLayouts {
    /// Releases to measure, such as 1.23.4
    #[arg(required_unless_present = "all_patches")]
    versions: Vec<Release>,
    /// Cover every patch of a minor release such as 1.23: measure the first and the newest, and between
    /// patches that differ as many as it takes to find where they do
    #[arg(long, value_name = "MINOR")]
    all_patches: Vec<Release>,
    /// Measure what is in the table already as well: for when it is to keep more than it did
    #[arg(long)]
    again: bool,
}

impl GoLayouts {
    pub(crate) fn run(self) -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the repository")?;
        for version in self.versions {
            let patch = version.patch.context("only numbered releases are in the table")?;
            let mut minor = Minor::open(root, version.minor)?;
            if self.again {
                minor.measured.retain(|(_, known), _| *known != patch);
            }
            minor.measure(patch)?;
        }
        for version in self.all_patches {
            let mut minor = Minor::open(root, version.minor)?;
            if self.again {
                minor.measured.clear();
            }
            minor.measure_all()?;
        }
        Ok(())
    }
}

/// What is measured of one minor release.
struct Minor {
    root: PathBuf,
    minor: u16,
    measured: Measured,
    /// Patches that there may be, but that could not be had.
    missing: BTreeSet<u16>,
}

impl Minor {
    fn open(root: &Path, minor: u16) -> Result<Minor> {
        let path = table(root).join(format!("go1.{minor}.json"));
        let measured = if path.exists() {
            let file = MinorFile::parse(&std::fs::read_to_string(&path)?)
                .with_context(|| format!("cannot parse {}", path.display()))?;
            file.measured().with_context(|| format!("{} contradicts itself", path.display()))?
        } else {
            Measured::new()
        };
        Ok(Minor { root: root.to_owned(), minor, measured, missing: BTreeSet::new() })
    }

    /// Measures a patch release and writes the table, unless it is already in.
    fn measure(&mut self, patch: u16) -> Result<()> {
        let version = format!("1.{}.{patch}", self.minor);
        if ARCHITECTURES.iter().all(|arch| self.measured.contains_key(&(*arch, patch))) {
            message(&format!("go {version}: already measured"));
            return Ok(());
        }
        let layouts =
            build_and_read(&self.root, &version).with_context(|| format!("cannot measure go {version}"))?;
        for (arch, layouts) in layouts {
            message(&format!(
                "go {version} {arch}: {} types, {} constants",
                layouts.types.len(),
                layouts.constants.len()
            ));
            self.measured.insert((arch, patch), layouts);
        }
        self.write()
    }

    /// Measures the first and the newest patch, and what lies between until each two neighbours
    /// among the measured are equal or follow each other.
    fn measure_all(&mut self) -> Result<()> {
        let newest = script(&self.root, &["--newest", &format!("1.{}", self.minor)])?;
        let newest = newest.parse::<Release>().ok().and_then(|release| release.patch);
        self.measure(0)?;
        self.measure(newest.context("the newest patch has no number")?)?;
        while let Some(patch) = self.undecided() {
            // Some proxies do not have every patch: then its neighbours narrow it down.
            if let Err(error) = self.measure(patch) {
                message(&format!("go 1.{}.{patch}: left out: {error:#}", self.minor));
                self.missing.insert(patch);
            }
        }
        Ok(())
    }

    /// A patch about halfway between two that differ.
    fn undecided(&self) -> Option<u16> {
        ARCHITECTURES.iter().find_map(|wanted| {
            let patches: Vec<_> = self.measured.iter().filter(|((arch, _), _)| arch == wanted).collect();
            patches.windows(2).find_map(|pair| match pair {
                [((_, low), before), ((_, high), after)] if before != after => {
                    let between = (low + 1..*high).filter(|patch| !self.missing.contains(patch));
                    between.min_by_key(|patch| patch.abs_diff(low.midpoint(*high)))
                }
                _ => None,
            })
        })
    }

    fn write(&self) -> Result<()> {
        let directory = table(&self.root);
        let json = MinorFile::of_measured(self.minor, &self.measured).to_json()?;
        std::fs::write(directory.join(format!("go1.{}.json", self.minor)), json)?;
        embed(&self.root)
    }
}

fn table(root: &Path) -> PathBuf {
    root.join("crates/go-binary/layouts")
}

/// Writes the module that embeds the files, from the files that there are.
fn embed(root: &Path) -> Result<()> {
    let mut minors = BTreeMap::new();
    for entry in std::fs::read_dir(table(root))? {
        let name = entry?.file_name().into_string().ok().context("a file name in the table is no text")?;
        let minor = name.strip_prefix("go1.").and_then(|rest| rest.strip_suffix(".json"));
        let minor: u16 =
            minor.and_then(|minor| minor.parse().ok()).with_context(|| format!("stray file {name}"))?;
        minors.insert(minor, name);
    }
    let mut text = String::from(
        "//! The files of the layout table, by minor release. Generated by `cargo run -p xtask -- go-layouts`.\n\n\
         /// In ascending order.\npub(super) const MINORS: &[(u16, &str)] = &[\n",
    );
    for (minor, name) in minors {
        text.push_str(&format!("    ({minor}, include_str!(\"../../layouts/{name}\")),\n"));
    }
    text.push_str("];\n");
    Ok(std::fs::write(root.join("crates/go-binary/src/layout/embedded.rs"), text)?)
}

/// Runs `scripts/go-toolchain` and returns what it printed.
fn script(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(root.join("scripts/go-toolchain"))
        .args(arguments)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run scripts/go-toolchain")?;
    if !output.status.success() {
        bail!("scripts/go-toolchain {} failed", arguments.join(" "));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Builds the program for each architecture with the toolchain of a release, and reads its DWARF.
fn build_and_read(root: &Path, version: &str) -> Result<Vec<(Architecture, Layouts)>> {
    let goroot = script(root, &[version])?;
    let work = tempfile::tempdir()?;
    std::fs::write(work.path().join("main.go"), PROGRAM)?;
    std::fs::write(work.path().join("go.mod"), MODULE)?;
    let mut all = Vec::new();
    for arch in ARCHITECTURES {
        let output = Command::new(Path::new(&goroot).join("bin/go"))
            .args(["build", "-p=1", "-o", "program", "."])
            .current_dir(work.path())
            // The settings of whoever runs this must not reach the layouts.
            .env_remove("GOROOT")
            .env_remove("GOEXPERIMENT")
            .env("GOENV", "off")
            .env("GOFLAGS", "")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .env("GO111MODULE", "on")
            .env("CGO_ENABLED", "0")
            .env("GOOS", "linux")
            .env("GOARCH", arch.goarch())
            // Compiled packages of dozens of releases would pile up in the ordinary one.
            .env("GOCACHE", work.path().join("cache"))
            .output()
            .with_context(|| format!("cannot run the go command of {goroot}"))?;
        if !output.status.success() {
            bail!("go build for {arch} failed:\n{}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        let layouts = dwarf::from_executable(&std::fs::read(work.path().join("program"))?)?;
        if layouts.constant("runtime._Gwaiting").is_none() || layouts.label_form().is_none() {
            bail!("the program's DWARF for {arch} lacks constants or types that every release has");
        }
        all.push((arch, layouts));
    }
    Ok(all)
}

#[expect(clippy::print_stderr, reason = "progress of a tool that may run for minutes")]
fn message(text: &str) {
    eprintln!("{text}");
}
