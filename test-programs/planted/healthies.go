package main

import (
	"runtime"
	"sync"
	"time"
)

// What waits and can be woken: each starts goroutines, and tells for every id how. What that function has is all that
// leads there: a name in a table, the name that another goroutine looks for, a timer.
var healthies = []func() map[uint64]func(){
	// By a channel in a table.
	func() map[uint64]func() {
		c := make(chan int)
		id := told(1, func(ids chan uint64) { go healthyReceive(ids, c) })[0]
		return map[uint64]func(){id: inTable(func() { close(c) })}
	},
	// By a goroutine that sleeps and looks, whose stack is all that has the channel.
	func() map[uint64]func() {
		c := make(chan int)
		id := told(1, func(ids chan uint64) { go healthySend(ids, c) })[0]
		name := newName()
		go keepUntilWanted(name, c)
		return map[uint64]func(){id: func() { wanted.Store(name, true) }}
	},
	// By a goroutine that waits itself, for one that can come.
	func() map[uint64]func() {
		c, live := make(chan int), make(chan int)
		id := told(1, func(ids chan uint64) { go healthyReceive(ids, c) })[0]
		go keepUntilClosed(live, c)
		return map[uint64]func(){id: inTable(func() { close(live) })}
	},
	// By a timer.
	func() map[uint64]func() {
		c := make(chan int)
		id := told(1, func(ids chan uint64) { go healthyReceive(ids, c) })[0]
		timer := time.AfterFunc(1000*time.Hour, func() { close(c) })
		return map[uint64]func(){id: func() { timer.Reset(0) }}
	},
	// By who holds a lock.
	func() map[uint64]func() {
		g := new(guard)
		g.Lock()
		id := told(1, func(ids chan uint64) { go healthyLock(ids, g) })[0]
		return map[uint64]func(){id: inTable(g.Unlock)}
	},
	// By a condition inside of what a finalizer has.
	func() map[uint64]func() {
		c := sync.NewCond(new(guard))
		o := new(object)
		id := told(1, func(ids chan uint64) { go healthyCond(ids, c) })[0]
		runtime.SetFinalizer(o, func(*object) { signal(c) })
		// Once nothing has the object any more, a collection calls the finalizer.
		name := newName()
		wakers.Store(name, o)
		return map[uint64]func(){id: func() {
			wakers.Delete(name)
			runtime.GC()
		}}
	},
}

var (
	names  int
	wakers sync.Map
	wanted sync.Map
)

func newName() int {
	names++
	return names
}

// inTable puts a function into a table, and is the call of what is in there.
func inTable(f func()) func() {
	name := newName()
	wakers.Store(name, f)
	return func() {
		found, _ := wakers.Load(name)
		wakers.Delete(name)
		found.(func())()
	}
}

func keepUntilWanted(name int, c chan int) {
	for {
		if _, is := wanted.Load(name); is {
			<-c
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func keepUntilClosed(live, c chan int) {
	<-live
	close(c)
}

func signal(c *sync.Cond) {
	c.L.Lock()
	c.Signal()
	c.L.Unlock()
}

func healthyReceive(ids chan uint64, c chan int) {
	ids <- self()
	<-c
}

func healthySend(ids chan uint64, c chan int) {
	ids <- self()
	c <- 1
}

func healthyLock(ids chan uint64, g *guard) {
	ids <- self()
	g.Lock()
	g.Unlock()
}

func healthyCond(ids chan uint64, c *sync.Cond) {
	c.L.Lock()
	ids <- self()
	c.Wait()
	c.L.Unlock()
}
