package main

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// startWork has some 100 goroutines work all the time, none of them for ever at one thing.
func startWork() {
	for i := 0; i < 20; i++ {
		go keepAsking()
		go keepLocking()
	}
	go keepCollecting()
}

// keepAsking starts a goroutine for each answer, and gives up on some.
func keepAsking() {
	for round := 0; ; round++ {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(1+round%3)*time.Millisecond)
		answer := make(chan int, 1)
		go func() {
			time.Sleep(2 * time.Millisecond)
			answer <- round
		}()
		select {
		case <-answer:
		case <-ctx.Done():
		}
		cancel()
	}
}

var busy struct {
	sync.Mutex
	count int
}

func keepLocking() {
	for {
		busy.Lock()
		busy.count++
		time.Sleep(50 * time.Microsecond)
		busy.Unlock()
		time.Sleep(time.Millisecond)
	}
}

func keepCollecting() {
	for range time.NewTicker(20 * time.Millisecond).C {
		runtime.GC()
	}
}

// burst has so many goroutines come, meet and go.
func burst(count int) {
	var all sync.WaitGroup
	c := make(chan int)
	for i := 0; i < count; i++ {
		all.Add(2)
		go func() { defer all.Done(); c <- 1 }()
		go func() { defer all.Done(); <-c }()
	}
	all.Wait()
}
