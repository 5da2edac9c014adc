package main

import (
	"runtime"
	"sync"
	"time"
)

// A lone lock would share its 16 bytes of heap with other small things, and be reachable with them: so all of these
// are part of something that has a pointer.
type guard struct {
	sync.Mutex
	guarded *int
}

type readers struct {
	sync.RWMutex
	guarded *int
}

type group struct {
	sync.WaitGroup
	results []int
}

type lazily struct {
	once  sync.Once
	value *int
}

// Locks that nobody will unlock, and other waits without a channel.
func init() {
	register("DoubleLock", func() {
		go leakDoubleLock(new(guard))
	}, func() {
		g := new(guard)
		g.Lock()
		go healthyDoubleLock(g)
		go keepLocked(g)
	})
	register("AbBa", func() {
		a, b := new(guard), new(guard)
		both := new(sync.WaitGroup)
		both.Add(2)
		go leakAbBa(a, b, both)
		go leakAbBa(b, a, both)
		both.Wait()
	}, func() {
		a, b := new(guard), new(guard)
		both := new(sync.WaitGroup)
		both.Add(2)
		go healthyAbBa(a, b, both)
		go keepSecond(b, both)
		both.Wait()
	})
	register("WaitGroup", func() {
		g := new(group)
		g.Add(2)
		go leakWaitGroup(g)
		g.Done()
	}, func() {
		g := new(group)
		g.Add(2)
		go healthyWaitGroup(g)
		g.Done()
		go keepUndone(g)
	})
	register("Cond", func() {
		c := sync.NewCond(new(guard))
		go leakCond(c)
		c.Signal()
	}, func() {
		c := sync.NewCond(new(guard))
		go healthyCond(c)
		keep(c)
	})
	// A reader that reads once more, after a writer came.
	register("RecursiveRead", func() {
		r := new(readers)
		r.RLock()
		go leakRecursiveReadWriter(r)
		waitUntil(func() bool { return !r.TryRLock() }, r.RUnlock)
		go leakRecursiveReadReader(r)
	}, func() {
		r := new(readers)
		r.RLock()
		go healthyRecursiveReadWriter(r)
		waitUntil(func() bool { return !r.TryRLock() }, r.RUnlock)
		go healthyRecursiveReadReader(r)
		go keepAsleep(r)
	})
	register("Once", func() {
		go leakOnce(new(lazily))
	}, func() {
		l, began := new(lazily), make(chan int)
		go keepOnce(l, began)
		<-began
		go healthyOnce(l)
	})
	// The lock is free as soon as the goroutine that has it runs again: never.
	register("LockOfLeaked", func() {
		g, locked := new(guard), make(chan int)
		go leakLockOfLeakedHolder(g, locked, make(chan int))
		<-locked
		go leakLockOfLeaked(g)
	}, func() {
		g, locked, c := new(guard), make(chan int), make(chan int)
		go healthyLockOfLeakedHolder(g, locked, c)
		<-locked
		go healthyLockOfLeaked(g)
		keep(c)
	})
}

// waitUntil undoes what a condition did while it did not hold.
func waitUntil(holds func() bool, undo func()) {
	for !holds() {
		undo()
		runtime.Gosched()
	}
}

func leakDoubleLock(g *guard) {
	g.Lock()
	g.Lock()
}

func healthyDoubleLock(g *guard) { g.Lock() }

func keepLocked(g *guard) {
	time.Sleep(1000 * time.Hour)
	g.Unlock()
}

func leakAbBa(first, second *guard, both *sync.WaitGroup)    { lockBoth(first, second, both) }
func healthyAbBa(first, second *guard, both *sync.WaitGroup) { lockBoth(first, second, both) }

//go:noinline
func lockBoth(first, second *guard, both *sync.WaitGroup) {
	first.Lock()
	defer first.Unlock()
	both.Done()
	both.Wait()
	second.Lock()
	defer second.Unlock()
}

func keepSecond(second *guard, both *sync.WaitGroup) {
	second.Lock()
	defer second.Unlock()
	both.Done()
	time.Sleep(1000 * time.Hour)
}

func leakWaitGroup(g *group)    { g.Wait() }
func healthyWaitGroup(g *group) { g.Wait() }

func keepUndone(g *group) {
	time.Sleep(1000 * time.Hour)
	g.Done()
}

func leakCond(c *sync.Cond) {
	c.L.Lock()
	c.Wait()
}

func healthyCond(c *sync.Cond) {
	c.L.Lock()
	c.Wait()
}

func leakRecursiveReadWriter(r *readers)    { r.Lock() }
func leakRecursiveReadReader(r *readers)    { r.RLock() }
func healthyRecursiveReadWriter(r *readers) { r.Lock() }
func healthyRecursiveReadReader(r *readers) { r.RLock() }

func leakOnce(l *lazily)    { l.once.Do(func() { l.once.Do(func() {}) }) }
func healthyOnce(l *lazily) { l.once.Do(func() {}) }

func keepOnce(l *lazily, began chan int) {
	l.once.Do(func() {
		close(began)
		time.Sleep(1000 * time.Hour)
	})
}

func leakLockOfLeakedHolder(g *guard, locked, c chan int)    { lockAndReceive(g, locked, c) }
func healthyLockOfLeakedHolder(g *guard, locked, c chan int) { lockAndReceive(g, locked, c) }
func leakLockOfLeaked(g *guard)                              { g.Lock() }
func healthyLockOfLeaked(g *guard)                           { g.Lock() }

//go:noinline
func lockAndReceive(g *guard, locked, c chan int) {
	g.Lock()
	defer g.Unlock()
	close(locked)
	<-c
}
