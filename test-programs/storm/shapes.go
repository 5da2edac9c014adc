package main

// The functions that may be on a walker's stack. Its stack is a legal one only if it reads, outermost first:
//
//	main.shapeN  main.stepN × 1 + one of depths  main.aN | main.bN  main.waitN
//
// with the same N everywhere, each at the line where it calls the next. Further in there are only functions of other
// files. aN and bN are alike to the last byte, so whoever stands in waitN has the same stack pointer and the same pc
// whether it came by aN or by bN: nothing but the stack itself tells.

import (
	"syscall"
	"time"
)

func start(w *walker) {
	switch w.shape {
	case 0:
		start0(w)
	case 1:
		start1(w)
	case 2:
		start2(w)
	case 3:
		start3(w)
	case 4:
		start4(w)
	case 5:
		start5(w)
	}
}

//go:noinline
func start0(w *walker) { go shape0(w) }

//go:noinline
func shape0(w *walker) {
	for w.next() {
		step0(w, w.depth)
	}
}

//go:noinline
func step0(w *walker, n int) {
	if n > 0 {
		step0(w, n-1)
		return
	}
	if w.naps {
		time.Sleep(w.nap())
	}
	if w.byB {
		b0(w)
	} else {
		a0(w)
	}
}

//go:noinline
func a0(w *walker) { wait0(w) }

//go:noinline
func b0(w *walker) { wait0(w) }

//go:noinline
func wait0(w *walker) {
	<-w.arrive(0).opened
}

//go:noinline
func start1(w *walker) { go shape1(w) }

//go:noinline
func shape1(w *walker) {
	for w.next() {
		step1(w, w.depth)
	}
}

//go:noinline
func step1(w *walker, n int) {
	var room [40]int
	room[n%40] = n
	if n > 0 {
		step1(w, room[n%40]-1)
		return
	}
	if w.naps {
		time.Sleep(w.nap())
	}
	if w.byB {
		b1(w)
	} else {
		a1(w)
	}
}

//go:noinline
func a1(w *walker) { wait1(w) }

//go:noinline
func b1(w *walker) { wait1(w) }

//go:noinline
func wait1(w *walker) {
	g := w.arrive(1)
	select {
	case <-g.opened:
	case <-never:
	}
}

//go:noinline
func start2(w *walker) { go shape2(w) }

//go:noinline
func shape2(w *walker) {
	for w.next() {
		step2(w, w.depth)
	}
}

//go:noinline
func step2(w *walker, n int) {
	if n > 0 {
		step2(w, n-1)
		return
	}
	if w.naps {
		time.Sleep(w.nap())
	}
	if w.byB {
		b2(w)
	} else {
		a2(w)
	}
}

//go:noinline
func a2(w *walker) { wait2(w) }

//go:noinline
func b2(w *walker) { wait2(w) }

//go:noinline
func wait2(w *walker) {
	held := &w.arrive(1).held
	held.Lock()
	held.Unlock()
}

//go:noinline
func start3(w *walker) { go shape3(w) }

//go:noinline
func shape3(w *walker) {
	for w.next() {
		step3(w, w.depth)
	}
}

//go:noinline
func step3(w *walker, n int) {
	var room [9]int
	room[n%9] = n
	if n > 0 {
		step3(w, room[n%9]-1)
		return
	}
	if w.naps {
		time.Sleep(w.nap())
	}
	if w.byB {
		b3(w)
	} else {
		a3(w)
	}
}

//go:noinline
func a3(w *walker) { wait3(w) }

//go:noinline
func b3(w *walker) { wait3(w) }

//go:noinline
func wait3(w *walker) {
	g := w.arrive(3)
	g.lock.Lock()
	for !g.isOpen {
		g.cond.Wait()
	}
	g.lock.Unlock()
}

//go:noinline
func start4(w *walker) { go shape4(w) }

//go:noinline
func shape4(w *walker) {
	for w.next() {
		step4(w, w.depth)
	}
}

//go:noinline
func step4(w *walker, n int) {
	var room [3]int
	room[n%3] = n
	if n > 0 {
		step4(w, room[n%3]-1)
		return
	}
	if w.naps {
		time.Sleep(w.nap())
	}
	if w.byB {
		b4(w)
	} else {
		a4(w)
	}
}

//go:noinline
func a4(w *walker) { wait4(w) }

//go:noinline
func b4(w *walker) { wait4(w) }

//go:noinline
func wait4(w *walker) {
	w.arrive(0).group.Wait()
}

//go:noinline
func start5(w *walker) { go shape5(w) }

//go:noinline
func shape5(w *walker) {
	for w.next() {
		step5(w, w.depth)
	}
}

//go:noinline
func step5(w *walker, n int) {
	if n > 0 {
		step5(w, n-1)
		return
	}
	if w.naps {
		time.Sleep(w.nap())
	}
	if w.byB {
		b5(w)
	} else {
		a5(w)
	}
}

//go:noinline
func a5(w *walker) { wait5(w) }

//go:noinline
func b5(w *walker) { wait5(w) }

//go:noinline
func wait5(w *walker) {
	syscall.Read(w.arrive(0).pipe[0], w.room[:])
}
