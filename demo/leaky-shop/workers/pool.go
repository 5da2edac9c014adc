// Package workers does what no customer waits for. It is healthy: its goroutines wait too, but for work.
package workers

import (
	"context"
	"runtime/pprof"
	"time"
)

// Pool is a fixed number of goroutines that take jobs from one queue.
type Pool struct {
	jobs chan string
}

// Start starts a pool; it ends with ctx.
func Start(ctx context.Context, name string, size int) *Pool {
	pool := &Pool{jobs: make(chan string, 64)}
	for i := 0; i < size; i++ {
		go pprof.Do(ctx, pprof.Labels("pool", name), pool.work)
	}
	return pool
}

// Submit queues a job, and waits while the queue is full.
func (p *Pool) Submit(ctx context.Context, job string) error {
	select {
	case p.jobs <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Pool) work(ctx context.Context) {
	for {
		select {
		case job := <-p.jobs:
			send(job)
		case <-ctx.Done():
			return
		}
	}
}

// send stands for a mail server on the network.
func send(string) { time.Sleep(3 * time.Millisecond) }
