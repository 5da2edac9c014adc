// Shows many parked goroutines, as many as the first argument says (default 1000), over 20 different stacks of 3
// to 60 frames, in chan receive, select and mutex waits. The command "more" parks 100 more.
package main

import (
	"os"
	"runtime"
	"strconv"
	"sync"

	"gostat.example/test-programs/internal/protocol"
)

const shapes = 20

var (
	never = make(chan int)
	other = make(chan int)
	held  sync.Mutex
)

func main() {
	count := 1000
	if len(os.Args) > 1 {
		var err error
		if count, err = strconv.Atoi(os.Args[1]); err != nil || count < 0 {
			println("usage: many [COUNT]")
			os.Exit(64)
		}
	}
	held.Lock()
	park(count)
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{
		"allocate": allocate,
		"collect":  collect,
		"more":     func() []byte { park(100); return nil },
	})
}

// park starts so many workers, and returns when all of them have parked.
func park(count int) {
	var parked sync.WaitGroup
	parked.Add(count)
	for i := 0; i < count; i++ {
		shape := i % shapes
		go worker(shape, 1+shape*3, &parked)
	}
	parked.Wait()
	waitUntilParked()
}

var kept [][]byte

// allocate makes objects of all kinds: tiny ones, small ones of many sizes, large ones. Every other one is garbage.
func allocate() []byte {
	for i := 0; i < 3000; i++ {
		object := make([]byte, 1+i)
		if i%100 == 0 {
			object = make([]byte, 40000+i)
		}
		if i%2 == 0 {
			kept = append(kept, object)
		}
	}
	return nil
}

// collect drops half of what was kept, and has it collected.
func collect() []byte {
	kept = append([][]byte(nil), kept[len(kept)/2:]...)
	runtime.GC()
	return nil
}

//go:noinline
func worker(shape, depth int, parked *sync.WaitGroup) int {
	if depth > 1 {
		return worker(shape, depth-1, parked) + 1
	}
	parked.Done()
	switch shape % 3 {
	case 0:
		return <-never
	case 1:
		select {
		case n := <-never:
			return n
		case n := <-other:
			return n
		}
	}
	held.Lock()
	return 0
}
