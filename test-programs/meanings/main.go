// Shows goroutines that do what those of real servers do, and says of each what it is doing: the command "meanings"
// answers with one line for each kind, in fields separated by tabs: meaning, owner, route, pool ("-" for none), wait
// reason ("-" for any), and the functions that are all on the stack of such a goroutine.
package main

import (
	"runtime"
	"strconv"
	"strings"

	"gostat.example/test-programs/internal/protocol"
)

// An expectation is what a goroutine with these functions on its stack, which waits for this reason, is doing.
type expectation struct {
	meaning, owner, route, pool, reason string
	functions                           []string
}

var (
	expected []expectation
	promised []protocol.State
)

// expect says what goroutines in a function of this program are doing, and promises that one is there.
func expect(meaning, function string, reasons ...string) {
	expectOf(expectation{meaning, "main", "-", "-", "-", []string{function}}, reasons...)
}

// expectOf is for goroutines of which there is more to say.
func expectOf(e expectation, reasons ...string) {
	expected = append(expected, e)
	promised = append(promised, protocol.State{Function: e.functions[0], Reasons: reasons})
}

// release is the minor release that built this program.
func release() int {
	parts := strings.FieldsFunc(strings.TrimPrefix(runtime.Version(), "go"), func(r rune) bool { return r < '0' || r > '9' })
	minor, err := strconv.Atoi(parts[1])
	must(err)
	return minor
}

func main() {
	startSync()
	startChannels()
	startTime()
	startContexts()
	startNetwork()
	startHTTP()
	startSQL()
	expect("MAIN_PARKED", "main.main", "select (no cases)")
	go serve()
	select {}
}

func serve() {
	protocol.Ready(promised)
	protocol.Serve(map[string]func() []byte{"meanings": meanings})
}

func meanings() []byte {
	var lines strings.Builder
	for _, e := range expected {
		fields := append([]string{e.meaning, e.owner, e.route, e.pool, e.reason}, e.functions...)
		lines.WriteString(strings.Join(fields, "\t") + "\n")
	}
	return []byte(lines.String())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
