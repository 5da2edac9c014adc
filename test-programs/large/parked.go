package main

import "runtime"

// waitUntilParked returns when nobody but the caller wants to run, without a dump of them all, which for a million
// goroutines takes longer than to start them.
//
// With only one P, a goroutine that yields goes to the end of the global queue. It comes back when that is its turn
// and either the P's own queue was empty or 60 of that queue have run. That queue holds 256 at most, so after
// some yields both queues have been emptied of whoever was there at the beginning, and a worker that ran has
// parked: nothing wakes it.
func waitUntilParked() {
	before := runtime.GOMAXPROCS(1)
	for i := 0; i < 100; i++ {
		runtime.Gosched()
	}
	runtime.GOMAXPROCS(before)
}
