// Shows healthy servers, pools and queues under load: some 500 goroutines that all move, of which nothing ever leaks,
// while the GC runs every 20 ms and stacks grow. The arguments choose parts (`healthy http pools`), all without. The
// command "work" tells how much each part has done: no part ever stops.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

// A part starts its goroutines, which call done after each thing they did.
type part func(done func())

var (
	parts = map[string]part{}
	work  = map[string]*uint64{}
)

func main() {
	chosen := os.Args[1:]
	if len(chosen) == 0 {
		for name := range parts {
			chosen = append(chosen, name)
		}
		sort.Strings(chosen)
	}
	for _, name := range chosen {
		start, known := parts[name]
		if !known {
			fmt.Fprintln(os.Stderr, "no such part:", name)
			os.Exit(1)
		}
		count := new(uint64)
		work[name] = count
		start(func() { atomic.AddUint64(count, 1) })
	}
	go collect()
	for !allMoved() {
		time.Sleep(time.Millisecond)
	}
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{"work": done})
}

func allMoved() bool {
	for _, count := range work {
		if atomic.LoadUint64(count) < 100 {
			return false
		}
	}
	return true
}

func done() []byte {
	var lines []string
	for name, count := range work {
		lines = append(lines, fmt.Sprintf("%s %d", name, atomic.LoadUint64(count)))
	}
	sort.Strings(lines)
	return []byte(strings.Join(lines, "\n"))
}

// collect marks whatever is garbage, moves stacks, and empties sync.Pools.
func collect() {
	for range time.NewTicker(20 * time.Millisecond).C {
		runtime.GC()
	}
}

// grow makes the stack that calls it a large one for a moment.
//
//go:noinline
func grow(depth int) int {
	var room [64]int
	room[depth%64] = depth
	if depth == 0 {
		return room[0]
	}
	return grow(depth-1) + room[(depth*7)%64]
}
