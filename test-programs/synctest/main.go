// Shows a testing/synctest bubble: goroutines whose waits the runtime calls durable, in a bubble of their own. Needs
// Go 1.25; built with an older release it says so and fails.
package main

import (
	"os"

	"gostat.example/test-programs/internal/protocol"
)

// runBubble never returns. It is nil where there is no testing/synctest.
var runBubble func()

func main() {
	if runBubble == nil {
		println("testing/synctest needs go1.25")
		os.Exit(1)
	}
	go serve()
	runBubble()
}

func serve() {
	protocol.Ready([]protocol.State{
		{Function: "main.bubbleReceive", Reasons: []string{"chan receive"}},
		{Function: "main.bubbleSelect", Reasons: []string{"select"}},
		{Function: "main.bubbleSleep", Reasons: []string{"sleep"}},
		{Function: "main.bubbleOutside", Reasons: []string{"chan receive"}},
		{Function: "testing/synctest.Wait", Reasons: []string{"synctest.Wait"}},
	})
	protocol.Serve(nil)
}
