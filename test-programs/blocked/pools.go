package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

// A pool of connections: who takes one gives it back.
type pool struct{ free chan int }

func (p *pool) get() int       { return <-p.free }
func (p *pool) put(number int) { p.free <- number }

// The statistics that all requests share.
type statistics struct {
	mu sync.Mutex
	n  int
}

func init() {
	// All connections are held by goroutines that wait for a lock, whose holder waits for a connection.
	add(func() { exhaust(4, 6) })
	add(func() {
		one, two := make(chan int), make(chan string, 1)
		go selectWaiter(one, two)
		go selectKeeper(one)
	})
	add(func() {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go networkWaiter(listener)
	})
	add(func() { go timerWaiter(make(chan int)) })
	add(func() { go nilWaiter(nil) })
}

// exhaust has connections held by as many goroutines, and more goroutines that wait for one.
func exhaust(connections, more int) {
	p, s := &pool{free: make(chan int, connections)}, new(statistics)
	for i := 0; i < connections; i++ {
		p.put(i)
	}
	var have sync.WaitGroup
	have.Add(connections)
	locked, begin := make(chan int), make(chan int)
	for i := 0; i < connections; i++ {
		go poolUser(p, s, &have, begin)
	}
	have.Wait()
	go poolLocker(p, s, locked)
	<-locked
	close(begin)
	for i := 0; i < more; i++ {
		go poolWaiter(p)
	}
}

// poolLocker needs a connection while it has the lock.
//
//go:noinline
func poolLocker(p *pool, s *statistics, locked chan int) {
	is("pool.locker")
	s.mu.Lock()
	defer s.mu.Unlock()
	close(locked)
	number := p.get()
	s.n++
	p.put(number)
}

//go:noinline
func poolUser(p *pool, s *statistics, have *sync.WaitGroup, begin chan int) {
	is("pool.user")
	number := p.get()
	defer p.put(number)
	have.Done()
	<-begin
	count(s)
}

func count(s *statistics) {
	s.mu.Lock()
	s.n++
	s.mu.Unlock()
}

//go:noinline
func poolWaiter(p *pool) {
	is("pool.waiter")
	p.put(p.get())
}

func selectWaiter(one chan int, two chan string) {
	is("select.waiter")
	select {
	case <-one:
	case <-two:
	}
}

func selectKeeper(one chan int) {
	is("select.keeper")
	time.Sleep(1000 * time.Hour)
	one <- 1
}

func networkWaiter(listener net.Listener) {
	is("network.waiter")
	connection, err := listener.Accept()
	fmt.Fprintln(os.Stderr, connection, err)
}

func timerWaiter(c chan int) {
	is("timer.waiter")
	select {
	case <-c:
	case <-time.After(1000 * time.Hour):
	}
}

func nilWaiter(c chan int) {
	is("nil.waiter")
	<-c
}

// pile has the same as the case above in large numbers, for measuring: pile CONNECTIONS WAITERS.
func pile(arguments []string) {
	var sizes [2]int
	for i := range sizes {
		sizes[i], _ = strconv.Atoi(arguments[i])
	}
	exhaust(sizes[0], sizes[1])
	protocol.SettleButForSleepers()
	fmt.Println("ready")
	protocol.Serve(nil)
}
