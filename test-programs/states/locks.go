package main

import (
	"context"
	"sync"
)

func init() {
	addSync("main.mutexLock", "sync.Mutex.Lock", func() {
		held := new(sync.Mutex)
		held.Lock()
		go mutexLock(held)
		go mutexLock(held)
	})
	addSync("main.rwMutexRead", "sync.RWMutex.RLock", func() {
		held := new(sync.RWMutex)
		held.Lock()
		go rwMutexRead(held)
	})
	addSync("main.rwMutexWrite", "sync.RWMutex.Lock", func() {
		held := new(sync.RWMutex)
		held.RLock()
		go rwMutexWrite(held)
	})
	addSync("main.rwMutexSecondWriter", "sync.Mutex.Lock", func() {
		held := new(sync.RWMutex)
		held.Lock()
		go rwMutexSecondWriter(held)
	})
	addSync("main.waitGroupWait", "sync.WaitGroup.Wait", func() {
		group := new(sync.WaitGroup)
		group.Add(3)
		go waitGroupWait(group)
	})
	add("main.condWait", "sync.Cond.Wait", func() {
		go condWait(sync.NewCond(new(sync.Mutex)))
	})
	addSync("main.onceSecondCaller", "sync.Mutex.Lock", func() {
		once, entered := new(sync.Once), make(chan struct{})
		go onceFirstCaller(once, entered)
		<-entered
		go onceSecondCaller(once)
	})
	add("main.contextDone", "chan receive", func() {
		done, cancel := context.WithCancel(context.Background())
		_ = cancel
		go contextDone(done)
	})
}

func mutexLock(held *sync.Mutex) { held.Lock() }

func rwMutexRead(held *sync.RWMutex) { held.RLock() }

func rwMutexWrite(held *sync.RWMutex) { held.Lock() }

func rwMutexSecondWriter(held *sync.RWMutex) { held.Lock() }

func waitGroupWait(group *sync.WaitGroup) { group.Wait() }

func condWait(never *sync.Cond) {
	never.L.Lock()
	never.Wait()
}

func onceFirstCaller(once *sync.Once, entered chan struct{}) {
	once.Do(func() {
		close(entered)
		select {}
	})
}

func onceSecondCaller(once *sync.Once) { once.Do(func() {}) }

func contextDone(done context.Context) { <-done.Done() }
