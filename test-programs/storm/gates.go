package main

import (
	"sync"
	"sync/atomic"
	"syscall"
)

// A gate is what walkers wait at, each shape in its own way. It opens once, and another takes its place.
type gate struct {
	opened chan struct{}
	held   sync.Mutex
	lock   sync.Mutex
	cond   *sync.Cond
	isOpen bool
	group  sync.WaitGroup
	// Of a reader's own gate: both ends of a pipe that blocks.
	pipe [2]int
}

// Gates by how often they open in a storm: hot ones all the time, warm ones now and then, quiet ones not at all. Each
// storm has other quiet ones.
const (
	gates     = 64
	hotGates  = 8
	quietPart = 8
)

var (
	never   = make(chan struct{})
	current [gates]atomic.Pointer[gate]
)

func newGate() *gate {
	g := &gate{opened: make(chan struct{})}
	g.cond = sync.NewCond(&g.lock)
	g.held.Lock()
	g.group.Add(1)
	return g
}

func (g *gate) open() {
	close(g.opened)
	g.held.Unlock()
	g.group.Done()
	g.lock.Lock()
	g.isOpen = true
	g.lock.Unlock()
	g.cond.Broadcast()
}

// newReaderGate is a gate of one reader; it opens once for each byte.
func newReaderGate() *gate {
	g := &gate{}
	if err := syscall.Pipe(g.pipe[:]); err != nil {
		panic(err)
	}
	return g
}

func (g *gate) let1Pass() { syscall.Write(g.pipe[1], []byte{1}) }

// turnstile opens a gate for those who wait there now; who comes later waits at the next one.
func turnstile(index int) { current[index].Swap(newGate()).open() }

func isQuiet(index int, storm uint32) bool {
	return index >= hotGates && (uint32(index)+storm)%quietPart == 0
}
