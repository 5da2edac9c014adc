// Shows many parked goroutines, as many as the first argument says (default 10000), of which a few move now and then:
// the command "wave" wakes the next 5 % of them, and answers when all of those have parked again, each in another
// function than before.
package main

import (
	"os"
	"strconv"
	"sync"

	"gostat.example/test-programs/internal/protocol"
)

// A wave wakes one of so many.
const waveShare = 20

func main() {
	count := 10000
	if len(os.Args) > 1 {
		var err error
		if count, err = strconv.Atoi(os.Args[1]); err != nil || count < waveShare {
			println("usage: waves [COUNT], at least", waveShare)
			os.Exit(64)
		}
	}
	wake := make([]chan *sync.WaitGroup, count)
	var parking sync.WaitGroup
	parking.Add(count)
	for i := range wake {
		wake[i] = make(chan *sync.WaitGroup)
		go worker(wake[i], i%10, &parking)
	}
	parking.Wait()
	next := 0
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{
		"wave": func() []byte {
			var parking sync.WaitGroup
			parking.Add(count / waveShare)
			for i := 0; i < count/waveShare; i++ {
				wake[next] <- &parking
				next = (next + 1) % count
			}
			parking.Wait()
			return nil
		},
	})
}

// worker waits in odd and in even, in turns.
func worker(wake chan *sync.WaitGroup, depth int, parking *sync.WaitGroup) {
	for {
		parking = even(wake, depth, parking)
		parking = odd(wake, depth, parking)
	}
}

//go:noinline
func even(wake chan *sync.WaitGroup, depth int, parking *sync.WaitGroup) *sync.WaitGroup {
	if depth > 0 {
		parking = even(wake, depth-1, parking)
		return parking
	}
	parking.Done()
	return <-wake
}

//go:noinline
func odd(wake chan *sync.WaitGroup, depth int, parking *sync.WaitGroup) *sync.WaitGroup {
	if depth > 0 {
		parking = odd(wake, depth-1, parking)
		return parking
	}
	parking.Done()
	return <-wake
}
