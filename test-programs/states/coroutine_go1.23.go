//go:build go1.23

package main

import "iter"

func init() {
	add("main.pulled", "coroutine", func() {
		// Not here: a coroutine must be entered as it was made, and the main goroutine is locked.
		next := make(chan func() (int, bool))
		go pullOnce(next)
		kept = append(kept, <-next)
	})
	// The coroutine is entered from a goroutine that then waits inside it.
	add("main.parkedInPull", "chan receive", func() { go callNext() })
	add("main.rangeOverFunc", "chan receive", func() { go rangeOverFunc() })
	add("main.rangeOverNested", "chan receive", func() { go rangeOverNested() })
}

func pulled(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

func parkedInPull(yield func(int) bool) {
	<-make(chan int)
	yield(1)
}

func pullOnce(result chan func() (int, bool)) {
	next, _ := iter.Pull(pulled)
	next()
	result <- next
}

func callNext() {
	next, stop := iter.Pull(parkedInPull)
	defer stop()
	next()
}

//go:noinline
func numbers(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

func rangeOverFunc() {
	for range numbers {
		<-make(chan int)
	}
}

func rangeOverNested() {
	for range numbers {
		for range numbers {
			<-make(chan int)
		}
	}
}
