// Shows a Go runtime that is a shared library, loaded by a program in C (host/main.c): the executable is not
// Go's, and the main goroutine never runs a main function of ours.
package main

import "C"

import (
	"sync"

	"gostat.example/test-programs/internal/protocol"
)

// StartGoroutines is called once, on the C program's main thread.
//
//export StartGoroutines
func StartGoroutines() {
	held := new(sync.Mutex)
	held.Lock()
	go receiver(make(chan int))
	go locker(held)
	go serve()
}

// ParkForEver is called on a thread of the C program's own, and stays.
//
//export ParkForEver
func ParkForEver() { parkCaller() }

//go:noinline
func parkCaller() { <-make(chan int) }

func serve() {
	protocol.Ready([]protocol.State{
		{Function: "main.receiver", Reasons: []string{"chan receive"}},
		{Function: "main.locker", Reasons: []string{"semacquire", "sync.Mutex.Lock"}},
		{Function: "main.parkCaller", Reasons: []string{"chan receive"}},
	})
	protocol.Serve(nil)
}

func receiver(c chan int) { <-c }

func locker(held *sync.Mutex) { held.Lock() }

func main() {}
