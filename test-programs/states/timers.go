package main

import "time"

// Longer than any test; shorter than what time.Sleep may take for "for ever".
const long = 20 * time.Hour

func init() {
	add("main.timeSleep", "sleep", func() { go timeSleep() })
	add("main.timeAfter", "chan receive", func() { go timeAfter() })
	add("main.timeTicker", "chan receive", func() { go timeTicker() })
	add("main.selectTimer", "select", func() { go selectTimer(make(chan int)) })
}

func timeSleep() { time.Sleep(long) }

func timeAfter() { <-time.After(long) }

func timeTicker() {
	for range time.NewTicker(long).C {
	}
}

func selectTimer(c chan int) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-c:
	case <-timer.C:
	}
}
