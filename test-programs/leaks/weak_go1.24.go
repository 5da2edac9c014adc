//go:build go1.24

package main

import (
	"runtime"
	"weak"
)

func init() {
	// A weak pointer does not keep what it points to.
	register("WeakPointer", func() {
		f := &future{done: make(chan int)}
		keep(weak.Make(f))
		go leakWeakPointer(f)
	}, func() {
		f := &future{done: make(chan int)}
		keep(f)
		go healthyWeakPointer(f)
	})
	// Only the cleanup of an object has it.
	register("Cleanup", func() {
		c, o := make(chan int), new(outer)
		runtime.AddCleanup(o, func(c chan int) { close(c) }, c).Stop()
		keep(o)
		go leakCleanup(c)
	}, func() {
		c, o := make(chan int), new(outer)
		runtime.AddCleanup(o, func(c chan int) { close(c) }, c)
		keep(o)
		go healthyCleanup(c)
	})
}

func leakWeakPointer(f *future)    { f.get() }
func healthyWeakPointer(f *future) { f.get() }
func leakCleanup(c chan int)       { receive(c) }
func healthyCleanup(c chan int)    { receive(c) }
