package main

import (
	"context"
	"sync"
	"time"
)

func init() {
	parts["errgroup"] = startGroups
	parts["contexts"] = startContexts
	parts["publish"] = startPublish
	parts["singleflight"] = startFlights
	parts["tickers"] = startTickers
	parts["pipelines"] = startPipelines
}

// startGroups has groups of tasks that are waited for, the first error of which cancels the rest.
func startGroups(done func()) {
	for i := 0; i < 8; i++ {
		i := i
		go func() {
			for round := i; ; round++ {
				ctx, cancel := context.WithCancel(context.Background())
				var all sync.WaitGroup
				var once sync.Once
				for task := 0; task < 5; task++ {
					task := task
					all.Add(1)
					go func() {
						defer all.Done()
						select {
						case <-ctx.Done():
						case <-time.After(time.Duration(1+task) * time.Millisecond):
							if task == round%5 {
								once.Do(cancel)
							}
						}
					}()
				}
				all.Wait()
				cancel()
				done()
			}
		}()
	}
}

// startContexts has trees of contexts that are cancelled at the top, in the middle or by time.
func startContexts(done func()) {
	for i := 0; i < 6; i++ {
		i := i
		go func() {
			for round := i; ; round++ {
				top, cancelTop := context.WithCancel(context.Background())
				middle, cancelMiddle := context.WithTimeout(top, time.Duration(1+round%4)*time.Millisecond)
				var all sync.WaitGroup
				for leaf := 0; leaf < 6; leaf++ {
					ctx, cancel := context.WithCancel(context.WithValue(middle, new(int), leaf))
					all.Add(1)
					go func() {
						defer all.Done()
						defer cancel()
						<-ctx.Done()
					}()
				}
				switch round % 3 {
				case 0:
					cancelTop()
				case 1:
					time.Sleep(500 * time.Microsecond)
					cancelMiddle()
				}
				all.Wait()
				cancelMiddle()
				cancelTop()
				done()
			}
		}()
	}
}

type broker struct {
	lock sync.Mutex
	all  map[chan int]struct{}
}

// startPublish has subscribers that come and go; the channel of one that goes is closed.
func startPublish(done func()) {
	b := &broker{all: map[chan int]struct{}{}}
	go func() {
		for range time.NewTicker(time.Millisecond).C {
			b.lock.Lock()
			for c := range b.all {
				select {
				case c <- 1:
				default:
				}
			}
			b.lock.Unlock()
		}
	}()
	for i := 0; i < 30; i++ {
		i := i
		go func() {
			for {
				c := make(chan int, 2)
				b.lock.Lock()
				b.all[c] = struct{}{}
				b.lock.Unlock()
				go func() {
					time.Sleep(time.Duration(5+i) * time.Millisecond)
					b.lock.Lock()
					delete(b.all, c)
					close(c)
					b.lock.Unlock()
				}()
				for range c {
					done()
				}
			}
		}()
	}
}

type flight struct {
	landed chan struct{}
	value  int
}

// startFlights has callers that wait for the one that does it.
func startFlights(done func()) {
	var lock sync.Mutex
	flights := map[int]*flight{}
	for i := 0; i < 30; i++ {
		go func() {
			for n := 0; ; n++ {
				lock.Lock()
				f, flies := flights[n%3]
				if !flies {
					f = &flight{landed: make(chan struct{})}
					flights[n%3] = f
				}
				lock.Unlock()
				if flies {
					<-f.landed
				} else {
					time.Sleep(2 * time.Millisecond)
					f.value = grow(40)
					lock.Lock()
					delete(flights, n%3)
					lock.Unlock()
					close(f.landed)
				}
				done()
			}
		}()
	}
}

// startTickers has loops with a ticker and a way to stop them, which is taken at times.
func startTickers(done func()) {
	for i := 0; i < 30; i++ {
		i := i
		go func() {
			for {
				stop, stopped := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(stopped)
					t := time.NewTicker(time.Duration(1+i) * time.Millisecond)
					defer t.Stop()
					for {
						select {
						case <-t.C:
							done()
						case <-stop:
							return
						}
					}
				}()
				time.Sleep(50 * time.Millisecond)
				close(stop)
				<-stopped
			}
		}()
	}
}

// startPipelines has short-lived chains of goroutines that end when their source does.
func startPipelines(done func()) {
	for i := 0; i < 6; i++ {
		go func() {
			for {
				source := make(chan int)
				var last <-chan int = source
				for stage := 0; stage < 6; stage++ {
					in, out := last, make(chan int)
					go func() {
						defer close(out)
						for n := range in {
							out <- n + grow(n%60)
						}
					}()
					last = out
				}
				go func() {
					defer close(source)
					for n := 0; n < 20; n++ {
						source <- n
					}
				}()
				for range last {
					time.Sleep(200 * time.Microsecond)
				}
				done()
			}
		}()
	}
}
