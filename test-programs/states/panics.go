package main

import "runtime"

func init() {
	add("main.parkedInDefer", "chan receive", func() { go parkedInDefer() })
	add("main.parkedInPanic", "chan receive", func() { go parkedInPanic() })
	add("main.parkedInSecondPanic", "chan receive", func() { go parkedInSecondPanic() })
	add("main.parkedInNilDereference", "chan receive", func() { go parkedInNilDereference(nil) })
	add("main.parkedInIndexPanic", "chan receive", func() { go parkedInIndexPanic(nil, 3) })
	add("main.parkedAfterRecover", "chan receive", func() { go parkedAfterRecover() })
	add("main.parkedInGoexit", "chan receive", func() { go parkedInGoexit() })
}

//go:noinline
func park() { <-make(chan int) }

func parkedInDefer() {
	defer park()
}

func parkedInPanic() {
	defer park()
	panic("looked at before it kills us")
}

// A panic in a function that runs because of a panic.
func parkedInSecondPanic() {
	defer func() {
		defer park()
		panic("second")
	}()
	panic("first")
}

// The innermost frame of ours was interrupted by a signal: its pc is no return address.
//
//go:noinline
func parkedInNilDereference(p *int) {
	defer park()
	*p = 1
}

//go:noinline
func parkedInIndexPanic(numbers []int, i int) {
	defer park()
	numbers[i] = 1
}

func parkedAfterRecover() {
	recovered()
	park()
}

//go:noinline
func recovered() {
	defer func() { recover() }()
	panic("recovered")
}

func parkedInGoexit() {
	defer park()
	runtime.Goexit()
}
