package main

import (
	"context"
	"runtime/pprof"
	"time"
)

// Senders that wait for the same channel.
const senders = 3

// Longer than any test.
const long = 20 * time.Hour

func startChannels() {
	shared := make(chan int)
	for i := 0; i < senders; i++ {
		go sender(shared)
	}
	expect("CHANNEL_SEND", "main.sender", "chan send")
	go nilReceive(nil)
	expect("BLOCKED_FOREVER", "main.nilReceive", "chan receive (nil chan)")
	go selects(make(chan int), make(chan int))
	expect("SELECT", "main.selects", "select")
	go pprof.Do(context.Background(), pprof.Labels("http.route", "POST /report", "db", "orders"), labelled)
	expectOf(expectation{"CHANNEL_RECEIVE", "main", "POST /report", "orders", "-", []string{"main.labelled"}}, "chan receive")
}

func sender(shared chan int) { shared <- 1 }

func nilReceive(never chan int) { <-never }

func selects(a, b chan int) {
	select {
	case <-a:
	case b <- 1:
	}
}

func labelled(context.Context) { <-make(chan int) }

func startTime() {
	go sleeps()
	expect("TIMER", "main.sleeps", "sleep")
	// Only since Go 1.23 does a channel say that a timer feeds it.
	meaning := "CHANNEL_RECEIVE"
	if release() >= 23 {
		meaning = "TIMER"
	}
	go timeAfter()
	expect(meaning, "main.timeAfter", "chan receive")
}

func sleeps() { time.Sleep(long) }

func timeAfter() { <-time.After(long) }
