//! From a program's sources to an executable.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use snapshot::Architecture;

use crate::build_cache;
use crate::derived::{self, Source};
use crate::error::TargetError;
use crate::prerequisite::Prerequisite;
use crate::program::Program;
use crate::release::GoRelease;
use crate::variant::Variant;

/// A program to build, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Build {
    /// Which.
    pub program: Program,
    /// With which Go release.
    pub release: GoRelease,
    /// In which way.
    pub variant: Variant,
    /// For which processors.
    pub architecture: Architecture,
}

/// A program that has been built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// What it was built from.
    pub build: Build,
    /// The file with the Go runtime in it: the executable, or the library of a c-shared build. Where an
    /// emulator runs it, `/proc/PID/exe` is the emulator and not this.
    pub executable: PathBuf,
    /// What to start, with its first arguments.
    pub command: Vec<PathBuf>,
}

impl Build {
    /// A build for amd64.
    pub const fn amd64(program: Program, release: GoRelease, variant: Variant) -> Self {
        Build { program, release, variant, architecture: Architecture::Amd64 }
    }

    /// A build for arm64, to be run by an emulator.
    pub const fn arm64(program: Program, release: GoRelease, variant: Variant) -> Self {
        Build { program, release, variant, architecture: Architecture::Arm64 }
    }

    /// Whether there is such a thing: not every program goes with every variant, release and architecture.
    pub fn exists(&self) -> bool {
        self.program.has(self.variant)
            && self.program.exists_in(self.release)
            && self.variant.exists_for(self.architecture)
    }

    /// The tool that this build needs and this machine lacks.
    pub fn missing_prerequisite(&self) -> Option<Prerequisite> {
        Prerequisite::of(self).filter(|tool| tool.find().is_none())
    }

    /// As [`Build::build`], but `None`, with a line on standard error that says so, where the machine lacks
    /// a tool for it.
    ///
    /// # Errors
    /// As [`Build::build`].
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen, and tests have no other output")]
    pub fn build_or_skip(&self) -> Result<Option<Built>, TargetError> {
        if let Some(missing) = self.missing_prerequisite() {
            eprintln!("SKIPPED: {self}: this machine lacks {missing}");
            return Ok(None);
        }
        self.build().map(Some)
    }

    /// Builds it, unless that has been done before.
    ///
    /// # Errors
    /// When the Go release cannot be had, when it does not compile, when the cache cannot be written.
    pub fn build(&self) -> Result<Built, TargetError> {
        let sources = build_cache::repository().join("test-programs");
        let derived = derived::sources(self.program)?;
        let mut folders = vec![sources.join("internal")];
        let mut arguments = self.arguments();
        match &derived {
            Some(derived) => arguments.extend(derived.iter().map(|(_, text)| text.clone())),
            None => folders.push(sources.join(self.program.directory())),
        }
        let prefix = format!("{self}-");
        let fingerprint = build_cache::fingerprint(&folders, &arguments)?;
        let programs = build_cache::programs()?;
        let folder = programs.join(format!("{prefix}{fingerprint:016x}"));
        if !folder.is_dir() {
            let _lock = build_cache::lock(&programs)?;
            // Another process may have built it while we waited.
            if !folder.is_dir() {
                self.build_into(&sources, derived.as_deref(), &folder)?;
                build_cache::remove_old(&programs, &prefix, folder.file_name().unwrap_or_default());
            }
        }
        let executable = folder.join(self.file_name());
        let command = match (self.variant, self.architecture) {
            (Variant::CShared, _) => vec![folder.join("host"), executable.clone()],
            (_, Architecture::Arm64) => vec![Prerequisite::QemuArm64.tool().into(), executable.clone()],
            (_, Architecture::Amd64) => vec![executable.clone()],
        };
        Ok(Built { build: *self, executable, command })
    }

    /// The executable is called like the program, as `go build` would.
    fn file_name(&self) -> String {
        match self.variant {
            Variant::CShared => format!("lib{}.so", self.program.directory()),
            _ => self.program.directory().to_owned(),
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["build".to_owned(), "-buildvcs=false".to_owned()];
        arguments.extend(self.variant.arguments().iter().map(|&argument| argument.to_owned()));
        arguments
    }

    /// Everything is made in a temporary folder that is then renamed: whatever has the final name is whole.
    fn build_into(
        &self,
        sources: &Path,
        derived: Option<&[Source]>,
        folder: &Path,
    ) -> Result<(), TargetError> {
        let parent = folder.parent().unwrap_or(folder);
        let work = tempfile::Builder::new()
            .prefix(".building-")
            .tempdir_in(parent)
            .map_err(TargetError::file(parent))?;
        let go_mod = work.path().join("go.mod");
        // The go line decides over language features and GODEBUG defaults: a program of that release's time.
        let text = format!("module gostat.example/test-programs\n\ngo 1.{}\n", self.release.minor);
        fs::write(&go_mod, text).map_err(TargetError::file(&go_mod))?;

        let mut go = Command::new(self.release.goroot()?.join("bin/go"));
        go.args(self.arguments());
        if let Some(derived) = derived {
            let appear = sources.canonicalize().map_err(TargetError::file(sources))?;
            let overlay =
                derived::write_overlay(derived, work.path(), &appear.join(self.program.directory()))?;
            go.arg(format!("-overlay={}", overlay.display()));
        }
        go.arg(format!("-modfile={}", go_mod.display()))
            .arg("-o")
            .arg(work.path().join(self.file_name()))
            .arg(format!("./{}", self.program.directory()))
            .current_dir(sources)
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .env("GOFLAGS", "")
            .env("GOEXPERIMENT", self.program.experiment(self.release))
            .env("GOARCH", self.architecture.goarch())
            .env("CGO_ENABLED", if self.variant.uses_cgo() { "1" } else { "0" });
        self.run(go)?;
        if self.variant == Variant::CShared {
            let mut compiler = Command::new(Prerequisite::CCompiler.tool());
            compiler
                .arg("-o")
                .arg(work.path().join("host"))
                .arg(sources.join(self.program.directory()).join("host/main.c"))
                .args(["-ldl", "-lpthread"]);
            self.run(compiler)?;
        }
        let work = work.keep();
        fs::rename(&work, folder).map_err(TargetError::file(folder))
    }

    fn run(&self, mut command: Command) -> Result<(), TargetError> {
        let tool = PathBuf::from(command.get_program());
        let output = command.output().map_err(|cause| TargetError::Tool { tool: tool.clone(), cause })?;
        if output.status.success() {
            return Ok(());
        }
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(TargetError::ToolFailed { tool, build: self.to_string(), status: output.status, messages })
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program.directory();
        write!(f, "{program}-go{}-{}-{}", self.release, self.variant.name(), self.architecture)
    }
}
