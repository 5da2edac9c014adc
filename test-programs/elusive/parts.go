package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func init() {
	parts["registry"] = registry
	parts["shuffle"] = shuffle
	parts["ring"] = ring
	parts["registers"] = registers
	parts["finalizers"] = finalizers
	parts["timers"] = timers
	parts["ballast"] = ballast
	parts["slots"] = slots
	rests["slots"] = true
}

var heavy [][]*node

// ballast makes looking at all of the heap take longer than the others need to change it.
func ballast(done func()) {
	for i := 0; i < 100; i++ {
		heavy = append(heavy, make([]*node, 1<<17))
	}
	done()
	go func() {
		for {
			done()
			time.Sleep(time.Millisecond)
		}
	}()
}

// registry is a table that is copied for each change, as of sessions or routes: all that leads to those who wait is the
// copy of the moment, which lives for microseconds.
func registry(done func()) {
	var current atomic.Value
	table := map[int]chan int{}
	for i := 0; i < 200; i++ {
		c := make(chan int)
		table[i] = c
		go waitFor(c)
	}
	current.Store(table)
	change := func(changed chan bool) {
		old := current.Load().(map[int]chan int)
		table := make(map[int]chan int, len(old))
		for i, c := range old {
			table[i] = c
		}
		current.Store(table)
		done()
		changed <- true
	}
	go func() {
		changed := make(chan bool)
		for {
			// Whoever changes it does not stay: nobody's stack remembers a copy.
			go change(changed)
			<-changed
			time.Sleep(20 * time.Microsecond)
		}
	}()
}

var held [64]atomic.Pointer[chan int]

// slots rests most of the time, as an idle service does. When it is at work, all that leads to those who wait goes from
// slot to slot.
func slots(done func()) {
	for i := range held {
		if i%2 == 0 {
			c := make(chan int)
			go waitFor(c)
			held[i].Store(&c)
		}
	}
	go func() {
		for {
			// The slots beside them are free.
			for i := 0; i < 2000; i++ {
				from := i % len(held)
				to := from ^ 1
				if c := held[from].Swap(nil); c != nil {
					held[to].Store(c)
				}
			}
			done()
			time.Sleep(10 * time.Millisecond)
		}
	}()
}

type node struct {
	next *node
	c    chan int
	room [40]*node
}

// shuffle is a list of which the last becomes the first all the time, as of what was used least recently.
func shuffle(done func()) {
	var first *node
	for i := 0; i < 100; i++ {
		first = &node{next: first, c: make(chan int)}
		go waitFor(first.c)
	}
	go func() {
		for {
			for i := 0; i < 100; i++ {
				last := first
				for last.next.next != nil {
					last = last.next
				}
				last.next.next, first, last.next = first, last.next, nil
			}
			done()
			runtime.Gosched()
		}
	}()
}

// ring hands channels from goroutine to goroutine: each is on a stack or in a buffer, elsewhere each microsecond.
func ring(done func()) {
	const members = 50
	var hands [members]chan chan int
	for i := range hands {
		hands[i] = make(chan chan int, 1)
	}
	for i := range hands {
		go func(from, to chan chan int) {
			for c := range from {
				to <- c
				done()
			}
		}(hands[i], hands[(i+1)%members])
	}
	for i := 0; i < members/2; i++ {
		c := make(chan int)
		go waitFor(c)
		hands[2*i] <- c
	}
}

// registers computes for seconds with what it will send to in a register.
func registers(done func()) {
	go func() {
		for {
			c := make(chan int)
			finished := make(chan int)
			go func() { waitFor(c); finished <- 1 }()
			go compute(&sum{c, 0})
			<-finished
		}
	}()
	go func() {
		for {
			done()
			time.Sleep(time.Millisecond)
		}
	}()
}

type sum struct {
	c     chan int
	total uint64
}

//go:noinline
func compute(s *sum) {
	c, total := s.c, uint64(1)
	for i := uint64(0); i < 3_000_000_000; i++ {
		total = total*6364136223846793005 + i
	}
	c <- int(total)
}

// finalizers has a queue of them, of which the first takes its time: all that leads to who waits is the object of one
// that has yet to run.
func finalizers(done func()) {
	var turn sync.Mutex
	go func() {
		for {
			turn.Lock()
			for i := 0; i < 20; i++ {
				c := make(chan int)
				go waitFor(c)
				last := i == 0
				o := &node{c: c}
				runtime.SetFinalizer(o, func(o *node) {
					time.Sleep(50 * time.Millisecond)
					close(o.c)
					done()
					if last {
						turn.Unlock()
					}
				})
			}
			runtime.GC()
		}
	}()
}

// timers are all that leads to those who wait; they are set again and again.
func timers(done func()) {
	for i := 0; i < 20; i++ {
		c := make(chan int)
		go waitFor(c)
		t := time.AfterFunc(1000*time.Hour, func() { close(c) })
		go func() {
			for {
				t.Reset(1000 * time.Hour)
				done()
				time.Sleep(100 * time.Microsecond)
			}
		}()
	}
}
