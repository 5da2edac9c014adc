// Shows many parked goroutines, as many as the first argument says (default 1000), over 20 different stacks of 3
// to 60 frames, in chan receive, select and mutex waits.
package main

import (
	"os"
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
	var parked sync.WaitGroup
	parked.Add(count)
	for i := 0; i < count; i++ {
		shape := i % shapes
		go worker(shape, 1+shape*3, &parked)
	}
	parked.Wait()
	waitUntilParked()
	protocol.Ready(nil)
	protocol.Serve(nil)
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
