// Shows what is alive but hard to see from outside: some goroutines wait for channels of which all that leads there
// moves all the time, is replaced all the time, or is in a register or a queue of the runtime. None of them has leaked.
// The arguments choose parts (`elusive registry registers`), all without. The command "work" tells how often each part
// has moved: no part ever stops, but some rest.
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
	// Parts that rest most of the time.
	rests = map[string]bool{}
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
	if !rests[chosen[0]] {
		go collect()
	}
	for !allMoved() {
		time.Sleep(time.Millisecond)
	}
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{"work": done})
}

func allMoved() bool {
	for _, count := range work {
		if atomic.LoadUint64(count) == 0 {
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

// collect has what was replaced freed and used again soon.
func collect() {
	for range time.NewTicker(3 * time.Millisecond).C {
		runtime.GC()
	}
}

//go:noinline
func waitFor(c chan int) int { return <-c }
