package main

import (
	"context"
	"runtime/pprof"
)

func init() {
	add("main.labelled", "chan receive", func() {
		go pprof.Do(context.Background(), pprof.Labels("queue", "mail", "shard", "7"), labelled)
	})
	// More than eight did not fit into one bucket of the map that labels were up to Go 1.23.
	add("main.manyLabels", "chan receive", func() {
		go pprof.Do(context.Background(), pprof.Labels(
			"a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8",
			"i", "9", "j", "10", "k", "11", "l", "12"), manyLabels)
	})
	add("main.inheritedLabels", "chan receive", func() {
		started := make(chan bool)
		go pprof.Do(context.Background(), pprof.Labels("inherited", "yes"), func(context.Context) {
			go inheritedLabels()
			started <- true
		})
		<-started
	})
	add("main.nestedLabels", "chan receive", func() {
		go pprof.Do(context.Background(), pprof.Labels("outer", "1", "both", "outer"), func(ctx context.Context) {
			pprof.Do(ctx, pprof.Labels("inner", "2", "both", "inner"), nestedLabels)
		})
	})
	add("main.strangeLabels", "chan receive", func() {
		go pprof.Do(context.Background(), pprof.Labels("", "empty key", "empty value", "", "quote \" and ü", "new\nline, {}"),
			strangeLabels)
	})
	add("main.removedLabels", "chan receive", func() {
		go pprof.Do(context.Background(), pprof.Labels("removed", "yes"), removedLabels)
	})
}

func labelled(context.Context) { <-make(chan int) }

func manyLabels(context.Context) { <-make(chan int) }

func inheritedLabels() { <-make(chan int) }

func nestedLabels(context.Context) { <-make(chan int) }

func strangeLabels(context.Context) { <-make(chan int) }

func removedLabels(context.Context) {
	pprof.SetGoroutineLabels(context.Background())
	<-make(chan int)
}
