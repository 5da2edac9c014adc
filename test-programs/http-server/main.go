// Shows a standard library server: net/http with idle and busy connections, clients that wait for answers, and
// net/http/pprof. The command "address" tells where it listens.
package main

import (
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"

	"gostat.example/test-programs/internal/protocol"
)

const (
	idle = 5
	busy = 3
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	http.HandleFunc("/quick", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "quick") })
	http.HandleFunc("/slow", slow)
	go http.Serve(listener, nil)

	url := "http://" + listener.Addr().String()
	for i := 0; i < idle; i++ {
		// A client of its own has a connection of its own, which then stays open.
		client := &http.Client{Transport: &http.Transport{}}
		response, err := client.Get(url + "/quick")
		must(err)
		_, err = io.Copy(io.Discard, response.Body)
		must(err)
		must(response.Body.Close())
	}
	for i := 0; i < busy; i++ {
		go waitForAnswer(url + "/slow")
	}
	protocol.Ready([]protocol.State{
		{Function: "net/http.(*Server).Serve", Reasons: []string{"IO wait"}},
		// A connection with a request has one more reader, which watches for the client going away.
		{Function: "net/http.(*conn).serve", Reasons: []string{"IO wait"}, Count: idle},
		{Function: "net/http.(*connReader).backgroundRead", Reasons: []string{"IO wait"}, Count: busy},
		{Function: "main.slow", Reasons: []string{"select"}, Count: busy},
		{Function: "main.waitForAnswer", Reasons: []string{"select"}, Count: busy},
		{Function: "net/http.(*persistConn).readLoop", Reasons: []string{"IO wait"}, Count: idle + busy},
		{Function: "net/http.(*persistConn).writeLoop", Reasons: []string{"select"}, Count: idle + busy},
	})
	protocol.Serve(map[string]func() []byte{
		"address": func() []byte { return []byte(listener.Addr().String()) },
	})
}

func slow(_ http.ResponseWriter, request *http.Request) {
	select {
	case <-request.Context().Done():
	case <-make(chan int):
	}
}

func waitForAnswer(url string) {
	response, err := (&http.Client{Transport: &http.Transport{}}).Get(url)
	println(response, err)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
