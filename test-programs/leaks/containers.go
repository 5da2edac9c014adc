package main

import (
	"reflect"
	"runtime"
)

// What a channel can be in, in objects of every shape that the heap and the GC treat differently. It is the same
// container both times: the leaked goroutine has it to itself, the healthy one's is kept by the program.
func init() {
	contained("Interface", leakInterface, healthyInterface, func(c chan int) interface{} {
		return &struct{ any interface{} }{c}
	})
	contained("MapValue", leakMapValue, healthyMapValue, func(c chan int) interface{} {
		return map[string]chan int{"it": c}
	})
	contained("MapKey", leakMapKey, healthyMapKey, func(c chan int) interface{} {
		m := map[chan int]int{c: 1}
		for i := 0; i < 100; i++ {
			m[make(chan int)] = i
		}
		return m
	})
	contained("SliceElement", leakSliceElement, healthySliceElement, func(c chan int) interface{} {
		return append(make([]chan int, 7), c)
	})
	contained("Generic", leakGeneric, healthyGeneric, func(c chan int) interface{} {
		return &pair[string, chan int]{"it", c}
	})
	contained("Closure", leakClosure, healthyClosure, func(c chan int) interface{} {
		return func() { send(c) }
	})
	contained("MethodValue", leakMethodValue, healthyMethodValue, func(c chan int) interface{} {
		return (&future{done: c}).get
	})
	// Over 512 bytes an object has its type in front of it (since 1.22).
	contained("Large", leakLarge, healthyLarge, func(c chan int) interface{} {
		return &struct {
			before [100]int
			c      chan int
		}{c: c}
	})
	// Over 32 KiB it has a span of its own.
	contained("Huge", leakHuge, healthyHuge, func(c chan int) interface{} {
		return &struct {
			before [10000]int
			c      chan int
			after  [10000]int
		}{c: c}
	})
	// The type of so many pointers among words is described by a program (up to 1.23) or by its parts.
	contained("LongArray", leakLongArray, healthyLongArray, func(c chan int) interface{} {
		all := new([3000]struct {
			n int
			c chan int
			t [2]uint32
		})
		all[2999].c = c
		return all
	})
	// Types that the compiler has never seen.
	contained("Reflect", leakReflect, healthyReflect, func(c chan int) interface{} {
		element := reflect.StructOf([]reflect.StructField{
			{Name: "N", Type: reflect.TypeOf(0)},
			{Name: "C", Type: reflect.TypeOf(c)},
			{Name: "Bytes", Type: reflect.TypeOf([3]byte{})},
		})
		all := reflect.New(reflect.ArrayOf(900, element))
		all.Elem().Index(899).Field(1).Set(reflect.ValueOf(c))
		return all.Interface()
	})
	contained("LinkedList", leakLinkedList, healthyLinkedList, func(c chan int) interface{} {
		last := &node{c: c}
		for i := 0; i < 1000; i++ {
			last = &node{next: last}
		}
		return last
	})
	contained("ChannelBuffer", leakChannelBuffer, healthyChannelBuffer, func(c chan int) interface{} {
		buffer := make(chan pair[int, chan int], 100)
		buffer <- pair[int, chan int]{1, c}
		return buffer
	})
}

type pair[A, B any] struct {
	first  A
	second B
}

type node struct {
	next *node
	c    chan int
}

func contained(
	name string,
	leak func(chan int, interface{}),
	healthy func(chan int),
	in func(chan int) interface{},
) {
	register(name, func() {
		c := make(chan int)
		go leak(c, in(c))
	}, func() {
		c := make(chan int)
		go healthy(c)
		keep(in(c))
	})
}

//go:noinline
func receiveWith(c chan int, what interface{}) {
	<-c
	runtime.KeepAlive(what)
}

func leakInterface(c chan int, in interface{})     { receiveWith(c, in) }
func leakMapValue(c chan int, in interface{})      { receiveWith(c, in) }
func leakMapKey(c chan int, in interface{})        { receiveWith(c, in) }
func leakSliceElement(c chan int, in interface{})  { receiveWith(c, in) }
func leakGeneric(c chan int, in interface{})       { receiveWith(c, in) }
func leakClosure(c chan int, in interface{})       { receiveWith(c, in) }
func leakMethodValue(c chan int, in interface{})   { receiveWith(c, in) }
func leakLarge(c chan int, in interface{})         { receiveWith(c, in) }
func leakHuge(c chan int, in interface{})          { receiveWith(c, in) }
func leakLongArray(c chan int, in interface{})     { receiveWith(c, in) }
func leakReflect(c chan int, in interface{})       { receiveWith(c, in) }
func leakLinkedList(c chan int, in interface{})    { receiveWith(c, in) }
func leakChannelBuffer(c chan int, in interface{}) { receiveWith(c, in) }

func healthyInterface(c chan int)     { receive(c) }
func healthyMapValue(c chan int)      { receive(c) }
func healthyMapKey(c chan int)        { receive(c) }
func healthySliceElement(c chan int)  { receive(c) }
func healthyGeneric(c chan int)       { receive(c) }
func healthyClosure(c chan int)       { receive(c) }
func healthyMethodValue(c chan int)   { receive(c) }
func healthyLarge(c chan int)         { receive(c) }
func healthyHuge(c chan int)          { receive(c) }
func healthyLongArray(c chan int)     { receive(c) }
func healthyReflect(c chan int)       { receive(c) }
func healthyLinkedList(c chan int)    { receive(c) }
func healthyChannelBuffer(c chan int) { receive(c) }
