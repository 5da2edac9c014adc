package main

import "sync"

func startSync() {
	// Releases before 1.20 (for a WaitGroup 1.24) only say "semacquire".
	held := new(sync.Mutex)
	held.Lock()
	go mutexLock(held)
	expect("MUTEX", "main.mutexLock", "semacquire", "sync.Mutex.Lock")
	guarded := new(sync.RWMutex)
	guarded.Lock()
	go rwMutexRead(guarded)
	go rwMutexWrite(guarded)
	expect("RWMUTEX", "main.rwMutexRead", "semacquire", "sync.RWMutex.RLock")
	expect("RWMUTEX", "main.rwMutexWrite", "semacquire", "sync.Mutex.Lock")
	cache := priceCache{lock: held}
	go cache.Get()
	expect("CACHE_LOCK", "main.(*priceCache).Get", "semacquire", "sync.Mutex.Lock")
	undone := new(group)
	undone.Go(groupMember)
	go undone.Wait()
	expect("WAIT_GROUP", "main.(*group).Wait", "semacquire", "sync.WaitGroup.Wait")
	expect("CHANNEL_RECEIVE", "main.groupMember", "chan receive")
	go condWait(sync.NewCond(new(sync.Mutex)))
	expect("COND", "main.condWait", "sync.Cond.Wait")
}

func mutexLock(held *sync.Mutex) { held.Lock() }

func rwMutexRead(held *sync.RWMutex) { held.RLock() }

func rwMutexWrite(held *sync.RWMutex) { held.Lock() }

type priceCache struct{ lock *sync.Mutex }

func (cache *priceCache) Get() { cache.lock.Lock() }

// A group is what golang.org/x/sync/errgroup is, as far as anybody waits.
type group struct{ members sync.WaitGroup }

func (g *group) Go(member func()) {
	g.members.Add(1)
	go func() {
		defer g.members.Done()
		member()
	}()
}

func (g *group) Wait() { g.members.Wait() }

func groupMember() { <-make(chan int) }

func condWait(never *sync.Cond) {
	never.L.Lock()
	never.Wait()
}
