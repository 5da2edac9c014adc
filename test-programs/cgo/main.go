// Shows goroutines at the border between Go and C: blocked in C; parked in Go that C called, on a thread of
// Go's and on a thread that C made; and called back twice, so that Go and C alternate on one stack.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <unistd.h>

extern void goParked(void);
extern void goParkedDeep(void);
extern void goParkedOnForeignThread(void);

static void block_in_c(int fd) { char byte; if (read(fd, &byte, 1) < 0) pause(); }
static void call_go(void) { goParked(); }
static void call_go_deep(void) { goParkedDeep(); }
static void *foreign_thread(void *unused) { goParkedOnForeignThread(); return unused; }
static int start_foreign_thread(void) {
	pthread_t thread;
	return pthread_create(&thread, 0, foreign_thread, 0);
}
*/
import "C"

import (
	"os"
	"runtime"
	"syscall"

	"gostat.example/test-programs/internal/protocol"
)

func main() {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		panic(err)
	}
	go blockedInC(ends[0])
	go blockedInCLocked(ends[0])
	go callback()
	go callbackTwice()
	if C.start_foreign_thread() != 0 {
		println("no thread")
		os.Exit(1)
	}
	go plain(make(chan int))
	receive := []string{"chan receive"}
	protocol.Ready([]protocol.State{
		{Function: "main.blockedInC", Reasons: []string{"syscall"}},
		{Function: "main.blockedInCLocked", Reasons: []string{"syscall"}},
		{Function: "main.goParked", Reasons: receive, Count: 2},
		{Function: "main.callback", Reasons: receive},
		{Function: "main.callbackTwice", Reasons: receive},
		{Function: "main.goParkedOnForeignThread", Reasons: receive},
		{Function: "main.plain", Reasons: receive},
	})
	protocol.Serve(nil)
}

func blockedInC(fd int) { C.block_in_c(C.int(fd)) }

func blockedInCLocked(fd int) {
	runtime.LockOSThread()
	C.block_in_c(C.int(fd))
}

func callback() { C.call_go() }

func callbackTwice() { C.call_go_deep() }

//export goParked
func goParked() { <-make(chan int) }

//export goParkedDeep
func goParkedDeep() { C.call_go() }

//export goParkedOnForeignThread
func goParkedOnForeignThread() { <-make(chan int) }

func plain(c chan int) { <-c }
