// Package protocol is how a test program says that it is ready, and what it says of itself.
package protocol

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// A State is a promise: Count goroutines with Function on their stacks are parked for one of Reasons,
// in the words of runtime.Stack. Reasons has the words of all releases.
type State struct {
	Function string
	Reasons  []string
	Count    int // 0 means 1
}

// patience is for slow emulators on busy machines; a program that needs it all has a bug.
const patience = time.Minute

// Ready waits until all states hold at once, and says so.
func Ready(states []State) {
	WaitFor(states)
	fmt.Println("ready")
}

// WaitFor waits until all states hold at once; the program ends if they never do.
func WaitFor(states []State) {
	if len(states) == 0 {
		// The dump that nobody would look at takes minutes with a million goroutines.
		return
	}
	deadline := time.Now().Add(patience)
	for {
		missing := missing(states, string(Stack()))
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "not reached: %s\n%s\n", missing, Stack())
			os.Exit(1)
		}
		time.Sleep(time.Millisecond)
	}
}

// missing describes the first state that does not hold in a dump of all goroutines.
func missing(states []State, dump string) string {
	goroutines := strings.Split(dump, "\n\n")
	for _, state := range states {
		want, have := state.Count, 0
		if want == 0 {
			want = 1
		}
		for _, goroutine := range goroutines {
			if strings.Contains(goroutine, "\n"+state.Function+"(") && contains(state.Reasons, Reason(goroutine)) {
				have++
			}
		}
		if have < want {
			return fmt.Sprintf("%d of %d goroutines in %s %q", have, want, state.Function, state.Reasons)
		}
	}
	return ""
}

// Holds reports whether a state is reached now.
func Holds(state State) bool {
	return missing([]State{state}, string(Stack())) == ""
}

// Reason is the wait reason in a goroutine's first line, without what follows it:
// "goroutine 7 [chan receive, 2 minutes, locked to thread]:".
func Reason(goroutine string) string {
	from := strings.IndexByte(goroutine, '[') + 1
	to := strings.IndexByte(goroutine, '\n')
	if from > to {
		return ""
	}
	header := goroutine[from:to]
	for _, end := range []string{",", "]", " (", " labels:"} {
		if cut := strings.Index(header, end); cut >= 0 && !strings.HasPrefix(header[cut:], " (no cases") &&
			!strings.HasPrefix(header[cut:], " (nil chan") {
			header = header[:cut]
		}
	}
	return header
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}

// Stack is runtime.Stack of all goroutines, however long.
func Stack() []byte {
	for size := 1 << 16; ; size *= 4 {
		buffer := make([]byte, size)
		if n := runtime.Stack(buffer, true); n < size {
			return buffer[:n]
		}
	}
}

// Serve answers commands until standard input ends, and then ends the program. Extra commands are the
// program's own.
func Serve(extra map[string]func() []byte) {
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		if string(commands.Bytes()) == "memstats" {
			answerMemStats()
			continue
		}
		answer, err := run(commands.Text(), extra)
		if err != nil {
			fmt.Printf("error %d\n%s", len(err.Error()), err)
			continue
		}
		fmt.Printf("ok %d\n", len(answer))
		os.Stdout.Write(answer)
	}
	os.Exit(0)
}

func run(command string, extra map[string]func() []byte) ([]byte, error) {
	switch command {
	case "stack":
		return Stack(), nil
	case "pprof0":
		return profile(0)
	case "pprof1":
		return profile(1)
	case "debug2":
		return profile(2)
	case "leaked":
		return leaked()
	case "goroutines":
		return ids(string(Stack()), func(string) bool { return true }), nil
	case "latencies":
		return latencies(), nil
	case "stall":
		return []byte(strconv.FormatInt(worstStall(), 10)), nil
	case "exit":
		os.Exit(0)
	}
	if own := extra[command]; own != nil {
		return own(), nil
	}
	return nil, fmt.Errorf("no such command: %q", command)
}

func profile(debug int) ([]byte, error) {
	var out bytes.Buffer
	err := pprof.Lookup("goroutine").WriteTo(&out, debug)
	return out.Bytes(), err
}
