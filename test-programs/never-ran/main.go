// Shows goroutines that were started and have never run. The only P is taken for good by a loop that nothing can
// interrupt, so this program cannot answer commands, and not stop for its own GC either: kill it.
package main

import (
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"
)

const count = 20

// RLIMIT_CPU of sys/resource.h.
const rlimitCPU = 0

var ran uint32

func main() {
	const debug = "GODEBUG=asyncpreemptoff=1"
	if os.Getenv("GODEBUG") != debug[len("GODEBUG="):] {
		executable, err := os.Executable()
		if err == nil {
			err = syscall.Exec(executable, os.Args, append(os.Environ(), debug))
		}
		println("exec:", err.Error())
		os.Exit(1)
	}
	// Should whoever started us be gone, this ends anyhow.
	const seconds = 120
	if err := syscall.Setrlimit(rlimitCPU, &syscall.Rlimit{Cur: seconds, Max: seconds}); err != nil {
		println("setrlimit:", err.Error())
		os.Exit(1)
	}
	runtime.GOMAXPROCS(1)
	ready := []byte("ready\n")
	for {
		atomic.StoreUint32(&ran, 0)
		start()
		// If we were preempted after all, they ran, and are gone. Otherwise nothing from here on gives up the P: a
		// RawSyscall does not tell the scheduler, and the loop has neither a call nor a signal to stop at.
		if atomic.LoadUint32(&ran) == 0 {
			break
		}
		// Those that are left would be counted with the next ones.
		for atomic.LoadUint32(&ran) < count {
			runtime.Gosched()
		}
	}
	writeReady(ready)
	for {
	}
}

//go:noinline
func start() {
	for i := 0; i < count; i++ {
		go neverRan()
	}
}

//go:nosplit
func writeReady(text []byte) {
	syscall.RawSyscall(syscall.SYS_WRITE, 1, uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
}

func neverRan() { atomic.AddUint32(&ran, 1) }
