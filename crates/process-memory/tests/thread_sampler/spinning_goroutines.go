// Two goroutines that never leave user code and one that never leaves a system call, each on its own thread.
//
// Prints "spinning TID" twice and "blocked TID" once, then "ready". Ends when standard input does.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

//go:noinline
func step(n int) int { return n*31 + 7 }

//go:noinline
func spin() int {
	n := 1
	for n != 0 || step(n) != 0 {
		n = step(n) | 1
	}
	return n
}

func main() {
	runtime.GOMAXPROCS(4)
	said := make(chan string)
	for range 2 {
		go func() {
			runtime.LockOSThread()
			said <- fmt.Sprint("spinning ", syscall.Gettid())
			os.Exit(spin())
		}()
	}
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	go func() {
		runtime.LockOSThread()
		said <- fmt.Sprint("blocked ", syscall.Gettid())
		syscall.Read(pipe[0], make([]byte, 1))
	}()
	for range 3 {
		fmt.Println(<-said)
	}
	fmt.Println("ready")
	syscall.Read(0, make([]byte, 1))
}
