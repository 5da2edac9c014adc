package main

import (
	"context"
	"time"
)

var server, stopServer = context.WithCancel(context.Background())

// Contexts, tickers and timers: what is still to fire wakes its goroutine, whoever has forgotten it.
func init() {
	register("ContextDropped", func() {
		ctx, cancel := context.WithCancel(context.Background())
		go leakContextDropped(ctx)
		_ = cancel
	}, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 1000*time.Hour)
		go healthyContextDropped(ctx)
		_ = cancel
	})
	// Only cancelling the parent of its parent reaches it.
	register("ContextTree", func() {
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), server, 1))
		child, cancelChild := context.WithCancel(ctx)
		go leakContextTree(child)
		_, _ = cancel, cancelChild
	}, func() {
		ctx, cancel := context.WithCancel(context.WithValue(server, server, 1))
		child, cancelChild := context.WithCancel(ctx)
		go healthyContextTree(child)
		_, _ = cancel, cancelChild
		keep(stopServer)
	})
	register("Ticker", func() {
		t := time.NewTicker(1000 * time.Hour)
		go leakTicker(t.C, make(chan int))
		t.Stop()
	}, func() {
		go healthyTicker(time.NewTicker(1000*time.Hour).C, make(chan int))
	})
	register("Timer", func() {
		t := time.NewTimer(1000 * time.Hour)
		go leakTimer(t)
		t.Stop()
	}, func() {
		go healthyTimer(time.NewTimer(1000 * time.Hour))
	})
	// The timer's function has the channel, and nothing else has.
	register("AfterFunc", func() {
		c := make(chan int)
		time.AfterFunc(1000*time.Hour, func() { close(c) }).Stop()
		go leakAfterFunc(c)
	}, func() {
		c := make(chan int)
		time.AfterFunc(1000*time.Hour, func() { close(c) })
		go healthyAfterFunc(c)
	})
}

func leakContextDropped(ctx context.Context)    { <-ctx.Done() }
func healthyContextDropped(ctx context.Context) { <-ctx.Done() }
func leakContextTree(ctx context.Context)       { <-ctx.Done() }
func healthyContextTree(ctx context.Context)    { <-ctx.Done() }

func leakTicker(ticks <-chan time.Time, stop chan int)    { tick(ticks, stop) }
func healthyTicker(ticks <-chan time.Time, stop chan int) { tick(ticks, stop) }

//go:noinline
func tick(ticks <-chan time.Time, stop chan int) {
	for {
		select {
		case <-ticks:
		case <-stop:
			return
		}
	}
}

func leakTimer(t *time.Timer)    { <-t.C }
func healthyTimer(t *time.Timer) { <-t.C }
func leakAfterFunc(c chan int)   { receive(c) }
func healthyAfterFunc(c chan int) {
	receive(c)
}
