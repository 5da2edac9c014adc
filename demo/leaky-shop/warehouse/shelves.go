// Package warehouse has the demonstration's deadlock: two goroutines that wait for each other for ever.
package warehouse

import (
	"sync"
	"time"
)

// shelf is a part of the stock that only one may touch at a time.
type shelf struct {
	mu   sync.Mutex
	pots int
}

// Open begins to move stock between two shelves, and to count it.
//
// This is the bug: restock takes the shelves front to back, and audit takes them back to front. As soon as each has
// its first shelf, neither gets its second one. Taking them in one order would mend it.
func Open() {
	front, back := &shelf{pots: 3}, &shelf{pots: 40}
	go restock(front, back)
	go audit(front, back)
}

func restock(front, back *shelf) {
	for {
		front.mu.Lock()
		walk()
		back.mu.Lock()
		back.pots--
		front.pots++
		back.mu.Unlock()
		front.mu.Unlock()
	}
}

func audit(front, back *shelf) {
	for {
		back.mu.Lock()
		walk()
		front.mu.Lock()
		_ = front.pots + back.pots
		front.mu.Unlock()
		back.mu.Unlock()
	}
}

// walk takes its time, as the way from shelf to shelf does.
func walk() { time.Sleep(20 * time.Millisecond) }
