package main

import "sort"

// Deep enough for the dump to leave out frames, and for the stack to have been moved many times.
const depth = 10000

func init() {
	add("main.deep", "chan receive", func() { go deepEntry(make(chan int)) })
	add("main.medium", "chan receive", func() { go medium(60, make(chan int)) })
	add("main.bigFrame", "chan receive", func() { go bigFrame(make(chan int)) })
	add("main.inlinedEntry", "chan receive", func() { go inlinedEntry(make(chan int)) })
	add("main.inlinedTwice", "chan receive", func() { go inlinedTwice(make(chan int, 1)) })
	add("main.(*queue[...]).put", "chan send", func() { go (&queue[string]{make(chan string)}).put("x") })
	add("main.each[...]", "chan receive", func() {
		go each([]pair[int, string]{{1, "one"}}, func(pair[int, string]) { <-make(chan int) })
	})
	add("main.closure", "chan receive", func() { go closure(make(chan int)) })
	add("main.(*counter).count", "chan receive", func() {
		count := (&counter{make(chan int)}).count
		go count()
	})
	add("main.counter.value", "chan receive", func() { go callThroughInterface(&wrapped{counter{make(chan int)}}) })
	add("main.sortLess", "chan receive", func() { go sortLess() })
	add("main.variadic", "chan receive", func() { go variadic(make(chan int), 1, "two", 3.0, []byte("four")) })
	add("main.orphan", "chan receive", func() {
		done := make(chan bool)
		go orphanMaker(done)
		<-done
	})
}

func deepEntry(c chan int) { deep(depth, c) }

//go:noinline
func deep(n int, c chan int) int {
	if n == 0 {
		return <-c
	}
	return deep(n-1, c) + 1
}

// medium is short enough for the dump to be complete.
//
//go:noinline
func medium(n int, c chan int) int {
	if n == 0 {
		return <-c
	}
	return medium(n-1, c) + 1
}

// bigFrame has a frame of many pages, none of which is touched near the end.
//
//go:noinline
func bigFrame(c chan int) int {
	var frame [1 << 17]byte
	n := <-c
	return int(frame[n])
}

//go:noinline
func inlinedEntry(c chan int) { inlinedOuter(c) }

func inlinedOuter(c chan int) { inlinedMiddle(c) }

func inlinedMiddle(c chan int) {
	if c != nil {
		inlinedInner(c)
	}
}

func inlinedInner(c chan int) { <-c }

// inlinedTwice has the same function inlined at two places; the second one is where it stays.
func inlinedTwice(c chan int) {
	send(c)
	inlinedMiddle(c)
	inlinedMiddle(c)
}

func send(c chan int) { c <- 1 }

type queue[T any] struct{ items chan T }

//go:noinline
func (q *queue[T]) put(item T) { q.items <- item }

type pair[K comparable, V any] struct {
	key   K
	value V
}

//go:noinline
func each[T any](items []T, do func(T)) {
	for _, item := range items {
		do(item)
	}
}

func closure(c chan int) {
	outer := func() {
		inner := func() { <-c }
		call(inner)
	}
	call(outer)
}

//go:noinline
func call(f func()) { f() }

type counter struct{ c chan int }

func (c *counter) count() { <-c.c }

//go:noinline
func (c counter) value() { <-c.c }

// wrapped has value only through compiler-made wrappers, which tracebacks hide.
type wrapped struct{ counter }

type valuer interface{ value() }

//go:noinline
func callThroughInterface(v valuer) { v.value() }

// sortLess is called by the standard library, which was called by us.
func sortLess() {
	numbers := []int{2, 1}
	sort.Slice(numbers, func(i, j int) bool {
		<-make(chan int)
		return numbers[i] < numbers[j]
	})
}

//go:noinline
func variadic(c chan int, rest ...interface{}) {
	<-c
	println(len(rest))
}

// orphanMaker is gone when its child is looked at: only the child's parent id remembers it.
func orphanMaker(done chan bool) {
	go orphan(make(chan int))
	done <- true
}

func orphan(c chan int) { <-c }
