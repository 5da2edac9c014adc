// Shows goroutines that are blocked by each other, made so that it is known who waits for whom. The command
// "truth" says it, a line a part: the part, and the ids of the goroutines that have it.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"

	"gostat.example/test-programs/internal/protocol"
)

var (
	truthLock sync.Mutex
	truth     = map[string][]string{}
)

// is notes that the calling goroutine has a part in a case.
func is(part string) {
	id := fmt.Sprint(protocol.ID(string(ownStack())))
	truthLock.Lock()
	defer truthLock.Unlock()
	truth[part] = append(truth[part], id)
}

func ownStack() []byte {
	buffer := make([]byte, 64)
	return buffer[:runtime.Stack(buffer, false)]
}

var cases []func()

func add(start func()) { cases = append(cases, start) }

func main() {
	if len(os.Args) > 1 && os.Args[1] == "pile" {
		pile(os.Args[2:])
	}
	for _, start := range cases {
		// On a stack that is gone afterwards, so that main's has no words of it.
		done := make(chan struct{})
		go func(start func()) {
			defer close(done)
			start()
		}(start)
		<-done
	}
	protocol.SettleButForSleepers()
	fmt.Println("ready")
	protocol.Serve(map[string]func() []byte{"truth": told})
}

func told() []byte {
	truthLock.Lock()
	defer truthLock.Unlock()
	var lines []string
	for part, ids := range truth {
		lines = append(lines, part+" "+strings.Join(ids, " "))
	}
	sort.Strings(lines)
	return []byte(strings.Join(lines, "\n"))
}
