package main

func init() {
	add("main.chanReceive", "chan receive", func() { go chanReceive(make(chan int)) })
	add("main.chanReceiveBuffered", "chan receive", func() { go chanReceiveBuffered(make(chan string, 4)) })
	add("main.chanSend", "chan send", func() { go chanSend(make(chan int)) })
	add("main.chanSendBuffered", "chan send", func() { go chanSendBuffered(make(chan [3]uint64, 2)) })
	add("main.chanReceiveNil", "chan receive (nil chan)", func() { go chanReceiveNil(nil) })
	add("main.chanSendNil", "chan send (nil chan)", func() { go chanSendNil(nil) })
	add("main.chanRange", "chan receive", func() { go chanRange(make(chan struct{})) })
	add("main.selectNoCases", "select (no cases)", func() { go selectNoCases() })
	add("main.selectCases", "select", func() { go selectCases(make(chan int), make(chan int, 1), nil) })
	add("main.selectNilCases", "select", func() { go selectNilCases(nil) })
}

func chanReceive(c chan int) { <-c }

func chanReceiveBuffered(c chan string) {
	text, ok := <-c
	println(text, ok)
}

func chanSend(c chan int) { c <- 1 }

func chanSendBuffered(c chan [3]uint64) {
	for {
		c <- [3]uint64{1, 2, 3}
	}
}

func chanReceiveNil(c chan int) { <-c }

func chanSendNil(c chan int) { c <- 1 }

func chanRange(c chan struct{}) {
	for range c {
	}
}

func selectNoCases() { select {} }

func selectCases(receive, full, null chan int) {
	full <- 0
	select {
	case <-receive:
	case full <- 1:
	case <-null:
	}
}

// Every case of this select is nil: it waits on nothing, though it has cases.
func selectNilCases(null chan int) {
	other := null
	select {
	case <-null:
	case other <- 1:
	}
}
