// Shows goroutines that come and go in bursts, counted by the program itself: the comparison of rates.
//
// It rests until the command "begin", which has four goroutines start others as fast as they end, some of which
// stay. "settle" stops that, waits until all of them have ended for the runtime as well, and answers how many have
// been started since the program was ready; as many have ended. "begin" can be given again.
package main

import (
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

var started uint64

func main() {
	// What the runtime starts for its first collection is none of ours.
	runtime.GC()
	var stop chan struct{}
	var spawners sync.WaitGroup
	resting := runtime.NumGoroutine()
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{
		"begin": func() []byte {
			stop = make(chan struct{})
			for i := 0; i < 4; i++ {
				spawners.Add(1)
				atomic.AddUint64(&started, 1)
				go spawner(1<<uint(4+2*i), stop, &spawners)
			}
			return nil
		},
		"settle": func() []byte {
			close(stop)
			spawners.Wait()
			// A goroutine has told us before it has ended.
			for runtime.NumGoroutine() > resting {
				time.Sleep(time.Millisecond)
			}
			return []byte(strconv.FormatUint(atomic.LoadUint64(&started), 10))
		},
	})
}

// spawner starts bursts of so many goroutines, half of which stay until the next burst.
func spawner(size int, stop chan struct{}, spawners *sync.WaitGroup) {
	defer spawners.Done()
	for {
		var burst sync.WaitGroup
		leave := make(chan struct{})
		for i := 0; i < size; i++ {
			burst.Add(1)
			atomic.AddUint64(&started, 1)
			if i%2 == 0 {
				go brief(&burst)
			} else {
				go staying(leave, &burst)
			}
		}
		runtime.Gosched()
		close(leave)
		burst.Wait()
		select {
		case <-stop:
			return
		default:
		}
	}
}

func brief(burst *sync.WaitGroup) { burst.Done() }

func staying(leave chan struct{}, burst *sync.WaitGroup) {
	<-leave
	burst.Done()
}
