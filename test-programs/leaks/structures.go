package main

import "sync"

// Goroutines and channels that hang together.
func init() {
	// Three stages; nobody takes what comes out.
	register("Pipeline", func() {
		first, second, third := make(chan int), make(chan int), make(chan int)
		go leakPipelineSource(first)
		go leakPipelineStage(first, second)
		go leakPipelineStage(second, third)
	}, func() {
		first, second, third := make(chan int), make(chan int), make(chan int)
		go healthyPipelineSource(first)
		go healthyPipelineStage(first, second)
		go healthyPipelineStage(second, third)
		go keepAsleep(third)
	})
	// A generator whose consumer had enough.
	register("Generator", func() {
		c := make(chan int)
		go leakGenerator(c)
		<-c
	}, func() {
		c := make(chan int)
		go healthyGenerator(c)
		<-c
		keep(&struct{ next func() int }{func() int { return <-c }})
	})
	// A queue of requests that carry the channels for their answers; nobody serves it.
	register("ChannelOfChannels", func() {
		queue, reply := make(chan chan int, 4), make(chan int)
		queue <- reply
		go leakChannelOfChannels(queue, reply)
	}, func() {
		queue, reply := make(chan chan int, 4), make(chan int)
		queue <- reply
		keep(queue)
		go healthyChannelOfChannels(reply)
	})
	register("WorkerPool", func() {
		p := &pool{jobs: make(chan func()), quit: make(chan int)}
		for i := 0; i < 4; i++ {
			go leakWorkerPool(p)
		}
	}, func() {
		p := &pool{jobs: make(chan func()), quit: make(chan int)}
		for i := 0; i < 4; i++ {
			go healthyWorkerPool(p)
		}
		keep(p)
	})
	register("Subscriber", func() {
		c := make(chan int)
		unsubscribe := subscribe(c)
		go leakSubscriber(c)
		unsubscribe()
	}, func() {
		c := make(chan int)
		subscribe(c)
		go healthySubscriber(c)
	})
	register("Future", func() {
		f := &future{done: make(chan int)}
		go leakFuture(f)
	}, func() {
		f := &future{done: make(chan int)}
		go healthyFuture(f)
		keep(map[string]*future{"it": f})
	})
	// One waits for another, which waits for nothing that will come.
	register("Chain", func() {
		held, dead := make(chan int), make(chan int)
		go leakChainWaiter(held)
		go leakChainHolder(dead, held)
	}, func() {
		held, live := make(chan int), make(chan int)
		go healthyChainWaiter(held)
		go healthyChainHolder(live, held)
		go keepAsleep(live)
	})
	// Everyone waits for the one before.
	register("Cycle", func() {
		ring := [4]chan int{make(chan int), make(chan int), make(chan int), make(chan int)}
		for i := range ring {
			go leakCycle(ring[i], ring[(i+1)%4])
		}
	}, func() {
		ring := [4]chan int{make(chan int), make(chan int), make(chan int), make(chan int)}
		for i := range ring {
			go healthyCycle(ring[i], ring[(i+1)%4])
		}
		go keepAsleep(ring[2])
	})
}

func leakPipelineSource(out chan int)     { out <- 1; out <- 2; out <- 3; out <- 4 }
func leakPipelineStage(in, out chan int)  { pass(in, out) }
func healthyPipelineSource(out chan int)  { out <- 1; out <- 2; out <- 3; out <- 4 }
func healthyPipelineStage(a, b chan int)  { pass(a, b) }
func leakGenerator(c chan int)            { generate(c) }
func healthyGenerator(c chan int)         { generate(c) }
func leakWorkerPool(p *pool)              { p.work() }
func healthyWorkerPool(p *pool)           { p.work() }
func leakSubscriber(c chan int)           { receive(c) }
func healthySubscriber(c chan int)        { receive(c) }
func leakFuture(f *future)                { f.get() }
func healthyFuture(f *future)             { f.get() }
func leakChainWaiter(c chan int)          { receive(c) }
func healthyChainWaiter(c chan int)       { receive(c) }
func leakChainHolder(dead, held chan int) { held <- <-dead }
func healthyChainHolder(a, held chan int) { held <- <-a }
func leakCycle(in, out chan int)          { out <- <-in }
func healthyCycle(in, out chan int)       { out <- <-in }

func leakChannelOfChannels(queue chan chan int, reply chan int) {
	<-reply
	close(queue)
}

func healthyChannelOfChannels(reply chan int) { <-reply }

func pass(in, out chan int) {
	for n := range in {
		out <- n
	}
}

func generate(c chan int) {
	for i := 0; ; i++ {
		c <- i
	}
}

type pool struct {
	jobs chan func()
	quit chan int
}

func (p *pool) work() {
	for {
		select {
		case job := <-p.jobs:
			job()
		case <-p.quit:
			return
		}
	}
}

type future struct {
	done  chan int
	value int
}

func (f *future) get() int {
	<-f.done
	return f.value
}

var subscribers = struct {
	sync.Mutex
	all map[chan int]bool
}{all: map[chan int]bool{}}

func subscribe(c chan int) (unsubscribe func()) {
	subscribers.Lock()
	defer subscribers.Unlock()
	subscribers.all[c] = true
	return func() {
		subscribers.Lock()
		defer subscribers.Unlock()
		delete(subscribers.all, c)
	}
}
