package main

import (
	"runtime"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

func init() {
	add("main.parkedFinalizer", "chan receive", func() {
		abandon()
		collectUntil("main.parkedFinalizer", "chan receive")
	})
}

// abandon makes garbage with a finalizer. Large enough not to share a tiny allocation with a living one.
//
//go:noinline
func abandon() {
	runtime.SetFinalizer(new([64]int), parkedFinalizer)
}

// parkedFinalizer blocks the runtime's finalizer goroutine, which is then shown like one of the program's.
func parkedFinalizer(*[64]int) { <-make(chan int) }

func collectUntil(function, reason string) {
	for !inState(function, reason) {
		runtime.GC()
	}
}

func waitFor(function, reason string) {
	for !inState(function, reason) {
		time.Sleep(time.Millisecond)
	}
}

func inState(function, reason string) bool {
	return protocol.Holds(protocol.State{Function: function, Reasons: []string{reason}})
}
