package main

import "runtime"

func init() {
	add("main.lockedToThread", "chan receive", func() { go lockedToThread() })
	add("main.lockedInSelect", "select", func() { go lockedInSelect(make(chan int), make(chan int)) })
}

func lockedToThread() {
	runtime.LockOSThread()
	<-make(chan int)
}

func lockedInSelect(a, b chan int) {
	runtime.LockOSThread()
	select {
	case <-a:
	case <-b:
	}
}
