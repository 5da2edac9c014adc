//! Ticks out of what a session hands out.

use std::collections::HashMap;
use std::sync::Arc;

use snapshot::{
    Census, Cohort, FrameId, LabelSetId, MemoryStatistics, Processor, Scheduler, StackId, StackState,
    StringId, Tables,
};

use crate::process::ProcessKey;
use crate::stack::{Frame, Labels, Stack};
use crate::tick::{Count, Measure, MeasureKind, Place, Tick};

/// The measure that has the number of goroutines without the runtime's own.
pub const GOROUTINES: &str = "goroutines";
/// The measure that has the number of the runtime's own.
pub const RUNTIME_GOROUTINES: &str = "runtime_goroutines";

/// What makes a stack of ours: frames, creator, whether the runtime's own.
type StackKey = (StackId, Option<FrameId>, bool);

/// Makes ticks of one session's censuses. Stacks and labels that were translated once are remembered as long as the
/// session's tables stay what they are ([`Census::generation`]), so that a tick costs what is new in it.
#[derive(Debug, Default)]
pub struct Translator {
    generation: Option<u64>,
    strings: HashMap<StringId, Arc<str>>,
    stacks: HashMap<StackKey, Arc<Stack>>,
    labels: HashMap<LabelSetId, Arc<Labels>>,
}

impl Translator {
    /// Nothing is remembered yet.
    pub fn new() -> Translator {
        Translator::default()
    }

    /// The tick of a census: its counts, and the measures of scheduler and memory that it has. Others (of the control
    /// group) may be added to [`Tick::measures`]. A census of a snapshot ([`snapshot::Snapshot::census`]) takes a
    /// translator of its own.
    ///
    /// `counts_only` says that statuses were all that was asked for.
    pub fn tick(&mut self, census: &Census<'_>, process: &ProcessKey, counts_only: bool) -> Tick {
        if self.generation != Some(census.generation) {
            *self = Translator { generation: Some(census.generation), ..Translator::default() };
        }
        let cohorts = census.cohorts.iter();
        let counts = cohorts.map(|(cohort, count)| self.count(census.tables, cohort, *count)).collect();
        let mut measures = Vec::new();
        add_goroutines(census, &mut measures);
        if let Some(scheduler) = &census.scheduler {
            add_scheduler(scheduler, &mut measures);
        }
        if let Some(memory) = &census.memory {
            add_memory(memory, &mut measures);
        }
        // Only these are goroutines; other gaps are parts of some.
        let unread = census.gaps.iter().filter(|gap| gap.subject == snapshot::GapSubject::Goroutine);
        Tick {
            process: process.clone(),
            at_ms: census.taken_at_unix_ms,
            counts,
            measures,
            counts_only,
            unread: unread.map(|gap| gap.count).sum(),
        }
    }

    fn count(&mut self, tables: &Tables, cohort: &Cohort, count: u64) -> Count {
        let place = match cohort.stack_state {
            StackState::Saved | StackState::Sampled | StackState::BlockedThread => {
                Place::Stack(self.stack(tables, (cohort.stack, cohort.created_by, cohort.is_runtime)))
            }
            StackState::Running
            | StackState::Secret
            | StackState::NotTaken
            | StackState::Torn
            | StackState::Unreadable => Place::NotTaken,
        };
        Count {
            place,
            status: cohort.status,
            wait_reason: cohort.wait_reason.map(|reason| self.string(tables, reason)),
            labels: self.labels(tables, cohort.labels),
            count,
        }
    }

    fn string(&mut self, tables: &Tables, id: StringId) -> Arc<str> {
        Arc::clone(self.strings.entry(id).or_insert_with(|| tables.text(id).into()))
    }

    fn stack(&mut self, tables: &Tables, key: StackKey) -> Arc<Stack> {
        if let Some(stack) = self.stacks.get(&key) {
            return Arc::clone(stack);
        }
        let (id, created_by, is_runtime) = key;
        let frames = tables.frames_of(id).map(|frame| self.frame(tables, frame)).collect();
        let creator = created_by.and_then(|id| tables.frames.get(id));
        let created_by = creator.map(|frame| self.frame(tables, frame));
        let complete = tables.stacks.get(id).is_some_and(|stack| stack.complete);
        let stack = Arc::new(Stack { frames, complete, created_by, is_runtime });
        self.stacks.insert(key, Arc::clone(&stack));
        stack
    }

