package main

import "time"

// Channels whose other side went away.
func init() {
	// The result comes after its reader gave up.
	register("ForgottenSender", func() {
		result := make(chan int)
		go leakForgottenSender(result)
		select {
		case <-result:
			panic("too early")
		default:
		}
	}, func() {
		result := make(chan int)
		go healthyForgottenSender(result)
		go keepAsleep(result)
	})
	// Nobody closes what is ranged over.
	register("MissingClose", func() {
		items := make(chan int)
		for i := 0; i < 2; i++ {
			go leakMissingClose(items)
		}
		items <- 1
	}, func() {
		items := make(chan int)
		keep(items)
		go healthyMissingClose(items)
		items <- 1
	})
	// The reader of several returns after the first.
	register("EarlyReturn", func() {
		results := make(chan int)
		for i := 0; i < 3; i++ {
			go leakEarlyReturn(results)
		}
	}, func() {
		results := make(chan int)
		for i := 0; i < 3; i++ {
			go healthyEarlyReturn(results)
		}
		go keepAsleep(func() int { return <-results })
	})
	register("NilChannel", func() {
		go leakNilChannelReceive(nil)
		go leakNilChannelSend(nil)
	}, func() {
		c := make(chan int)
		keep(c)
		go healthyNilChannel(c)
	})
	register("SelectDead", func() {
		go leakSelectDead(make(chan int), make(chan int))
	}, func() {
		c := make(chan int)
		keep(c)
		go healthySelectDead(make(chan int), c)
	})
	register("SelectNothing", func() {
		go leakSelectNothing()
	}, func() {
		go healthySelectNothing(time.After(1000 * time.Hour))
	})
	// Who asked for a semaphore whose token was lost.
	register("TokenLost", func() {
		tokens := make(chan int, 1)
		tokens <- 1
		go leakTokenLost(tokens)
	}, func() {
		tokens := make(chan int, 1)
		tokens <- 1
		go healthyTokenLost(tokens)
		go keepAsleep(tokens)
	})
	// Every task reports its error; only the first is listened to.
	register("FirstError", func() {
		errors := make(chan error)
		for i := 0; i < 3; i++ {
			go leakFirstError(errors)
		}
		<-errors
	}, func() {
		errors := make(chan error)
		for i := 0; i < 3; i++ {
			go healthyFirstError(errors)
		}
		<-errors
		go keepAsleep(errors)
	})
	// A handler's helper, whose handler timed out.
	register("Handler", func() {
		handle(leakHandler, false)
	}, func() {
		handle(healthyHandler, true)
	})
}

func leakForgottenSender(result chan int)    { send(result) }
func healthyForgottenSender(result chan int) { send(result) }

func leakMissingClose(items chan int) {
	for range items {
	}
}

func healthyMissingClose(items chan int) {
	for range items {
	}
}

func leakEarlyReturn(results chan int)    { results <- 1 }
func healthyEarlyReturn(results chan int) { results <- 1 }

func leakNilChannelReceive(c chan int) { receive(c) }
func leakNilChannelSend(c chan int)    { send(c) }
func healthyNilChannel(c chan int)     { receive(c) }

func leakSelectDead(a, b chan int) {
	select {
	case <-a:
	case b <- 1:
	}
}

func healthySelectDead(a, b chan int) {
	select {
	case <-a:
	case b <- 1:
	}
}

func leakSelectNothing() { select {} }

func healthySelectNothing(after <-chan time.Time) {
	select {
	case <-after:
	}
}

func leakTokenLost(tokens chan int)    { tokens <- 1 }
func healthyTokenLost(tokens chan int) { tokens <- 1 }

func leakFirstError(errors chan error)    { errors <- nil }
func healthyFirstError(errors chan error) { errors <- nil }

type request struct {
	body  [16]string
	reply chan int
}

func handle(helper func(*request), waits bool) {
	r := &request{reply: make(chan int)}
	go helper(r)
	if waits {
		go keepAsleep(r)
	}
}

func leakHandler(r *request)    { r.reply <- len(r.body) }
func healthyHandler(r *request) { r.reply <- len(r.body) }
