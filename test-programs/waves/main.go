// Shows many parked goroutines, as many as the first argument says (default 10000), of which a few move now and then:
// the command "wave" wakes the next of them, as many as the second argument says (default 5 %), and answers when all of
// those have parked again, each in another function than before.
package main

import (
	"os"
	"strconv"
	"sync"

	"gostat.example/test-programs/internal/protocol"
)

func main() {
	count := argument(1, 10000)
	wave := argument(2, (count+19)/20)
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
			parking.Add(wave)
			for i := 0; i < wave; i++ {
				wake[next] <- &parking
				next = (next + 1) % count
			}
			parking.Wait()
			return nil
		},
	})
}

func argument(at, otherwise int) int {
	if len(os.Args) <= at {
		return otherwise
	}
	number, err := strconv.Atoi(os.Args[at])
	if err != nil || number < 1 {
		println("usage: waves [COUNT [MOVED]], both at least 1")
		os.Exit(64)
	}
	return number
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
