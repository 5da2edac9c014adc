// Shows healthy goroutines in C and from C under load: Go waits for C, C for Go, on Go's threads and on C's, and what
// C holds is a number only, which a map knows. The command "work" tells how much was done.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

extern void goDeliver(uintptr_t handle);
extern int goPause(uintptr_t handle);

static void c_pause(int us) { usleep(us); }
static void c_deliver(uintptr_t handle, int us) { usleep(us); goDeliver(handle); }
static void *c_loop(void *handle) { while (goPause((uintptr_t)handle)) usleep(1000); return handle; }
static int start_c_thread(uintptr_t handle) {
	pthread_t thread;
	return pthread_create(&thread, 0, c_loop, (void *)handle);
}
*/
import "C"

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

var (
	work    uint64
	handles sync.Map
	next    uint64
)

func newHandle(what interface{}) C.uintptr_t {
	handle := C.uintptr_t(atomic.AddUint64(&next, 1))
	handles.Store(handle, what)
	return handle
}

func main() {
	for i := 0; i < 10; i++ {
		go inC()
		go waitsForC()
	}
	for i := 0; i < 10; i++ {
		c := make(chan int)
		if C.start_c_thread(newHandle(c)) != 0 {
			println("no thread")
			os.Exit(1)
		}
		go feeds(c)
	}
	go collect()
	for atomic.LoadUint64(&work) < 100 {
		time.Sleep(time.Millisecond)
	}
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{
		"work": func() []byte { return []byte("cgo " + strconv.FormatUint(atomic.LoadUint64(&work), 10)) },
	})
}

// inC is in C when its stack is all that has the channel.
func inC() {
	for {
		c := make(chan int)
		go func() { c <- 1 }()
		C.c_pause(2000)
		<-c
		atomic.AddUint64(&work, 1)
	}
}

// waitsForC waits for what C calls Go for, on another goroutine; C has the channel's number.
func waitsForC() {
	for {
		c := make(chan int)
		handle := newHandle(c)
		go C.c_deliver(handle, 1000)
		<-c
		handles.Delete(handle)
		atomic.AddUint64(&work, 1)
	}
}

//export goDeliver
func goDeliver(handle C.uintptr_t) {
	c, _ := handles.Load(handle)
	c.(chan int) <- 1
}

// goPause is called by C's own threads, and waits in Go.
//
//export goPause
func goPause(handle C.uintptr_t) C.int {
	c, _ := handles.Load(handle)
	<-c.(chan int)
	return 1
}

func feeds(c chan int) {
	for {
		c <- 1
		atomic.AddUint64(&work, 1)
		time.Sleep(time.Millisecond)
	}
}

func collect() {
	for range time.NewTicker(20 * time.Millisecond).C {
		runtime.GC()
	}
}