    fn frame(&mut self, tables: &Tables, frame: &snapshot::Frame) -> Frame {
        Frame {
            function: self.string(tables, frame.function),
            file: self.string(tables, frame.file),
            line: frame.line,
            inlined: frame.inlined,
            role: frame.role,
        }
    }

    fn labels(&mut self, tables: &Tables, id: LabelSetId) -> Arc<Labels> {
        if let Some(labels) = self.labels.get(&id) {
            return Arc::clone(labels);
        }
        let pairs = tables.label_sets.get(id).into_iter().flat_map(|set| set.0.iter());
        let pairs = pairs.map(|&(key, value)| (self.string(tables, key), self.string(tables, value)));
        let labels = Arc::new(Labels(pairs.collect()));
        self.labels.insert(id, Arc::clone(&labels));
        labels
    }
}

/// Adds a measure if it is known.
fn add(measures: &mut Vec<Measure>, name: &str, kind: MeasureKind, value: Option<u64>) {
    let value = value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
    measures.extend(value.map(|value| Measure { name: name.into(), kind, value }));
}

/// How many there are of the program, and of its runtime: counts by state and reason do not tell these apart.
fn add_goroutines(census: &Census<'_>, measures: &mut Vec<Measure>) {
    let sum = |is_runtime: bool| {
        let of_these = census.cohorts.iter().filter(|(cohort, _)| cohort.is_runtime == is_runtime);
        Some(of_these.map(|(_, count)| count).sum())
    };
    add(measures, GOROUTINES, MeasureKind::Gauge, sum(false));
    add(measures, RUNTIME_GOROUTINES, MeasureKind::Gauge, sum(true));
}

/// The names are a contract: histories have them.
fn add_scheduler(scheduler: &Scheduler, measures: &mut Vec<Measure>) {
    let mut gauge = |name, value| add(measures, name, MeasureKind::Gauge, value);
    gauge("sched_processors", Some(scheduler.processors.len() as u64));
    gauge("sched_idle_processors", Some(scheduler.idle_processors.into()));
    gauge("sched_machines", Some(scheduler.machine_count.unwrap_or(scheduler.machines.len() as u64)));
    gauge("sched_idle_machines", Some(scheduler.idle_machines.into()));
    gauge("sched_idle_locked_machines", scheduler.idle_locked_machines.map(u64::from));
    gauge("sched_spinning_machines", Some(scheduler.spinning_machines.into()));
    gauge("sched_global_run_queue", Some(scheduler.global_run_queue.into()));
    gauge("sched_local_run_queues", Some(scheduler.locally_queued()));
    gauge("sched_gc_waiting", Some(scheduler.gc_waiting.into()));
    gauge("sched_descriptors", Some(scheduler.descriptors));
    let sum =
        |value: fn(&Processor) -> Option<u64>| scheduler.processors.iter().map(value).sum::<Option<u64>>();
    gauge("sched_timers", sum(|processor| processor.timers));
    gauge("sched_free_goroutines", sum(|processor| processor.free_goroutines.map(u64::from)));
    let mut counter = |name, value| add(measures, name, MeasureKind::Counter, value);
    counter("sched_goroutines_created", scheduler.goroutines_created);
    counter("sched_goroutine_id_limit", Some(scheduler.goroutine_id_limit));
}

fn add_memory(memory: &MemoryStatistics, measures: &mut Vec<Measure>) {
    let mut gauge = |name, value| add(measures, name, MeasureKind::Gauge, value);
    gauge("heap_alloc_bytes", memory.heap_alloc_bytes);
    gauge("heap_in_use_bytes", memory.heap_in_use_bytes);
    gauge("heap_idle_bytes", memory.heap_idle_bytes);
    gauge("heap_released_bytes", memory.heap_released_bytes);
    gauge("heap_goal_bytes", memory.heap_goal_bytes);
    gauge("stack_in_use_bytes", memory.stack_in_use_bytes);
    gauge("memory_limit_bytes", memory.memory_limit_bytes);
    gauge("gc_pause_last_ns", memory.gc_pause_last_ns);
    let mut counter = |name, value| add(measures, name, MeasureKind::Counter, value);
    counter("heap_mallocs", memory.mallocs);
    counter("heap_frees", memory.frees);
    counter("gc_cycles", memory.gc_cycles);
    counter("gc_pause_total_ns", memory.gc_pause_total_ns);
}
