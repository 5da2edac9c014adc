// Shows a process that executes itself over and over: one pid, one program after the other, each with goroutines of
// its own. Its argument says how long each of them lives (1ms). It says ready once, answers nothing, and ends with its
// parent.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"gostat.example/test-programs/internal/protocol"
)

const count = 10

func main() {
	life := "1ms"
	if len(os.Args) > 1 {
		life = os.Args[1]
	}
	duration, err := time.ParseDuration(life)
	check(err)
	// Nobody can end a process by its standard input that may be executing just then.
	parent := strconv.Itoa(os.Getppid())
	first := len(os.Args) < 3
	if !first && os.Args[2] != parent {
		return
	}
	for i := 0; i < count; i++ {
		go waits()
	}
	protocol.WaitFor([]protocol.State{
		{Function: "main.waits", Reasons: []string{"chan receive"}, Count: count},
	})
	if first {
		fmt.Println("ready")
	}
	time.Sleep(duration)
	program, err := os.Executable()
	check(err)
	check(syscall.Exec(program, []string{program, life, parent}, os.Environ()))
}

func waits() { <-make(chan int) }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
