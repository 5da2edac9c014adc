// Shows goroutines that nothing can ever wake, beside some that look alike but can be woken. Where the runtime has a
// leak detector of its own (Go 1.27, and 1.26 as an experiment), it has run and called the former leaked.
package main

import (
	"bytes"
	"runtime/pprof"
	"sync"

	"gostat.example/test-programs/internal/protocol"
)

const count = 10

// Reachable, so whoever waits on it may yet be woken.
var reachable = make(chan int)

func main() {
	for i := 0; i < count; i++ {
		go leakedReceive(make(chan int))
		go leakedSend(make(chan int))
		go leakedSelect(make(chan int), make(chan int))
		go leakedLock(new(guard))
	}
	go waiting()
	states := []protocol.State{
		{Function: "main.leakedReceive", Reasons: []string{"chan receive"}, Count: count},
		{Function: "main.leakedSend", Reasons: []string{"chan send"}, Count: count},
		{Function: "main.leakedSelect", Reasons: []string{"select"}, Count: count},
		{Function: "main.leakedLock", Reasons: []string{"semacquire", "sync.Mutex.Lock"}, Count: count},
		{Function: "main.waiting", Reasons: []string{"chan receive"}},
	}
	protocol.WaitFor(states)
	if detector := pprof.Lookup("goroutineleak"); detector != nil {
		if err := detector.WriteTo(new(bytes.Buffer), 0); err != nil {
			panic(err)
		}
	}
	protocol.Ready(states)
	protocol.Serve(nil)
}

func leakedReceive(c chan int) { <-c }

func leakedSend(c chan int) { c <- 1 }

func leakedSelect(a, b chan int) {
	select {
	case <-a:
	case b <- 1:
	}
}

// A lone sync.Mutex would share its 16 bytes of heap with other small things, and be reachable with them.
type guard struct {
	sync.Mutex
	guarded *int
}

func leakedLock(lock *guard) {
	lock.Lock()
	lock.Lock()
}

func waiting() { <-reachable }
