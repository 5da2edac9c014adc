// Shows ways to leak a goroutine, each beside a healthy twin that looks alike. `leaks NAME [COUNT]` has COUNT of both
// of one pattern; NAME may be `all`. The command "patterns" lists the names, "spin" has the process never rest again,
// "drip" has it leak twenty goroutines a second from then on.
//
// What is true stands in the source: a goroutine whose outermost function is main.leakNAME… can never run again, as
// nothing that can run, now or later, has what it waits for. One in main.healthyNAME… waits just so, but something can
// wake it. Others are neither: main.keep… are live ones that hold something for the healthy.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

// A pattern starts its goroutines and returns when nothing but they themselves is left to do.
type pattern struct {
	leak, healthy func()
}

var patterns = map[string]pattern{}

func register(name string, leak, healthy func()) {
	if _, twice := patterns[name]; twice {
		panic(name + " is there twice")
	}
	patterns[name] = pattern{leak, healthy}
}

func main() {
	count := 1
	if len(os.Args) > 2 {
		count, _ = strconv.Atoi(os.Args[2])
	}
	for _, name := range chosen() {
		for i := 0; i < count; i++ {
			onItsOwn(patterns[name].leak)
			onItsOwn(patterns[name].healthy)
		}
	}
	protocol.SettleButForSleepers()
	fmt.Println("ready")
	protocol.Serve(map[string]func() []byte{
		"patterns": func() []byte { return []byte(strings.Join(names(), "\n")) },
		"spin":     spin,
		"drip":     drip,
	})
}

func spin() []byte {
	go func() {
		for {
			runtime.Gosched()
		}
	}()
	return nil
}

func drip() []byte {
	go func() {
		for range time.NewTicker(50 * time.Millisecond).C {
			onItsOwn(func() { go leakDrop(make(chan int)) })
		}
	}()
	return nil
}

//go:noinline
func leakDrop(c chan int) { <-c }

// onItsOwn calls a function on a stack that is gone afterwards, so that main's has no words of it.
func onItsOwn(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func chosen() []string {
	if len(os.Args) < 2 || os.Args[1] == "all" {
		return names()
	}
	if _, known := patterns[os.Args[1]]; !known {
		fmt.Fprintln(os.Stderr, "no such pattern:", os.Args[1])
		os.Exit(1)
	}
	return os.Args[1:2]
}

func names() []string {
	var all []string
	for name := range patterns {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

// kept is what the program can always come back to.
var kept struct {
	sync.Mutex
	all []interface{}
}

func keep(what interface{}) {
	kept.Lock()
	kept.all = append(kept.all, what)
	kept.Unlock()
}

// keepAsleep is a live goroutine that has something on its stack, and nothing else has.
//
//go:noinline
func keepAsleep(what interface{}) {
	time.Sleep(1000 * time.Hour)
	runtime.KeepAlive(what)
}

//go:noinline
func receive(c chan int) { <-c }

//go:noinline
func send(c chan int) { c <- 1 }
