// Shows a process that never rests: goroutines that live microseconds, stacks that grow and shrink, a GC that runs
// all the time, descriptors and stacks that are reused for something else at once.
//
// The stack of every goroutine that churn starts is a legal one only if it reads, outermost first:
//
//	main.entryN  main.stepN × 0 to 400  [main.waitN | main.touchN]  [runtime and sync functions]
//
// with the same N, 0 to 3, everywhere. Whoever reads a stack torn between two goroutines' lives, or half moved, sees
// two Ns, or none, or a stack that does not end in an entry. The command "spawned" tells how many have been started.
package main

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"

	"gostat.example/test-programs/internal/protocol"
)

var (
	spawned uint64
	sink    uint64
)

func main() {
	debug.SetGCPercent(10)
	for i := 0; i < 4; i++ {
		go spawner(i)
	}
	go garbage()
	go collector()
	protocol.Ready(nil)
	protocol.Serve(map[string]func() []byte{
		"spawned": func() []byte { return []byte(strconv.FormatUint(atomic.LoadUint64(&spawned), 10)) },
	})
}

// spawner keeps 16 to 64 goroutines of its kind alive, each for a very short time.
func spawner(kind int) {
	entries := [4]func(chan int, int){entry0, entry1, entry2, entry3}
	depths := [8]int{0, 1, 3, 40, 2, 120, 7, 400}
	for round := 0; ; round++ {
		c := make(chan int, 8)
		size := 16 << uint(round%3)
		for i := 0; i < size; i++ {
			go entries[kind](c, depths[(round+i)%len(depths)])
			atomic.AddUint64(&spawned, 1)
		}
		for i := 0; i < size; i++ {
			<-c
		}
	}
}

func entry0(c chan int, depth int) { c <- step0(depth) }
func entry1(c chan int, depth int) { c <- step1(depth) }
func entry2(c chan int, depth int) { c <- step2(depth) }
func entry3(c chan int, depth int) { c <- step3(depth) }

//go:noinline
func step0(n int) int {
	if n == 0 {
		return wait0()
	}
	return step0(n-1) + touch0(n)
}

//go:noinline
func step1(n int) int {
	var room [40]int
	room[n%40] = n
	if n == 0 {
		return wait1()
	}
	return step1(n-1) + touch1(room[(n+1)%40])
}

//go:noinline
func step2(n int) int {
	if n == 0 {
		return wait2()
	}
	touch2(n)
	return step2(n-1) + touch2(n)
}

//go:noinline
func step3(n int) int {
	var room [9]int
	room[n%9] = n
	if n == 0 {
		return wait3()
	}
	return touch3(room[(n+1)%9]) + step3(n-1)
}

//go:noinline
func wait0() int {
	runtime.Gosched()
	return 1
}

//go:noinline
func wait1() int {
	c := make(chan int, 1)
	c <- 1
	runtime.Gosched()
	return <-c
}

//go:noinline
func wait2() int {
	a, b := make(chan int), make(chan int, 1)
	b <- 1
	select {
	case n := <-a:
		return n
	case n := <-b:
		runtime.Gosched()
		return n
	}
}

//go:noinline
func wait3() int {
	for i := 0; i < 3; i++ {
		runtime.Gosched()
	}
	return 3
}

//go:noinline
func touch0(n int) int { return n & 1 }

//go:noinline
func touch1(n int) int { return len(make([]byte, n%64+1)) }

//go:noinline
func touch2(n int) int {
	if n%64 == 0 {
		runtime.Gosched()
	}
	return n
}

//go:noinline
func touch3(n int) int { return n ^ 3 }

// garbage keeps the GC busy, and others assisting it.
func garbage() {
	var keep [64][]byte
	for i := 0; ; i++ {
		keep[i%len(keep)] = make([]byte, 1<<uint(8+i%9))
		atomic.AddUint64(&sink, uint64(len(keep[i*7%len(keep)])))
		if i%64 == 0 {
			runtime.Gosched()
		}
	}
}

// collector shrinks stacks: only a whole collection does.
func collector() {
	for {
		runtime.GC()
		runtime.Gosched()
	}
}
