package main

import (
	"runtime"
	"syscall"
	"time"
)

// Stacks of live goroutines that have the channel, and that only seem to.
func init() {
	// The variable is still in its slot, but the code never reads it again.
	register("DeadVariable", func() {
		ready := make(chan int)
		go keepDeadVariable(ready)
		<-ready
	}, func() {
		ready := make(chan int)
		go keepLiveVariable(ready)
		<-ready
	})
	// A variable that lives on in some frame far up.
	register("DeepStack", func() {
		c := make(chan int)
		go keepDeep(100, nil)
		go leakDeepStack(c)
	}, func() {
		c := make(chan int)
		go keepDeep(100, c)
		go healthyDeepStack(c)
	})
	// A call that is deferred has it: in a loop, such that it is allocated.
	register("Defer", func() {
		go leakDefer(make(chan int), make(chan int))
	}, func() {
		c := make(chan int)
		go keepDeferred(c)
		go healthyDefer(c)
	})
	register("Syscall", func() {
		c := make(chan int)
		go leakSyscall(c)
		go keepInSyscall(nil)
	}, func() {
		c := make(chan int)
		go healthySyscall(c)
		go keepInSyscall(c)
	})
	// The holder waits as well, but for what will come.
	register("HolderWaits", func() {
		c := make(chan int)
		go leakHolderWaits(c)
		go leakHolderWaitsHolder(make(chan int), c)
	}, func() {
		c, live := make(chan int), make(chan int)
		keep(live)
		go healthyHolderWaits(c)
		go healthyHolderWaitsHolder(live, c)
	})
	// Values that are on the stack itself, not behind a pointer.
	register("ArrayOnStack", func() {
		c := make(chan int)
		go leakArrayOnStack(c)
		go keepArray([9]chan int{})
	}, func() {
		c := make(chan int)
		go healthyArrayOnStack(c)
		go keepArray([9]chan int{5: c})
	})
}

func keepDeadVariable(ready chan int) {
	c := make(chan int)
	go leakDeadVariable(c)
	passOver(c)
	close(ready)
	time.Sleep(1000 * time.Hour)
}

func keepLiveVariable(ready chan int) {
	c := make(chan int)
	go healthyDeadVariable(c)
	passOver(c)
	close(ready)
	time.Sleep(1000 * time.Hour)
	passOver(c)
}

// The call makes the caller spill the variable.
//
//go:noinline
func passOver(c chan int) int { return len(c) }

func leakDeadVariable(c chan int)    { receive(c) }
func healthyDeadVariable(c chan int) { receive(c) }

//go:noinline
func keepDeep(depth int, c chan int) int {
	if depth == 0 {
		time.Sleep(1000 * time.Hour)
		return 0
	}
	if depth == 90 {
		defer runtime.KeepAlive(c)
		return keepDeep(depth-1, nil)
	}
	return keepDeep(depth-1, c) + 1
}

func leakDeepStack(c chan int)    { receive(c) }
func healthyDeepStack(c chan int) { receive(c) }

func leakDefer(c, dead chan int) {
	go leakDeferWaiter(c)
	for i := 0; i < 3; i++ {
		defer send(c)
	}
	<-dead
}

func leakDeferWaiter(c chan int) { receive(c) }

func keepDeferred(c chan int) {
	for i := 0; i < 3; i++ {
		defer send(c)
	}
	c = nil
	time.Sleep(1000 * time.Hour)
}

func healthyDefer(c chan int) { receive(c) }

func leakSyscall(c chan int)    { receive(c) }
func healthySyscall(c chan int) { receive(c) }

// The other end of the pipe stays open: it is never closed, and nothing is ever written.
func keepInSyscall(c chan int) {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		panic(err)
	}
	var one [1]byte
	syscall.Read(ends[0], one[:])
	if c != nil {
		send(c)
	}
}

func leakHolderWaits(c chan int)                { receive(c) }
func healthyHolderWaits(c chan int)             { receive(c) }
func leakHolderWaitsHolder(dead, c chan int)    { receiveAndSend(dead, c) }
func healthyHolderWaitsHolder(live, c chan int) { receiveAndSend(live, c) }

//go:noinline
func receiveAndSend(first, then chan int) {
	<-first
	then <- 1
}

//go:noinline
func keepArray(all [9]chan int) {
	time.Sleep(1000 * time.Hour)
	for _, c := range all {
		passOver(c)
	}
}

func leakArrayOnStack(c chan int)    { receive(c) }
func healthyArrayOnStack(c chan int) { receive(c) }
