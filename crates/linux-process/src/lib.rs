//! Processes, threads and containers as Linux shows them in `/proc`.
//!
//! ```text
//!    "4242" or "api" --> ProcessTable::find --> Process --> stat, status, maps, threads,
//!                                                           cgroups, executable, …
//!    the machine     --> System             --> settings, mounts, our own namespaces
//! ```
//!
//! A [`ProcessTable`] is a `/proc`: the real one, or a directory that looks like one, so that everything
//! here can be tried on processes that never were. A [`Process`] is held by its directory, which the kernel
//! ties to that very process: when it ends, reads fail with [`ProcessError::NoSuchProcess`], even if its
//! pid is given to another one meanwhile.
//!
//! Parsers are public, take bytes and return values; names may contain any bytes (a process chooses its
//! own), so outputs must expect line breaks and escape sequences in them. Every read has a bound.
//!
//! Deliberately absent: anything about Go, and the memory of processes (see the crate process-memory).
//!
//! ```
//! use linux_process::{ProcessTable, container_of};
//!
//! let table = ProcessTable::default();
//! let ourselves = table.open(std::process::id())?;
//! println!("{} has {} threads", ourselves.pid(), ourselves.stat()?.threads);
//! println!("it runs {}", ourselves.executable()?.path.display());
//! println!("in container {:?}", container_of(&ourselves.cgroups()?));
//! # Ok::<(), linux_process::ProcessError>(())
//! ```

#![forbid(unsafe_code)]

mod cgroup;
mod cgroup_figures;
mod container;
mod environment;
mod error;
mod find;
mod maps;
mod mounts;
mod namespaces;
mod parse;
mod process;
mod rest;
mod stat;
mod status;
mod system;
mod table;
mod thread;
mod users;

pub use cgroup::{Cgroup, parse_cgroups, principal_path};
pub use cgroup_figures::{CgroupFigures, CgroupMounts};
pub use container::{Container, ContainerRuntime, container_of};
pub use environment::parse_environment;
pub use error::{ProcessError, Subject};
pub use find::{FindError, NamedProcess};
pub use maps::{Backing, Mapping, Permissions, parse_maps};
pub use mounts::{Mount, parse_mounts};
pub use namespaces::{NamespaceId, Namespaces};
pub use parse::ParseError;
pub use process::{Executable, Process, ProcessIdentity};
pub use rest::Rest;
pub use stat::{Stat, State, parse_stat};
pub use status::{Capabilities, Capability, Status, parse_status};
pub use system::{OwnContainer, System};
pub use table::{ListedPid, ProcessTable};
pub use thread::{Thread, ThreadActivity, UserRegisters, parse_thread_activity};
pub use users::UserNames;
