// Shows goroutines inside runtime/secret, whose registers, stacks and heap objects nobody may keep. Needs Go 1.26 and
// GOEXPERIMENT=runtimesecret; built without it says so and fails.
package main

import (
	"os"

	"gostat.example/test-programs/internal/protocol"
)

// do is secret.Do, or nil where there is none.
var do func(func())

const count = 3

func main() {
	if do == nil {
		println("runtime/secret needs go1.26 and GOEXPERIMENT=runtimesecret")
		os.Exit(1)
	}
	entered := make(chan bool)
	for i := 0; i < count; i++ {
		go inside(entered)
	}
	for i := 0; i < count; i++ {
		<-entered
	}
	go afterwards()
	protocol.Ready([]protocol.State{
		{Function: "runtime/secret.Do", Reasons: []string{"chan receive"}, Count: count},
		{Function: "main.afterwards", Reasons: []string{"chan receive"}},
	})
	protocol.Serve(nil)
}

func inside(entered chan<- bool) {
	do(func() {
		entered <- true
		<-make(chan int)
	})
}

func afterwards() {
	do(func() {})
	<-make(chan int)
}
