//go:build go1.25

package main

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"
)

// Made outside the bubble: to wait on it is not durable, so the bubble's clock stands still for ever.
var outside = make(chan int)

func init() {
	runBubble = func() {
		testing.Main(regexp.MatchString, []testing.InternalTest{{Name: "TestBubble", F: testBubble}}, nil, nil)
	}
}

func testBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		go bubbleReceive()
		go bubbleSelect()
		go bubbleSleep()
		go bubbleOutside()
		synctest.Wait()
	})
}

func bubbleReceive() { <-make(chan int) }

func bubbleSelect() {
	a, b := make(chan int), make(chan int)
	select {
	case <-a:
	case b <- 1:
	}
}

func bubbleSleep() { time.Sleep(time.Hour) }

func bubbleOutside() { <-outside }
