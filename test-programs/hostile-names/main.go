// Shows names that want to be more than text, wherever a program chooses names: labels, files, threads, the process.
// Where they are shown they must stay text: markup that would set window.hurt or ask another host, characters that turn
// the text around them, and names that are far too long. Its executable, service and attributes are named by who
// starts it.
package main

import (
	"context"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"syscall"
	"unsafe"

	"gostat.example/test-programs/internal/protocol"
)

const (
	image  = `<img src=x onerror="window.hurt=1">`
	script = `</td></script><script src="https://hurt.example/x.js">window.hurt=1</script>`
	link   = `javascript:window.hurt=1`
	turned = "\u202egnp.exe\u2066 left \u2069 \u200bunseen \x1b[31m red \u2028 line"
)

func main() {
	long, longer := strings.Repeat("long<b>", 100), strings.Repeat("longer<b>", 1000)
	for _, label := range []string{image, script, link, turned, long, longer} {
		go pprof.Do(context.Background(), pprof.Labels(label, label, "route", label, "http.route", label), labelled)
	}
	go threadWithName(image)
	go leakedInFile(make(chan int))
	go leakedInFile(make(chan int))
	go leakedInType[struct {
		Field int `json:"<img src=x onerror='window.hurt=1'>"`
	}](nil)
	protocol.WaitFor([]protocol.State{
		{Function: "main.labelled", Reasons: []string{"chan receive"}, Count: 6},
		{Function: "main.leakedInFile", Reasons: []string{"chan receive"}, Count: 2},
		{Function: "main.leakedInType[...]", Reasons: []string{"chan receive"}},
		{Function: "main.threadWithName", Reasons: []string{"chan receive"}},
	})
	// What /proc says of the whole process; the kernel keeps 15 bytes.
	if err := os.WriteFile("/proc/self/comm", []byte("<script>hurt"), 0); err != nil {
		println(err.Error())
		os.Exit(1)
	}
	protocol.Ready(nil)
	protocol.Serve(nil)
}

var never = make(chan int)

func labelled(context.Context) { <-never }

func threadWithName(name string) {
	runtime.LockOSThread()
	const setName = 15
	bytes := append([]byte(name[:15]), 0)
	syscall.Syscall(syscall.SYS_PRCTL, setName, uintptr(unsafe.Pointer(&bytes[0])), 0)
	<-never
}

//go:noinline
func leakedInType[T any](*T) {
	<-make(chan T)
}

//line <img src=x onerror="window.hurt=1"><script>window.hurt=1</script>.go:4242
//go:noinline
func leakedInFile(forgotten chan int) { <-forgotten }
