package protocol

import (
	"strings"
	"time"
)

const (
	// settleSame is how many looks in a row have to be equal.
	settleSame = 4
	settlePace = 5 * time.Millisecond
	// settlePatience is short: there are programs that never rest, and they are worth a look as well.
	settlePatience = 2 * time.Second
)

// Settle waits until the same goroutines wait for the same reasons, none of them for a time to come; it reports
// false if they never do.
func Settle() bool { return settle(false) }

// SettleButForSleepers is Settle in a program whose sleepers sleep for good.
func SettleButForSleepers() bool { return settle(true) }

func settle(sleepersRest bool) bool {
	deadline := time.Now().Add(settlePatience)
	before, same := "", 0
	for same < settleSame {
		if time.Now().After(deadline) {
			return false
		}
		now, rests := waits(string(Stack()), sleepersRest)
		if now == before && rests {
			same++
		} else {
			before, same = now, 0
		}
		time.Sleep(settlePace)
	}
	return true
}

// waits is who waits for what in a dump whose first goroutine makes it, and whether all others rest.
func waits(dump string, sleepersRest bool) (string, bool) {
	var who strings.Builder
	rests := true
	for i, goroutine := range strings.Split(dump, "\n\n") {
		if i == 0 {
			continue
		}
		reason := Reason(goroutine)
		switch reason {
		case "sleep":
			rests = rests && sleepersRest
		case "running", "runnable", "preempted", "copystack":
			rests = false
		}
		if end := strings.IndexByte(goroutine, '['); end > 0 {
			who.WriteString(goroutine[:end])
		}
		who.WriteString(reason)
	}
	return who.String(), rests
}
