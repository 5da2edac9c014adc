// Shows goroutines that queue for one thing, as many as the second argument says. The first says for what, and whether
// the queue moves: `lock-held` and `channel-full` stand still for good, `lock-busy` and `channel-busy` move all the time
// (each waits its turn), `workers` and `condition` are idle workers that nobody has work for.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

var (
	lock      sync.Mutex
	condition = sync.NewCond(&lock)
	channel   = make(chan int)
	turns     int64
)

var kinds = map[string]struct {
	queue   func()
	serve   func()
	reasons []string
}{
	"lock-held":    {queueForLock, lock.Lock, []string{"sync.Mutex.Lock", "semacquire"}},
	"lock-busy":    {queueForLock, func() {}, nil},
	"channel-full": {queueForChannel, func() {}, []string{"chan send"}},
	"channel-busy": {queueForChannel, func() { go take() }, nil},
	"workers":      {work, func() {}, []string{"chan receive"}},
	"condition":    {waitForCondition, func() {}, []string{"sync.Cond.Wait"}},
}

func main() {
	if len(os.Args) != 3 {
		usage()
	}
	kind, known := kinds[os.Args[1]]
	count, err := strconv.Atoi(os.Args[2])
	if !known || err != nil || count < 1 {
		usage()
	}
	kind.serve()
	for i := 0; i < count; i++ {
		go queue(kind.queue)
	}
	if kind.reasons == nil {
		for atomic.LoadInt64(&turns) < int64(count) {
			time.Sleep(time.Millisecond)
		}
		protocol.Ready(nil)
	} else {
		protocol.Ready([]protocol.State{{Function: "main.queue", Reasons: kind.reasons, Count: count}})
	}
	protocol.Serve(map[string]func() []byte{"turns": func() []byte {
		return []byte(strconv.FormatInt(atomic.LoadInt64(&turns), 10))
	}})
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: queues KIND COUNT")
	os.Exit(64)
}

//go:noinline
func queue(wait func()) {
	wait()
	panic("nobody comes to the end of the queue")
}

func queueForLock() {
	for {
		lock.Lock()
		time.Sleep(time.Millisecond)
		atomic.AddInt64(&turns, 1)
		lock.Unlock()
	}
}

func queueForChannel() {
	for i := 0; ; i++ {
		channel <- i
		atomic.AddInt64(&turns, 1)
	}
}

func take() {
	for range channel {
		time.Sleep(time.Millisecond)
	}
}

func work() {
	for range channel {
	}
}

func waitForCondition() {
	lock.Lock()
	for {
		condition.Wait()
	}
}
