// Shows storms of goroutines, as many as the first argument says (default 10000), and the calm between them: the
// comparison of what a session believes over many looks with what there is.
//
// Walkers wait in one of few places, which are told by the command "chains", and move between them; see shapes.go for
// what their stacks can be. Each of these ends with all of them at rest, and answers how many wait at each place
// ("SHAPE CALLER LEVEL COUNT" a line), after how many goroutines there are ("goroutines COUNT"):
//
//	storm  grows to that many, and lets each move some times, while others live microseconds, stacks grow and
//	       shrink, and the GC never rests
//	turn   wakes some, which run so often that their trackingSeq comes round, and all wait by one caller; by the
//	       other one the next time
//	ebb    ends most of them
//	rest   does nothing
//
// "doom" answers at once; in the middle of the storm that it starts the program kills itself.
package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

// Moves of a storm, for each walker.
const movesEach = 2

var (
	population int64 = 10000
	storms     uint32
	resting    int // Goroutines besides walkers.
	own        [readers]*gate
	noted      = newReaderGate()
)

func main() {
	if len(os.Args) > 1 {
		var err error
		if population, err = strconv.ParseInt(os.Args[1], 10, 64); err != nil || population < readers {
			println("usage: storm [COUNT]")
			os.Exit(64)
		}
	}
	// What the runtime starts for its first collection is none of ours.
	runtime.GC()
	resting = runtime.NumGoroutine()
	for i := range current {
		current[i].Store(newGate())
	}
	for i := range own {
		own[i] = newReaderGate()
		atomic.AddInt64(&live, 1)
		start(&walker{shape: reader, own: own[i], seed: uint32(i) + 1})
	}
	rest(true)
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{
		"chains": chains,
		"storm":  storm,
		"turn":   turning,
		"ebb":    ebbing,
		"rest":   func() []byte { return rest(false) },
		"doom":   doom,
	})
}

func storm() []byte {
	storms++
	atomic.StoreInt32(&mode, roam)
	debug.SetGCPercent(100)
	enough := atomic.LoadInt64(&moves) + movesEach*population
	stop := make(chan struct{})
	var weather sync.WaitGroup
	for _, each := range []func(<-chan struct{}){opener, opener, burster, collector} {
		weather.Add(1)
		go func(each func(<-chan struct{})) {
			defer weather.Done()
			each(stop)
		}(each)
	}
	for seed := storms << 24; atomic.LoadInt64(&live) < population; seed++ {
		atomic.AddInt64(&live, 1)
		start(roamer(seed * 2654435761))
	}
	for atomic.LoadInt64(&moves) < enough {
		time.Sleep(time.Millisecond)
	}
	close(stop)
	weather.Wait()
	return rest(true)
}

// opener opens hot gates, and now and then a warm one.
func opener(stop <-chan struct{}) {
	for i := 0; !over(stop); i++ {
		index := i % hotGates
		if i%32 == 0 {
			index = hotGates + i/32%(gates-hotGates)
			letReadersPass()
		}
		if !isQuiet(index, storms) {
			turnstile(index)
		}
		runtime.Gosched()
	}
}

func letReadersPass() {
	for _, gate := range own {
		atomic.AddInt64(&bytesDue, 1)
		gate.let1Pass()
	}
}

// burster starts walkers that are not to stay, in descriptors that others have just left.
func burster(stop <-chan struct{}) {
	w := walker{seed: storms | 1}
	for !over(stop) {
		for atomic.LoadInt64(&briefs) < 256 {
			atomic.AddInt64(&briefs, 1)
			brief := &walker{shape: int(w.random(reader)), brief: 4, byB: w.random(2) == 0}
			brief.depth = depths[w.random(uint32(len(depths)))]
			start(brief)
		}
		runtime.Gosched()
	}
}

// collector shrinks stacks: only a whole collection does.
func collector(stop <-chan struct{}) {
	for i := 0; !over(stop); i++ {
		if i%8 == 7 {
			debug.FreeOSMemory()
		} else {
			runtime.GC()
		}
		time.Sleep(time.Millisecond)
	}
}

func doom() []byte {
	enough := atomic.LoadInt64(&moves) + movesEach*population/2
	go storm()
	go func() {
		for atomic.LoadInt64(&moves) < enough {
			time.Sleep(time.Millisecond)
		}
		syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	}()
	return nil
}

func over(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

func turning() []byte {
	atomic.AddUint32(&turns, 1)
	atomic.StoreInt32(&mode, turn)
	turnstile(hotGates + int(storms)%(gates-hotGates))
	letReadersPass()
	return rest(false)
}

func ebbing() []byte {
	atomic.StoreInt32(&mode, ebb)
	for index := range current {
		turnstile(index)
	}
	return rest(true)
}

// rest waits until every walker waits, not only for itself but for the runtime as well, and tells where. If it
// collects, a GC has seen all of them wait; otherwise none runs. None will until the next storm.
func rest(collect bool) []byte {
	for {
		before := atomic.LoadInt64(&arrivals)
		for !quiet() {
			time.Sleep(time.Millisecond)
		}
		if collect {
			debug.SetGCPercent(-1)
			runtime.GC()
		}
		// Walkers count themselves before they wait. With one P only, nothing else runs while we do, and whatever
		// can run does so before us when we yield often enough.
		ps := runtime.GOMAXPROCS(1)
		for i := 0; i < 20000; i++ {
			runtime.Gosched()
		}
		runtime.GOMAXPROCS(ps)
		if quiet() && atomic.LoadInt64(&arrivals) == before {
			return counts()
		}
	}
}

func quiet() bool {
	var sum int64
	for shape := range waiting {
		for by := range waiting[shape] {
			for level := range waiting[shape][by] {
				sum += atomic.LoadInt64(&waiting[shape][by][level])
			}
		}
	}
	staying := atomic.LoadInt64(&live)
	return sum == staying && atomic.LoadInt64(&briefs) == 0 && atomic.LoadInt64(&bytesDue) == 0 &&
		runtime.NumGoroutine() == resting+int(staying)
}

func counts() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "goroutines %d\n", runtime.NumGoroutine())
	for shape := range waiting {
		for by := range waiting[shape] {
			for level := range waiting[shape][by] {
				if count := atomic.LoadInt64(&waiting[shape][by][level]); count != 0 {
					fmt.Fprintf(&out, "%d %d %d %d\n", shape, by, level, count)
				}
			}
		}
	}
	return out.Bytes()
}
