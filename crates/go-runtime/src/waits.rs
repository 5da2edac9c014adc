//! What blocked goroutines wait on: from sudogs to channels, and to what semaphores are part of.
//!
//! Pointers are followed in rounds, each one batch of reads for many goroutines. What was found counts only
//! if the goroutine's header is the same afterwards.

use go_binary::Bytes;
use process_memory::ProcessMemory;
use rustc_hash::FxHashMap;
use snapshot::{Address, Channel, GapCause, GapSubject, WaitDirection, WaitObject, WaitObjectKind};

use crate::awaited::{Awaited, named_only};
use crate::bulk::Batch;
use crate::context::Context;
use crate::header::Header;
use crate::semaphores;
use crate::sweep::Seen;

/// Goroutines of one round: small, so that little time passes until their headers are checked.
const ROUND: usize = 1024;

/// A link of a goroutine's list of sudogs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sudog {
    at: Address,
    prev: Address,
    pub(crate) elem: Address,
    channel: Address,
}

/// A channel, and the first sudogs of its two queues.
#[derive(Debug, Clone, Copy)]
struct ReadChannel {
    state: Channel,
    receivers: Address,
    senders: Address,
}

/// The objects of each goroutine, by its index.
pub(crate) type Found = FxHashMap<usize, Vec<WaitObject>>;

