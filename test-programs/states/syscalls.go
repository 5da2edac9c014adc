package main

import (
	"os/exec"
	"syscall"
)

func init() {
	add("main.syscallRead", "syscall", func() {
		var ends [2]int
		must(syscall.Pipe(ends[:]))
		go syscallRead(ends[0])
	})
	add("main.execWait", "syscall", func() {
		// cat lives until its standard input is closed: at the latest when we are gone.
		command := exec.Command("cat")
		input, err := command.StdinPipe()
		must(err)
		kept = append(kept, input)
		must(command.Start())
		go execWait(command)
	})
}

func syscallRead(fd int) {
	n, err := syscall.Read(fd, make([]byte, 1))
	println(n, err)
}

func execWait(command *exec.Cmd) { println(command.Wait()) }
