package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// A context that the standard library does not know: its end is handed on by a goroutine.
type foreignContext struct{ context.Context }

func (foreignContext) Done() <-chan struct{} { return never }

var never = make(chan struct{})

// What must not be collected or cancelled.
var kept []interface{}

func startContexts() {
	child, cancel := context.WithCancel(foreignContext{context.Background()})
	kept = append(kept, child, cancel)
	function := "context.propagateCancel.func1"
	if release() >= 21 {
		function = "context.(*cancelCtx).propagateCancel.func2"
	}
	expectOf(expectation{"CONTEXT_WAIT", "context", "-", "-", "-", []string{function}}, "select")

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	expectOf(expectation{"SIGNAL_WAIT", "os/signal", "-", "-", "-", []string{"os/signal.loop"}}, "syscall")
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGUSR2)
	kept = append(kept, signals, stopped, stop)
	expectOf(expectation{"SIGNAL_WAIT", "os/signal", "-", "-", "-", []string{"os/signal.NotifyContext.func1"}}, "select")
}
