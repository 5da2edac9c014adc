// Shows one goroutine in every state that holds still: what it waits on, what is on its stack, what it
// carries. The main goroutine itself is locked to its thread and blocked for ever in an empty select.
package main

import (
	"runtime"

	"gostat.example/test-programs/internal/protocol"
)

// Every file of this program adds its states here.
var states []state

// A state is a function that some goroutine is in, the runtime's words for why it waits there, and how to
// get one into it.
type state struct {
	function string
	reasons  []string
	start    func()
}

func add(function, reason string, start func()) {
	states = append(states, state{function, []string{reason}, start})
}

// addSync is for waits that releases before 1.20 (or 1.24, for a WaitGroup) only call "semacquire".
func addSync(function, reason string, start func()) {
	states = append(states, state{function, []string{"semacquire", reason}, start})
}

func init() {
	// A goroutine that is locked while initialising stays so in main.main.
	runtime.LockOSThread()
}

func main() {
	promised := []protocol.State{{Function: "main.main", Reasons: []string{"select (no cases)"}}}
	for _, state := range states {
		state.start()
		promised = append(promised, protocol.State{Function: state.function, Reasons: state.reasons})
	}
	go serve(promised)
	select {}
}

func serve(promised []protocol.State) {
	protocol.Ready(promised)
	protocol.Serve(nil)
}