impl<M: ProcessMemory> Context<'_, M> {
    /// Finds what the parked ones among `goroutines` wait on.
    pub(crate) fn find_wait_objects(&mut self, goroutines: &[Seen]) -> Found {
        let mut found = Found::default();
        let mut candidates: Vec<(usize, Awaited)> = Vec::new();
        for (index, goroutine) in goroutines.iter().enumerate().filter(|(_, g)| g.header.is_parked()) {
            let reason = self.words.reasons.words.get(usize::from(goroutine.header.wait_reason));
            match reason.and_then(|reason| Awaited::by(reason)) {
                Some(awaited) if awaited.by_sudog() => candidates.push((index, awaited)),
                Some(awaited) => {
                    found.insert(index, vec![named_only(awaited, &goroutine.header)]);
                }
                None => {}
            }
        }
        let by_table = |(_, awaited): &(usize, Awaited)| matches!(awaited, Awaited::Semaphore(_));
        let named = self.program.fields.sudog.semaphores_named;
        let table = if !named && candidates.iter().any(by_table) {
            semaphores::read(self.program, self.memory, self.limits, self.gaps)
        } else {
            FxHashMap::default()
        };
        let mut channels = FxHashMap::default();
        for round in candidates.chunks(ROUND) {
            self.take_round(goroutines, round, &table, &mut channels, &mut found);
        }
        found
    }

    fn take_round(
        &mut self,
        goroutines: &[Seen],
        round: &[(usize, Awaited)],
        table: &FxHashMap<Address, Address>,
        channels: &mut FxHashMap<Address, ReadChannel>,
        found: &mut Found,
    ) {
        let mut batch = Batch::default();
        let headers: Vec<(usize, Awaited, Header)> =
            round.iter().filter_map(|&(i, awaited)| Some((i, awaited, goroutines.get(i)?.header))).collect();
        let sudogs = self.read_sudogs(&mut batch, &headers);
        self.read_channels(&mut batch, sudogs.values().flatten(), channels);
        let mut objects: Vec<(usize, Header, Result<Vec<WaitObject>, GapCause>)> = Vec::new();
        for (index, awaited, header) in headers {
            let links = sudogs.get(&index).map(Vec::as_slice).unwrap_or_default();
            let seen = match awaited {
                Awaited::Semaphore(how) => {
                    let elem = links.first().map(|link| link.elem).or_else(|| table.get(&header.at).copied());
                    let how = goroutines.get(index).map_or(how, |g| self.semaphore_use(how, g));
                    elem.ok_or(GapCause::Torn).map(|elem| vec![self.semaphore(how, elem, &header)])
                }
                Awaited::Cond => Ok(vec![self.cond(links.first(), &header)]),
                Awaited::Channel(way) => self.channel_objects(links, Some(way), channels),
                // It has cases, but their channels are all nil: it is on no queue, and nothing can wake it either.
                Awaited::Select if header.waiting.is_null() => {
                    Ok(vec![named_only(Awaited::EmptySelect, &header)])
                }
                _ => self.channel_objects(links, None, channels),
            };
            objects.push((index, header, seen));
        }
        // The check: everything above belongs to the same park only if nothing moved.
        batch.clear();
        let slots: Vec<_> =
            batch.push_each(objects.iter().map(|(_, header, _)| header.at), self.program.fields.g.size);
        batch.read(self.memory);
        for ((index, header, seen), slot) in objects.into_iter().zip(slots) {
            let now = batch.get(slot).ok();
            let now = now.and_then(|bytes| Header::decode(bytes, header.at, &self.program.fields.g));
            let still = now.is_some_and(|now| header.unmoved_and_waiting_alike(&now));
            match seen {
                Ok(seen) if still => {
                    found.insert(index, seen);
                }
                seen => {
                    let cause = seen.err().filter(|_| still).unwrap_or(GapCause::Torn);
                    self.gaps.add(GapSubject::WaitObject, cause, Some(header.id), Some(header.at));
                }
            }
        }
    }

    /// The sudogs of each goroutine, in the order of its own list. One that cannot be followed to its end is
    /// left out.
    fn read_sudogs(
        &mut self,
        batch: &mut Batch,
        headers: &[(usize, Awaited, Header)],
    ) -> FxHashMap<usize, Vec<Sudog>> {
        let fields = &self.program.fields.sudog;
        let mut lists: FxHashMap<usize, Vec<Sudog>> = FxHashMap::default();
        // The list of a semaphore's sudog is not the goroutine's: it leads to the others that wait there.
        let one_only = |awaited: &Awaited| matches!(awaited, Awaited::Semaphore(_) | Awaited::Cond);
        let mut open: Vec<(usize, Address, Address, bool)> = headers
            .iter()
            .map(|(i, awaited, header)| (*i, header.at, header.waiting, one_only(awaited)))
            .collect();
        for _ in 0..=self.limits.select_cases_max {
            open.retain(|(.., next, _)| !next.is_null());
            if open.is_empty() {
                return lists;
            }
            batch.clear();
            let slots: Vec<_> = open.iter().map(|(.., at, _)| batch.push(*at, fields.size)).collect();
            batch.read(self.memory);
            for ((index, goroutine, next, only), slot) in open.iter_mut().zip(slots) {
                let sudog =
                    batch.get(slot).ok().filter(|sudog| sudog.address_at(fields.g) == Some(*goroutine));
                let Some(sudog) = sudog else {
                    lists.remove(index);
                    *next = Address::NULL;
                    continue;
                };
                let field = |at| sudog.address_at(at).unwrap_or_default();
                let (prev, elem, channel) = (field(fields.prev), field(fields.elem), field(fields.channel));
                let list = lists.entry(*index).or_default();
                list.push(Sudog { at: *next, prev, elem, channel });
                *next = if *only { Address::NULL } else { field(fields.wait_link) };
                if leads_back(list, *next) {
                    lists.remove(index);
                    *next = Address::NULL;
                }
            }
        }
        for (index, ..) in open {
            lists.remove(&index);
        }
        lists
    }

    /// Reads the channels that are not known yet. Many goroutines wait on few channels.
    fn read_channels<'s>(
        &mut self,
        batch: &mut Batch,
        sudogs: impl Iterator<Item = &'s Sudog>,
        channels: &mut FxHashMap<Address, ReadChannel>,
    ) {
        let fields = &self.program.fields.channel;
        let mut wanted: Vec<Address> = sudogs.map(|sudog| sudog.channel).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|at| !at.is_null() && !channels.contains_key(at));
        batch.clear();
        let slots = batch.push_each(wanted.iter().copied(), fields.size);
        batch.read(self.memory);
        for (at, slot) in wanted.into_iter().zip(slots) {
            let Ok(bytes) = batch.get(slot) else { continue };
            let word = |at| bytes.u64_at(at).unwrap_or_default();
            let state = Channel {
                len: word(fields.count),
                cap: word(fields.capacity),
                element_size: bytes.u16_at(fields.element_size).unwrap_or_default(),
                closed: bytes.u32_at(fields.closed).is_some_and(|closed| closed != 0),
                timer: fields.timer.is_some_and(|at| word(at) != 0),
            };
            // What cannot be a channel's numbers were not a channel's bytes.
            if state.len <= state.cap {
                let (receivers, senders) = (Address(word(fields.receivers)), Address(word(fields.senders)));
                channels.insert(at, ReadChannel { state, receivers, senders });
            }
        }
    }

    fn channel_objects(
        &self,
        links: &[Sudog],
        way: Option<WaitDirection>,
        channels: &FxHashMap<Address, ReadChannel>,
    ) -> Result<Vec<WaitObject>, GapCause> {
        if links.is_empty() {
            return Err(GapCause::Torn);
        }
        links
            .iter()
            .map(|link| {
                let address = link.channel;
                let channel = channels.get(&address).ok_or(GapCause::Unreadable)?;
                let way = way.or_else(|| self.direction(link, channel)).ok_or(GapCause::Torn)?;
                Ok(WaitObject { kind: WaitObjectKind::Channel(way, channel.state), address })
            })
            .collect()
    }

    /// Which queue of its channel a sudog of a `select` is on: nearly always only one is not empty; else
    /// the head of its own queue tells.
    fn direction(&self, link: &Sudog, channel: &ReadChannel) -> Option<WaitDirection> {
        match (channel.receivers.is_null(), channel.senders.is_null()) {
            (false, true) => return Some(WaitDirection::Receive),
            (true, false) => return Some(WaitDirection::Send),
            (true, true) => return None,
            (false, false) => {}
        }
        let (mut head, mut prev, mut earlier) = (link.at, link.prev, link.at);
        for step in 1..=self.limits.select_cases_max {
            if prev.is_null() {
                break;
            }
            // A circle, found as in `leads_back`.
            if prev == earlier {
                return None;
            }
            if step.is_power_of_two() {
                earlier = prev;
            }
            let bytes =
                process_memory::ReadValues::read_vec(self.memory, prev, self.program.fields.sudog.size);
            (head, prev) = (prev, bytes.ok()?.address_at(self.program.fields.sudog.prev)?);
        }
        match head {
            head if head == channel.receivers => Some(WaitDirection::Receive),
            head if head == channel.senders => Some(WaitDirection::Send),
            _ => None,
        }
    }
}

/// Whether a list that goes on at `next` is a circle: it is compared with one earlier link, a later one each
/// time that the length has doubled (Brent).
fn leads_back(list: &[Sudog], next: Address) -> bool {
    let doubled = 1_usize << list.len().max(1).ilog2();
    list.get(doubled - 1).is_some_and(|earlier| earlier.at == next)
}
