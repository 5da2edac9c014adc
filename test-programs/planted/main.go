// Shows a live system in which leaks were planted at random, and counted: `planted SEED [OPERATIONS]`. Each operation
// leaks a few goroutines, parks a few that can be woken, wakes some, or has a burst of them come and go; all the time
// others work. It rests from operating, not from working, when it is ready, and after each of these commands:
//
//	operate  as many operations again
//	wake     wake all that can be woken, and wait for their end
//	planted  the ids of all goroutines that were leaked so far: these and no others can never run again
//	healthy  the ids of goroutines that wait, and have been made such that something can wake them
package main

import (
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"sort"
	"strconv"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

var (
	random  *rand.Rand
	planted []uint64
	// healthy is how each of them is woken.
	healthy = map[uint64]func(){}
)

func main() {
	seed, operations := argument(1, 1), argument(2, 100)
	random = rand.New(rand.NewSource(int64(seed)))
	startWork()
	operate(operations)
	fmt.Println("ready")
	protocol.Serve(map[string]func() []byte{
		"operate": func() []byte { operate(operations); return nil },
		"wake":    func() []byte { wake(len(healthy)); return nil },
		"planted": func() []byte { return lines(planted) },
		"healthy": func() []byte { return lines(waiting()) },
	})
}

func argument(index, otherwise int) int {
	if len(os.Args) <= index {
		return otherwise
	}
	n, err := strconv.Atoi(os.Args[index])
	if err != nil {
		panic(err)
	}
	return n
}

// operate does so on a stack that is gone afterwards, and returns when all that shall wait do.
func operate(operations int) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; i < operations; i++ {
			switch random.Intn(6) {
			case 0, 1:
				planted = append(planted, leaks[random.Intn(len(leaks))]()...)
			case 2, 3:
				for id, waker := range healthies[random.Intn(len(healthies))]() {
					healthy[id] = waker
				}
			case 4:
				wake(random.Intn(3))
			case 5:
				burst(random.Intn(30))
			}
		}
	}()
	<-done
	for !allWait() {
		time.Sleep(time.Millisecond)
	}
}

// allWait reports whether every goroutine that shall wait does: they told their ids a little before.
func allWait() bool {
	shall := waiting()
	wait := map[uint64]bool{}
	for _, goroutine := range split(string(protocol.Stack())) {
		reason := protocol.Reason(goroutine)
		wait[protocol.ID(goroutine)] = reason != "running" && reason != "runnable" && reason != "preempted"
	}
	for _, id := range append(shall, planted...) {
		if !wait[id] {
			return false
		}
	}
	return true
}

// wake wakes so many, oldest first, and waits until there is none of them any more.
func wake(count int) {
	ids := waiting()
	if count > len(ids) {
		count = len(ids)
	}
	for _, id := range ids[:count] {
		waker := healthy[id]
		delete(healthy, id)
		waker()
	}
	for gone := false; !gone; {
		runtime.Gosched()
		gone = true
		alive := map[uint64]bool{}
		for _, goroutine := range split(string(protocol.Stack())) {
			alive[protocol.ID(goroutine)] = true
		}
		for _, id := range ids[:count] {
			gone = gone && !alive[id]
		}
	}
}

func waiting() []uint64 {
	ids := make([]uint64, 0, len(healthy))
	for id := range healthy {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids
}

func lines(ids []uint64) []byte {
	var out []byte
	for _, id := range ids {
		out = append(strconv.AppendUint(out, id, 10), '\n')
	}
	return out
}
