package main

import (
	"runtime"
	"sync"
	"unsafe"
)

// Where else a reference counts, or does not.
var (
	inner     []*int
	addresses []uintptr
	beyond    [][]chan int
	anywhere  sync.Map
	handles   = struct {
		sync.Mutex
		next uintptr
		all  map[uintptr]interface{}
	}{all: map[uintptr]interface{}{}}
)

func init() {
	// A pointer into the middle keeps the whole object; a number that is an address keeps nothing.
	register("InteriorPointer", func() {
		o := &outer{c: make(chan int)}
		kept.Lock()
		addresses = append(addresses, uintptr(unsafe.Pointer(&o.number)))
		kept.Unlock()
		go leakInteriorPointer(o.c)
	}, func() {
		o := &outer{c: make(chan int)}
		kept.Lock()
		inner = append(inner, &o.number)
		kept.Unlock()
		go healthyInteriorPointer(o.c)
	})
	// Beyond the length of a slice, but within its capacity: the GC sees it, and appending may bring it back.
	register("BeyondLength", func() {
		c := make(chan int)
		stack := []chan int{make(chan int), c}
		stack[1] = nil
		keepSlice(stack[:1])
		go leakBeyondLength(c)
	}, func() {
		c := make(chan int)
		stack := []chan int{make(chan int), c}
		keepSlice(stack[:1])
		go healthyBeyondLength(c)
	})
	// Only the finalizer of an object has it.
	register("Finalizer", func() {
		c, o := make(chan int), new(outer)
		runtime.SetFinalizer(o, func(*outer) { close(c) })
		runtime.SetFinalizer(o, nil)
		keep(o)
		go leakFinalizer(c)
	}, func() {
		c, o := make(chan int), new(outer)
		runtime.SetFinalizer(o, func(*outer) { close(c) })
		keep(o)
		go healthyFinalizer(c)
	})
	register("SyncMap", func() {
		f := &future{done: make(chan int)}
		anywhere.Store(f, 1)
		anywhere.Delete(f)
		go leakSyncMap(f)
	}, func() {
		f := &future{done: make(chan int)}
		anywhere.Store(f, 1)
		go healthySyncMap(f)
	})
	// What a pool makes new items of; the items themselves are gone after two collections.
	register("PoolNew", func() {
		c := make(chan int)
		p := &sync.Pool{New: func() interface{} { return c }}
		p.Get()
		go leakPoolNew(c)
	}, func() {
		c := make(chan int)
		keep(&sync.Pool{New: func() interface{} { return c }})
		go healthyPoolNew(c)
	})
	// What code in C has is a number, and a map says whose.
	register("Handle", func() {
		f := &future{done: make(chan int)}
		h := newHandle(f)
		go leakHandle(f)
		handles.Lock()
		delete(handles.all, h)
		handles.Unlock()
	}, func() {
		f := &future{done: make(chan int)}
		newHandle(f)
		go healthyHandle(f)
	})
	// Locks inside of what is reachable, and global ones.
	register("LockInObject", func() {
		o := &outer{c: make(chan int)}
		o.lock.Lock()
		go leakLockInObject(o)
	}, func() {
		o := &outer{c: make(chan int)}
		o.lock.Lock()
		keep(&o.number)
		go healthyLockInObject(o)
	})
	register("GlobalLock", func() {
		g := new(guard)
		g.Lock()
		go leakGlobalLock(g)
	}, func() {
		global.TryLock()
		go healthyGlobalLock(&global)
	})
}

type outer struct {
	lock   sync.Mutex
	c      chan int
	number int
	more   [20]string
}

var global guard

func keepSlice(s []chan int) {
	kept.Lock()
	beyond = append(beyond, s)
	kept.Unlock()
}

func newHandle(what interface{}) uintptr {
	handles.Lock()
	defer handles.Unlock()
	handles.next++
	handles.all[handles.next] = what
	return handles.next
}

func leakInteriorPointer(c chan int)    { receive(c) }
func healthyInteriorPointer(c chan int) { receive(c) }
func leakBeyondLength(c chan int)       { receive(c) }
func healthyBeyondLength(c chan int)    { receive(c) }
func leakFinalizer(c chan int)          { receive(c) }
func healthyFinalizer(c chan int)       { receive(c) }
func leakSyncMap(f *future)             { f.get() }
func healthySyncMap(f *future)          { f.get() }
func leakPoolNew(c chan int)            { receive(c) }
func healthyPoolNew(c chan int)         { receive(c) }
func leakHandle(f *future)              { f.get() }
func healthyHandle(f *future)           { f.get() }
func leakLockInObject(o *outer)         { o.lock.Lock() }
func healthyLockInObject(o *outer)      { o.lock.Lock() }
func leakGlobalLock(g *guard)           { g.Lock() }
func healthyGlobalLock(g *guard)        { g.Lock() }
