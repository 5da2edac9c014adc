package main

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	shapes  = 6
	reader  = 5 // The shape whose walkers wait in a system call, so on a thread each.
	readers = 8
)

// How many more times stepN calls itself. The last one makes the stack grow, which the GC shrinks again later.
var depths = [4]int{0, 1, 4, 60}

// What walkers do that come through a gate.
const (
	roam = iota // Go on to any place, or end and leave theirs to a new one.
	turn        // Run often enough for trackingSeq to come round, and wait at the same depth.
	ebb         // End, but for a few.
)

// Departures from running after which a goroutine's trackingSeq, eight bits wide, is what it was.
const round = 256

// A walker is a goroutine that waits in one place after the other.
type walker struct {
	shape  int
	level  int
	depth  int
	byB    bool
	naps   bool
	brief  int // Ends after so many open gates.
	seed   uint32
	at     int // Index of its gate.
	own    *gate
	place  *int64 // Where it is counted while it waits.
	noting *chain
	room   [1]byte
}

var (
	mode     int32
	turns    uint32
	live     int64 // Walkers that are there to stay, readers included.
	briefs   int64 // Walkers that are not.
	moves    int64
	arrivals int64
	bytesDue int64 // Written to pipes and not seen by their readers yet.
	waiting  [shapes][2][len(depths)]int64
	opened   = func() *gate { g := newGate(); g.open(); return g }()
)

// roamer is a walker that stays, of any shape but the reader's.
func roamer(seed uint32) *walker {
	w := &walker{seed: seed | 1}
	w.shape = int(w.random(reader))
	return w
}

// random is a number below n (xorshift).
func (w *walker) random(n uint32) uint32 {
	w.seed ^= w.seed << 13
	w.seed ^= w.seed >> 17
	w.seed ^= w.seed << 5
	return w.seed >> 3 % n
}

var labels = func() (sets [shapes]context.Context) {
	for shape := range sets {
		sets[shape] = pprof.WithLabels(context.Background(), pprof.Labels("shape", strconv.Itoa(shape)))
	}
	return sets
}()

// next is called where a walker is at no place: at its start, and when it has come through a gate. It says whether
// there is another place to go to.
func (w *walker) next() bool {
	switch {
	case w.noting != nil:
		return !w.noting.done()
	case w.brief > 0:
		if w.brief--; w.brief == 0 {
			atomic.AddInt64(&briefs, -1)
			return false
		}
		runtime.Gosched()
		return true
	case w.place == nil:
		if w.random(4) == 0 {
			pprof.SetGoroutineLabels(labels[w.shape])
		} else {
			pprof.SetGoroutineLabels(context.Background())
		}
		w.choose()
		return true
	}
	atomic.AddInt64(w.place, -1)
	if w.own != nil {
		atomic.AddInt64(&bytesDue, -1)
	}
	switch atomic.LoadInt32(&mode) {
	case turn:
		w.turnRound()
		return true
	case ebb:
		if w.random(16) != 0 {
			atomic.AddInt64(&live, -1)
			return false
		}
	}
	atomic.AddInt64(&moves, 1)
	if w.own == nil && w.random(16) == 0 {
		start(roamer(w.seed))
		return false
	}
	w.choose()
	return true
}

// turnRound leaves running as often as makes trackingSeq come round, with the wait that follows. One turn brings all to
// bN, the next all to aN: whoever is not seen to move is one too many where it was.
func (w *walker) turnRound() {
	w.byB = atomic.LoadUint32(&turns)%2 == 1
	w.naps = false
	if w.own == nil {
		for i := 1; i < round; i++ {
			runtime.Gosched()
		}
	}
}

func (w *walker) choose() {
	w.byB = w.random(2) == 0
	w.naps = w.random(32) == 0
	w.level = int(w.random(3))
	if w.random(64) == 0 {
		w.level = len(depths) - 1
	}
	if w.own != nil {
		// Readers differ by nothing but the caller.
		w.level, w.naps = 1, false
	}
	w.depth = depths[w.level]
	w.at = hotGates + int(w.random(gates-hotGates))
	if w.random(64) == 0 {
		w.at = int(w.random(hotGates))
	}
}

func (w *walker) nap() time.Duration { return time.Duration(w.random(2000)) * time.Microsecond }

// arrive is called by waitN, so many lines before the one in which it waits, and says at what.
//
//go:noinline
func (w *walker) arrive(lines int) *gate {
	if w.noting != nil {
		w.noting.note(lines)
	}
	if w.noting != nil || w.brief > 0 {
		if w.own != nil {
			w.own.let1Pass()
			return w.own
		}
		return opened
	}
	by := 0
	if w.byB {
		by = 1
	}
	g := w.own
	if g == nil {
		g = current[w.at].Load()
	}
	w.place = &waiting[w.shape][by][w.level]
	atomic.AddInt64(&arrivals, 1)
	atomic.AddInt64(w.place, 1)
	return g
}
