// Package prices has the demonstration's lock convoy: many goroutines in a row for one mutex that is held for long.
package prices

import (
	"context"
	"runtime/pprof"
	"sync"
	"time"
)

// List is what things cost.
//
// This is the bug: whoever asks for a price works it out while holding the lock, so all others wait for one after the
// other. Nothing leaks, and nothing stands still; it is just slow. A sync.RWMutex, or working it out before taking the
// lock, would mend it.
type List struct {
	mu     sync.Mutex
	prices map[string]int
}

// Price says what an item costs, and remembers it.
func (l *List) Price(item string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	price := workOut(item)
	if l.prices == nil {
		l.prices = make(map[string]int)
	}
	l.prices[item] = price
	return price
}

// Comparers asks for prices over and over, with so many goroutines at the same time, until ctx ends.
func (l *List) Comparers(ctx context.Context, count int) {
	for i := 0; i < count; i++ {
		go pprof.Do(ctx, pprof.Labels("route", "/price"), func(ctx context.Context) {
			for ctx.Err() == nil {
				l.Price("teapot")
			}
		})
	}
}

// workOut stands for a slow computation.
func workOut(item string) int {
	time.Sleep(4 * time.Millisecond)
	return 20 + len(item)
}
