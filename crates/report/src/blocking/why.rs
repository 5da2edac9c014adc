//! Why a goroutine is blocked, as a tree for people.

use std::io;

use analysis::blocking::{BlockingObject, Chain, ChainWait, ChainWaker, Hold, Seen};
use snapshot::{Printable, WaitObjectKind};

use super::BlockingReport;
use super::words::{counted, goroutine_words, object_name, object_state, place_words};
use crate::duration::short_duration;

/// Lines with their place in the tree.
struct Tree {
    text: String,
    /// What begins each line below: a bar where there are more branches.
    indent: String,
}

impl Tree {
    fn line(&mut self, branch: &str, text: &str) {
        self.text.push_str(&self.indent);
        self.text.push_str(branch);
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Writes a branch and what is below it.
    fn branch(&mut self, last: bool, text: &str, below: impl FnOnce(&mut Tree)) {
        self.line(if last { "└─ " } else { "├─ " }, text);
        let len = self.indent.len();
        self.indent.push_str(if last { "   " } else { "│  " });
        below(self);
        self.indent.truncate(len);
    }
}

impl BlockingReport<'_> {
    /// Writes the tree that begins at a goroutine.
    ///
    /// ```text
    /// goroutine 19 [sync.Mutex.Lock] main.b /src/main.go:12
    /// └─ waits for mutex 0xc000012345 (locked, 1 goroutine waits)
    ///    └─ goroutine 18 [chan receive] main.a /src/main.go:7
    ///       probably holds it: main.a /src/main.go:7 stands between Lock and Unlock
    ///       └─ …
    /// ```
    ///
    /// Fails only if `out` does.
    pub fn write_why(&self, chain: &Chain, out: &mut impl io::Write) -> io::Result<()> {
        let mut tree = Tree { text: String::new(), indent: String::new() };
        let text = self.goroutine_line(chain);
        tree.line("", &text);
        self.below(&mut tree, chain);
        for deadlock in self.deadlocks.iter().filter(|d| d.goroutines.binary_search(&chain.goroutine).is_ok())
        {
            tree.line("", "");
            let members = deadlock.goroutines.iter().filter_map(|at| self.graph.goroutine(*at));
            let ids: Vec<String> = members.take(20).map(|goroutine| goroutine.id.0.to_string()).collect();
            let more = if deadlock.goroutines.len() > 20 { " ..." } else { "" };
            let guess = if deadlock.probable { ", if the probable holders are the holders" } else { "" };
            let count = counted(deadlock.goroutines.len() as u64, "goroutine");
            tree.line("", &format!("deadlock of {count}{guess}: {}{more}", ids.join(" ")));
        }
        if self.graph.references.missing > 0 {
            let missing = self.graph.references.missing;
            tree.line(
                "",
                &format!("{missing} pieces of memory could not be copied: somebody may be missing here"),
            );
        }
        if let Some(frozen) = self.frozen_us {
            tree.line("", &format!("the process stood still for {}", micros(frozen)));
        }
        out.write_all(tree.text.as_bytes())
    }

    fn goroutine_line(&self, chain: &Chain) -> String {
        let Some(goroutine) = self.graph.goroutine(chain.goroutine) else { return String::new() };
        let mut text = goroutine_words(self.graph.snapshot, goroutine);
        if let Some((_, confirmed)) = self.deadlock_of(chain.goroutine) {
            text += if confirmed { "  ** deadlock, confirmed **" } else { "  ** deadlock, not confirmed **" };
        }
        match chain.seen {
            Some(Seen::OnPath) => text += "  (back to above: a circle)",
            Some(Seen::Elsewhere) => text += "  (see above)",
            None if chain.cut => text += "  (more is left out: see gostat why for this one)",
            None => {}
        }
        text
    }

    fn below(&self, tree: &mut Tree, chain: &Chain) {
        let several = chain.waits.len() > 1;
        if chain.seen.is_none() && !chain.cut && self.graph.is_unread(chain.goroutine) {
            tree.branch(true, "what it waits for could not be read: it moved meanwhile (look again)", |_| {});
        }
        for (index, wait) in chain.waits.iter().enumerate() {
            let Some(object) = self.graph.objects.get(wait.object) else { continue };
            let text = self.wait_line(chain.goroutine, object, several);
            tree.branch(index + 1 == chain.waits.len(), &text, |tree| self.wakers(tree, object, wait));
        }
    }

