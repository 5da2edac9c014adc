package main

import (
	"sync"
	"time"
)

type guarded struct {
	name string
	mu   sync.Mutex
	rw   sync.RWMutex
	n    int
}

var global guarded

func init() {
	// Two goroutines, two locks, in opposite orders.
	add(func() {
		a, b := &guarded{name: "a"}, &guarded{name: "b"}
		both := new(sync.WaitGroup)
		both.Add(2)
		go lockInOrder(a, b, both, "abba.one")
		go lockInOrder(b, a, both, "abba.two")
		both.Wait()
	})
	// waiter -> mutex -> holder -> channel -> goroutine that sleeps.
	add(func() {
		g, c, locked := new(guarded), make(chan int), make(chan int)
		go chainSleeper(c)
		go chainHolder(g, c, locked)
		<-locked
		for i := 0; i < 3; i++ {
			go chainWaiter(g)
		}
	})
	// The same with a lock that is a variable, and is released without defer.
	add(func() {
		locked := make(chan int)
		go globalHolder(locked)
		<-locked
		go globalWaiter()
	})
	// Has locked and unlocked, and waits for something else since: no holder.
	add(func() {
		g, locked := new(guarded), make(chan int)
		go guardHolder(g, locked)
		<-locked
		go passedBy(g)
		go guardWaiter(g)
	})
	// A goroutine that locks twice.
	add(func() { go lockTwice(new(guarded)) })
	// Readers hold, a writer waits for them, a later reader waits for the writer.
	add(func() {
		g := new(guarded)
		reading := make(chan int)
		go rwReader(g, reading)
		<-reading
		go rwWriter(g)
		for g.rw.TryRLock() {
			g.rw.RUnlock()
			time.Sleep(time.Millisecond)
		}
		go rwLateReader(g)
	})
	add(func() {
		g := new(sync.WaitGroup)
		g.Add(2)
		go groupWaiter(g)
		go groupWorker(g)
		g.Done()
	})
	add(func() {
		c := sync.NewCond(new(sync.Mutex))
		go condWaiter(c)
		go condKeeper(c)
	})
}

//go:noinline
func lockInOrder(first, second *guarded, both *sync.WaitGroup, part string) {
	is(part)
	first.mu.Lock()
	defer first.mu.Unlock()
	both.Done()
	both.Wait()
	second.mu.Lock()
	defer second.mu.Unlock()
	second.n++
}

//go:noinline
func chainHolder(g *guarded, c, locked chan int) {
	is("chain.holder")
	g.mu.Lock()
	defer g.mu.Unlock()
	close(locked)
	g.n = chainReceive(c)
}

//go:noinline
func chainReceive(c chan int) int { return <-c }

//go:noinline
func chainWaiter(g *guarded) {
	is("chain.waiter")
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
}

func chainSleeper(c chan int) {
	is("chain.sleeper")
	time.Sleep(1000 * time.Hour)
	c <- 1
}

//go:noinline
func globalHolder(locked chan int) {
	is("global.holder")
	global.mu.Lock()
	close(locked)
	time.Sleep(1000 * time.Hour)
	global.n++
	global.mu.Unlock()
}

//go:noinline
func globalWaiter() {
	is("global.waiter")
	global.mu.Lock()
	global.n++
	global.mu.Unlock()
}

//go:noinline
func guardHolder(g *guarded, locked chan int) {
	is("guard.holder")
	g.mu.Lock()
	close(locked)
	time.Sleep(1000 * time.Hour)
	g.n++
	g.mu.Unlock()
}

//go:noinline
func guardWaiter(g *guarded) {
	is("guard.waiter")
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
}

//go:noinline
func passedBy(g *guarded) {
	other := new(guarded)
	other.mu.Lock()
	other.n++
	other.mu.Unlock()
	is("guard.passer")
	time.Sleep(1000 * time.Hour)
	g.n++
}

//go:noinline
func lockTwice(g *guarded) {
	is("twice.self")
	g.mu.Lock()
	g.n++
	lockAgain(g)
	g.mu.Unlock()
}

//go:noinline
func lockAgain(g *guarded) {
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
}

//go:noinline
func rwReader(g *guarded, reading chan int) {
	is("rw.reader")
	g.rw.RLock()
	close(reading)
	time.Sleep(1000 * time.Hour)
	g.n++
	g.rw.RUnlock()
}

//go:noinline
func rwWriter(g *guarded) {
	is("rw.writer")
	g.rw.Lock()
	g.n++
	g.rw.Unlock()
}

//go:noinline
func rwLateReader(g *guarded) {
	is("rw.late")
	g.rw.RLock()
	g.n++
	g.rw.RUnlock()
}

func groupWaiter(g *sync.WaitGroup) {
	is("group.waiter")
	g.Wait()
}

func groupWorker(g *sync.WaitGroup) {
	is("group.worker")
	time.Sleep(1000 * time.Hour)
	g.Done()
}

func condWaiter(c *sync.Cond) {
	is("cond.waiter")
	c.L.Lock()
	c.Wait()
	c.L.Unlock()
}

func condKeeper(c *sync.Cond) {
	is("cond.keeper")
	time.Sleep(1000 * time.Hour)
	c.Signal()
}
