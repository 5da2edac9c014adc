package main

import (
	"runtime"
	"strings"
	"sync"

	"gostat.example/test-programs/internal/protocol"
)

// What can be planted: each starts goroutines of which nothing is left to know, and tells their ids.
var leaks = []func() []uint64{
	func() []uint64 {
		return told(2, func(ids chan uint64) { c := make(chan int); twice(leakSend, ids, c) })
	},
	func() []uint64 {
		return told(2, func(ids chan uint64) { c := make(chan int); twice(leakReceive, ids, c) })
	},
	func() []uint64 { return told(1, func(ids chan uint64) { go leakReceive(ids, nil) }) },
	func() []uint64 {
		return told(1, func(ids chan uint64) { go leakSelect(ids, make(chan int), make(chan int)) })
	},
	func() []uint64 { return told(1, func(ids chan uint64) { go leakLock(ids, new(guard)) }) },
	func() []uint64 { return told(3, plantGroup) },
	func() []uint64 { return told(1, func(ids chan uint64) { go leakCond(ids, sync.NewCond(new(guard))) }) },
	func() []uint64 {
		return told(3, func(ids chan uint64) {
			ring := [3]chan int{make(chan int), make(chan int), make(chan int)}
			for i := range ring {
				go leakCycle(ids, ring[i], ring[(i+1)%3])
			}
		})
	},
	func() []uint64 {
		return told(2, func(ids chan uint64) {
			o := &object{c: make(chan int), others: map[string]chan int{"it": make(chan int)}}
			go leakObject(ids, o)
			go leakReceive(ids, o.others["it"])
		})
	},
}

// A guard is large enough not to share its place with others.
type guard struct {
	sync.Mutex
	guarded *int
}

type group struct {
	sync.WaitGroup
	guarded *int
}

type object struct {
	before [100]int
	c      chan int
	others map[string]chan int
}

// told is the ids that so many goroutines tell.
func told(count int, start func(ids chan uint64)) []uint64 {
	ids := make(chan uint64)
	start(ids)
	var all []uint64
	for i := 0; i < count; i++ {
		all = append(all, <-ids)
	}
	return all
}

func twice(f func(chan uint64, chan int), ids chan uint64, c chan int) {
	go f(ids, c)
	go f(ids, c)
}

// self is the id of the goroutine that calls it.
func self() uint64 {
	var text [64]byte
	return protocol.ID(string(text[:runtime.Stack(text[:], false)]))
}

func split(dump string) []string { return strings.Split(dump, "\n\n") }

func leakSend(ids chan uint64, c chan int) {
	ids <- self()
	c <- 1
}

func leakReceive(ids chan uint64, c chan int) {
	ids <- self()
	<-c
}

func leakSelect(ids chan uint64, a, b chan int) {
	ids <- self()
	select {
	case <-a:
	case b <- 1:
	}
}

func leakLock(ids chan uint64, g *guard) {
	g.Lock()
	ids <- self()
	g.Lock()
}

func plantGroup(ids chan uint64) {
	g := new(group)
	g.Add(4)
	for i := 0; i < 3; i++ {
		go leakGroupMember(ids, g)
	}
}

func leakGroupMember(ids chan uint64, g *group) {
	ids <- self()
	g.Done()
	g.Wait()
}

func leakCond(ids chan uint64, c *sync.Cond) {
	c.L.Lock()
	ids <- self()
	c.Wait()
}

func leakCycle(ids chan uint64, in, out chan int) {
	ids <- self()
	out <- <-in
}

func leakObject(ids chan uint64, o *object) {
	ids <- self()
	<-o.c
	close(o.others["it"])
}
