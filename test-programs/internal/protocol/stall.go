package protocol

import (
	"sync/atomic"
	"time"
)

var (
	stallStarted bool
	stallWorst   int64
)

// worstStall is by how many nanoseconds a 1 ms ticker was late at worst since the last call. The first
// call starts the ticker: before that it would be one more goroutine that does not hold still.
func worstStall() int64 {
	if !stallStarted {
		stallStarted = true
		go watchStall()
		return 0
	}
	return atomic.SwapInt64(&stallWorst, 0)
}

func watchStall() {
	const period = time.Millisecond
	last := time.Now()
	for range time.NewTicker(period).C {
		now := time.Now()
		late := int64(now.Sub(last) - period)
		for {
			worst := atomic.LoadInt64(&stallWorst)
			if late <= worst || atomic.CompareAndSwapInt64(&stallWorst, worst, late) {
				break
			}
		}
		last = now
	}
}
