// Shows goroutines that compute: more of them than Ps, so that some run and some are runnable, preempted
// anywhere. Spinners stand in loops of five kinds, at depths of 1 to 30; whatever the moment, a spinner's stack is
// zero or more functions of the runtime, then leaves and loops, then `main.descend` n times, then `main.spin`.
package main

import (
	"math/rand"
	"runtime"
	"sync"
	"sync/atomic"

	"gostat.example/test-programs/internal/protocol"
)

const spinners = 12

// Written so that no loop below can be left out.
var sink uint64

// turns counts, per spinner, how often its loop came round: ready needs each to have run.
var turns [spinners]uint64

func main() {
	runtime.GOMAXPROCS(2)
	var started sync.WaitGroup
	started.Add(spinners)
	for i := 0; i < spinners; i++ {
		go spin(i, 1+i*i%30, &started)
	}
	started.Wait()
	for i := range turns {
		for atomic.LoadUint64(&turns[i]) == 0 {
			runtime.Gosched()
		}
	}
	protocol.Ready(nil)
	protocol.Serve(nil)
}

//go:noinline
func spin(kind, depth int, started *sync.WaitGroup) {
	started.Done()
	descend(kind, depth)
	println("never")
}

//go:noinline
func descend(kind, depth int) int {
	if depth > 1 {
		return descend(kind, depth-1) + 1
	}
	for {
		switch kind % 5 {
		case 0:
			tightLoop()
		case 1:
			callLoop()
		case 2:
			allocateLoop()
		case 3:
			yieldLoop()
		case 4:
			growLoop()
		}
		atomic.AddUint64(&turns[kind], 1)
	}
}

// tightLoop has no call in it: it can only be preempted by a signal.
//
//go:noinline
func tightLoop() {
	x := uint64(1)
	for i := 0; i < 100000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	atomic.AddUint64(&sink, x)
}

//go:noinline
func callLoop() {
	for i := uint64(0); i < 10000; i++ {
		leaf(i)
	}
}

//go:noinline
func leaf(i uint64) uint64 { return i * i }

//go:noinline
func allocateLoop() {
	for i := 0; i < 1000; i++ {
		atomic.AddUint64(&sink, uint64(len(allocate(i))))
	}
}

//go:noinline
func allocate(n int) []byte { return make([]byte, n%512+1) }

//go:noinline
func yieldLoop() {
	for i := 0; i < 10; i++ {
		runtime.Gosched()
	}
}

//go:noinline
func growLoop() { grow(rand.Intn(2000)) }

//go:noinline
func grow(n int) int {
	if n == 0 {
		return 0
	}
	return grow(n-1) + 1
}
