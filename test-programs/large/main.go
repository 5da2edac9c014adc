// Shows a large heap and many goroutines that have leaked: `large MIB GOROUTINES`. The heap is alive: trees, lists,
// slices of pointers and maps of all sizes. Each goroutine waits to send on a channel that it alone has; it has some
// memory of its own, too. It moves only to answer.
package main

import (
	"os"
	"strconv"

	"gostat.example/test-programs/internal/protocol"
)

type tree struct {
	left, right *tree
	name        string
	value       [2]uint64
}

type record struct {
	next   *record
	fields map[string]*tree
	others []*record
	text   []byte
}

// alive is all that there is, but for what the goroutines have.
var alive struct {
	trees   []*tree
	records []*record
}

func main() {
	megabytes, goroutines := argument(1), argument(2)
	for i := 0; i < megabytes; i++ {
		// About a megabyte: half of it trees, half records.
		alive.trees = append(alive.trees, grow(12, uint64(i)))
		for j := 0; j < 300; j++ {
			alive.records = append(alive.records, newRecord(j))
		}
	}
	for i := 0; i < goroutines; i++ {
		go leak(make(chan *record), newRecord(i%10))
	}
	waitUntilParked()
	protocol.Ready(nil)
	protocol.Serve(nil)
}

func argument(number int) int {
	if len(os.Args) > number {
		if value, err := strconv.Atoi(os.Args[number]); err == nil && value >= 0 {
			return value
		}
	}
	println("usage: large MIB GOROUTINES")
	os.Exit(64)
	return 0
}

func grow(depth int, seed uint64) *tree {
	if depth == 0 {
		return nil
	}
	return &tree{grow(depth-1, seed*3), grow(depth-1, seed*5), "tree", [2]uint64{seed, 1}}
}

func newRecord(number int) *record {
	r := &record{fields: map[string]*tree{}, text: make([]byte, 100+number)}
	for i := 0; i < number%10; i++ {
		r.fields[strconv.Itoa(i)] = &tree{name: "field"}
	}
	if len(alive.records) > 0 {
		last := len(alive.records) - 1
		r.next = alive.records[last]
		for i := 0; i < number%50; i++ {
			r.others = append(r.others, alive.records[(last*7+i*13)%(last+1)])
		}
	}
	return r
}

//go:noinline
func leak(c chan *record, r *record) {
	c <- r
	println(r.text)
}
