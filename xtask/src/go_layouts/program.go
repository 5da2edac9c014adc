// The program whose DWARF the layout table is read from. It uses each type that the table should
// have and that a Go program has only if it uses it: sync's, timers', the labels of runtime/pprof.
package main

import (
	"context"
	"os"
	"runtime/pprof"
	"sync"
	"time"
)

func main() {
	var mutex sync.Mutex
	var readers sync.RWMutex
	var group sync.WaitGroup
	var once sync.Once
	cond := sync.NewCond(&mutex)
	group.Add(1)
	pprof.Do(context.Background(), pprof.Labels("key", "value"), func(context.Context) {
		go func() {
			defer group.Done()
			readers.RLock()
			defer readers.RUnlock()
			time.Sleep(time.Nanosecond)
			once.Do(cond.Broadcast)
		}()
	})
	group.Wait()
	if err := pprof.Lookup("goroutine").WriteTo(os.Stderr, 1); err != nil {
		os.Exit(1)
	}
}
