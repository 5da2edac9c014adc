//! The tables, and how a file says that it is ours.

/// "gost": what `PRAGMA application_id` of our files says.
pub(super) const APPLICATION_ID: i64 = 0x676f_7374;

/// The version of the tables below and of the coding of blocks. A file with a later one is refused. Of version 1 there is
/// everything but `process.execs`: who executed another program stayed the same process. Of version 2 there is everything
/// but `mark.service`.
pub(super) const VERSION: i64 = 3;

/// All tables but that of processes. `last_block` is the last sealed block that refers to a row; ids are never given out twice, since whoever
/// reads meanwhile may remember one.
pub(super) const TABLES: &str = "
CREATE TABLE tag (
    process INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (process, key)
) WITHOUT ROWID;
CREATE TABLE string (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL UNIQUE,
    last_block INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE stack (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content BLOB NOT NULL UNIQUE,
    last_block INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content BLOB NOT NULL UNIQUE,
    last_block INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE block (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    process INTEGER NOT NULL,
    level INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX block_by_time ON block (process, level, from_ms, to_ms);
CREATE INDEX block_by_age ON block (level, to_ms) WHERE sealed = 1;
CREATE INDEX open_block ON block (process, first_sequence, last_sequence, from_ms, to_ms) WHERE sealed = 0;
CREATE TABLE mark (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    process INTEGER,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    service TEXT
);
CREATE INDEX mark_by_time ON mark (at_ms);
CREATE TABLE finding (
    key TEXT PRIMARY KEY,
    process INTEGER,
    state TEXT NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX finding_by_time ON finding (last_ms);
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
";

/// The table of processes.
pub(super) const PROCESS: &str = "
CREATE TABLE process (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start_ticks INTEGER NOT NULL,
    execs INTEGER NOT NULL DEFAULT 0,
    executable TEXT NOT NULL DEFAULT '',
    command TEXT NOT NULL DEFAULT '',
    go_version TEXT NOT NULL DEFAULT '',
    module TEXT,
    module_version TEXT,
    container_id TEXT,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    ended_how TEXT,
    next_sequence INTEGER NOT NULL DEFAULT 0,
    last_tick_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (boot_id, pid, start_ticks, execs)
);
";

/// Brings a file of version 1 up to date. Ids stay, and none is given out again.
pub(super) const FROM_1: (&str, &str) = (
    "ALTER TABLE process RENAME TO process_1",
    "INSERT INTO process SELECT id, boot_id, pid, start_ticks, 0, executable, command, go_version, module, module_version,
         container_id, first_seen_ms, last_seen_ms, ended_ms, ended_how, next_sequence, last_tick_ms FROM process_1;
     DELETE FROM sqlite_sequence WHERE name = 'process';
     UPDATE sqlite_sequence SET name = 'process' WHERE name = 'process_1';
     DROP TABLE process_1;",
);

/// Brings a file of version 2 up to date. What fired then is written anew, under another key, by who still knows of it.
pub(super) const FROM_2: &str = "ALTER TABLE mark ADD COLUMN service TEXT;
     UPDATE finding SET state = 'resolved' WHERE state = 'firing';";

/// Shows readers of a file of version 1 the tables as they are now: they cannot change it, and the writer that will may
/// come much later.
pub(super) const VIEW_OF_1: &str = "CREATE TEMP VIEW process AS SELECT *, 0 AS execs FROM main.process";

/// The same of marks, for files before version 3.
pub(super) const VIEW_OF_2: &str = "CREATE TEMP VIEW mark AS SELECT *, NULL AS service FROM main.mark";