    fn wait_line(&self, goroutine: usize, object: &BlockingObject, several: bool) -> String {
        let mut state = object_state(self.graph, object);
        if object.waiters.len() > 1 {
            let place = object.waiters.iter().position(|waiter| *waiter == goroutine);
            let queue = self.graph.references.of(object.object.address);
            let queued = queue.is_some_and(|known| known.queue.len() + known.senders.len() > 1);
            let place = place.filter(|_| queued).map(|place| format!(", this is number {}", place + 1));
            state.push(format!(
                "{} wait{}",
                counted(object.waiters.len() as u64, "goroutine"),
                place.unwrap_or_default()
            ));
        }
        let id = self.graph.goroutine(goroutine).map(|goroutine| goroutine.id).unwrap_or_default();
        if let (true, Some(file)) = (object.is_outside(), self.graph.references.file_of(id)) {
            state.push(format!("file descriptor {file}"));
        }
        let state = if state.is_empty() { String::new() } else { format!(" ({})", state.join(", ")) };
        let to = match object.object.kind {
            WaitObjectKind::Channel(..)
            | WaitObjectKind::UnreadableChannel(_)
            | WaitObjectKind::NilChannel(_)
            | WaitObjectKind::RwMutex { .. } => "to",
            WaitObjectKind::EmptySelect => "in a",
            _ => "for",
        };
        let waits = if several { "waits, among others," } else { "waits" };
        format!("{waits} {to} {}{state}", object_name(object))
    }

    fn wakers(&self, tree: &mut Tree, object: &BlockingObject, wait: &ChainWait) {
        let others = self.others(object, wait);
        for (index, waker) in wait.wakers.iter().enumerate() {
            let last = index + 1 == wait.wakers.len() && others.is_none();
            let text = self.goroutine_line(&waker.chain);
            tree.branch(last, &text, |tree| {
                let why = self.waker_line(object, waker);
                tree.line("", &why);
                self.below(tree, &waker.chain);
            });
        }
        if let Some(others) = others {
            tree.branch(true, &others, |_| {});
        }
    }

    fn waker_line(&self, object: &BlockingObject, waker: &ChainWaker) -> String {
        let snapshot = self.graph.snapshot;
        let what = match waker.waker.hold {
            hold if hold.is_probable() => "probably holds it: ",
            Hold::PendingWriter => "",
            _ if object.is_lock() => "",
            _ => "could end it: ",
        };
        let frame = waker.waker.frame.and_then(|id| snapshot.tables.frames.get(id));
        let frame = frame.map(|frame| format!("{} ", place_words(snapshot, frame)));
        let mut text = format!("{what}{}{}", frame.unwrap_or_default(), waker.waker.hold.sentence());
        if waker.waker.depth > 0 {
            text += &format!(", by way of {}", counted(waker.waker.depth.into(), "object"));
        }
        if waker.alike > 0 {
            let ids: Vec<String> = waker.alike_ids.iter().map(|id| id.0.to_string()).collect();
            let more = if waker.alike > ids.len() as u64 { " ..." } else { "" };
            text += &format!("; so do {} more like it ({}{more})", waker.alike, ids.join(" "));
        }
        text
    }

    /// What is to be said of those who are not shown.
    fn others(&self, object: &BlockingObject, wait: &ChainWait) -> Option<String> {
        let mut words = Vec::new();
        if wait.left_out > 0 {
            words.push(format!("{} that could end it", counted(wait.left_out, "more goroutine")));
        }
        let known = self.graph.references.of(object.object.address).is_some();
        let asked = !object.object.address.is_null() && !object.is_lock() && !object.is_outside();
        if let (true, Some(variable)) = (asked, object.variables.first()) {
            let name = self.graph.references.name_of(*variable).map(|name| format!(" {}", Printable(name)));
            words.push(format!("anybody by the variable{} at {variable}", name.unwrap_or_default()));
        } else if asked && known && !object.complete {
            words.push("perhaps others: the search came to its bounds".into());
        }
        if words.is_empty() && wait.wakers.is_empty() {
            match object.object.kind {
                _ if object.object.address.is_null() || object.is_outside() => return None,
                _ if !known => words.push("nothing is known of who refers to it".into()),
                _ if object.is_lock() => {
                    words.push(match object.had_it.and_then(|at| self.graph.goroutine(at)) {
                        Some(goroutine) => {
                            format!(
                                "it changes hands: goroutine {} had it just now, and waits again",
                                goroutine.id.0
                            )
                        }
                        None => "nobody is found that may hold it".into(),
                    })
                }
                _ => words.push("nobody else refers to it: nothing can end this".into()),
            }
        }
        (!words.is_empty()).then(|| words.join("; "))
    }
}

fn micros(us: u64) -> String {
    if us < 1000 { format!("{us}µs") } else { short_duration(us / 1000) }
}
