package main

import (
	"sync"
	"time"
)

func init() {
	parts["workers"] = startWorkers
	parts["cond"] = startCondQueue
	parts["connections"] = startConnections
	parts["sync-pool"] = startSyncPool
	parts["locks"] = startLocks
}

// startWorkers feeds 60 workers by one channel and takes their results from another, steadily.
func startWorkers(done func()) {
	jobs, results := make(chan int), make(chan int, 8)
	for i := 0; i < 60; i++ {
		go func() {
			for job := range jobs {
				results <- grow(job % 50)
			}
		}()
	}
	go func() {
		for i := range time.NewTicker(time.Millisecond).C {
			for n := 0; n < 10; n++ {
				jobs <- i.Nanosecond() + n
			}
		}
	}()
	go func() {
		for range results {
			done()
		}
	}()
}

type condQueue struct {
	lock  sync.Mutex
	some  *sync.Cond
	items []*int
}

// startCondQueue has 20 consumers that wait for a condition, and producers that signal and broadcast.
func startCondQueue(done func()) {
	q := &condQueue{}
	q.some = sync.NewCond(&q.lock)
	for i := 0; i < 20; i++ {
		go func() {
			for {
				q.take()
				done()
			}
		}()
	}
	for i := 0; i < 3; i++ {
		go func() {
			for n := 0; ; n++ {
				time.Sleep(time.Millisecond)
				q.lock.Lock()
				q.items = append(q.items, &n)
				q.lock.Unlock()
				if n%10 == 0 {
					q.some.Broadcast()
				} else {
					q.some.Signal()
				}
			}
		}()
	}
}

func (q *condQueue) take() *int {
	q.lock.Lock()
	defer q.lock.Unlock()
	for len(q.items) == 0 {
		q.some.Wait()
	}
	item := q.items[0]
	q.items = q.items[1:]
	return item
}

// A connections is database/sql's pool: who finds none waits in a map for one that is given back.
type connections struct {
	lock    sync.Mutex
	free    []*int
	waiting map[int]chan *int
	next    int
}

func startConnections(done func()) {
	p := &connections{waiting: map[int]chan *int{}}
	for i := 0; i < 5; i++ {
		p.free = append(p.free, new(int))
	}
	for i := 0; i < 40; i++ {
		go func() {
			for {
				if c := p.get(20 * time.Millisecond); c != nil {
					time.Sleep(time.Millisecond)
					p.put(c)
				}
				done()
			}
		}()
	}
}

func (p *connections) get(patience time.Duration) *int {
	p.lock.Lock()
	if last := len(p.free) - 1; last >= 0 {
		c := p.free[last]
		p.free = p.free[:last]
		p.lock.Unlock()
		return c
	}
	mine, request := make(chan *int, 1), p.next
	p.next++
	p.waiting[request] = mine
	p.lock.Unlock()
	select {
	case c := <-mine:
		return c
	case <-time.After(patience):
	}
	p.lock.Lock()
	delete(p.waiting, request)
	p.lock.Unlock()
	select {
	case c := <-mine:
		return c
	default:
		return nil
	}
}

func (p *connections) put(c *int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	for request, waiting := range p.waiting {
		delete(p.waiting, request)
		waiting <- c
		return
	}
	p.free = append(p.free, c)
}

// startSyncPool has channels come from a sync.Pool, which the GC empties.
func startSyncPool(done func()) {
	pool := sync.Pool{New: func() interface{} { return make(chan int) }}
	for i := 0; i < 20; i++ {
		go func() {
			for {
				c := pool.Get().(chan int)
				go func() { c <- grow(30) }()
				time.Sleep(time.Millisecond)
				<-c
				pool.Put(c)
				done()
			}
		}()
	}
}

// startLocks has readers and writers that wait for each other, on locks of which a map is all that knows.
func startLocks(done func()) {
	locks := map[int]*sync.RWMutex{0: {}, 1: {}, 2: {}}
	for i := 0; i < 30; i++ {
		i := i
		go func() {
			for n := i; ; n++ {
				if lock := locks[n%3]; n%4 == 0 {
					lock.Lock()
					time.Sleep(100 * time.Microsecond)
					lock.Unlock()
				} else {
					lock.RLock()
					time.Sleep(time.Millisecond)
					lock.RUnlock()
				}
				done()
			}
		}()
	}
}
