//go:build go1.25

package main

import "runtime"

func init() {
	// Go 1.24 runs cleanups on the finalizer goroutine, which this program keeps busy.
	add("main.parkedCleanup", "chan receive", func() {
		abandonWithCleanup()
		collectUntil("main.parkedCleanup", "chan receive")
	})
}

//go:noinline
func abandonWithCleanup() {
	runtime.AddCleanup(new([64]int), parkedCleanup, 1)
}

func parkedCleanup(int) { <-make(chan int) }
