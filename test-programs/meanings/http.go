package main

import (
	"io"
	"net/http"
)

const idleConnections = 2

func startHTTP() {
	http.HandleFunc("/quick", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "quick") })
	http.HandleFunc("/slow", slow)
	http.HandleFunc("/half", half)
	listener := listen()
	go http.Serve(listener, nil)
	url := "http://" + listener.Addr().String()
	for i := 0; i < idleConnections; i++ {
		response := get(url + "/quick")
		_, err := io.Copy(io.Discard, response.Body)
		must(err)
		must(response.Body.Close())
	}
	go waitForAnswer(url + "/slow")
	kept = append(kept, get(url+"/half"))

	const server, client = "net/http.(*conn).serve", "net/http.(*persistConn)"
	library := func(meaning, reason string, functions ...string) {
		expectOf(expectation{meaning, "net/http", "-", "-", reason, functions}, reason)
	}
	// Nothing of this program is on its stack, but this program has started it.
	expectOf(expectation{"NET_ACCEPT", "main", "-", "-", "-", []string{"net/http.(*Server).Serve"}}, "IO wait")
	library("HTTP_SERVER_IDLE", "IO wait", server, "net/http.(*connReader).Read")
	library("HTTP_SERVER", "IO wait", "net/http.(*connReader).backgroundRead")
	expectOf(expectation{"CHANNEL_RECEIVE", "main", "main.slow", "-", "-", []string{"main.slow"}}, "chan receive")
	expectOf(expectation{"CHANNEL_RECEIVE", "main", "main.half", "-", "-", []string{"main.half"}}, "chan receive")
	expect("HTTP_CLIENT", "main.waitForAnswer", "select")
	library("HTTP_CLIENT_IDLE", "IO wait", client+".readLoop")
	library("HTTP_CLIENT_IDLE", "select", client+".writeLoop")
	library("HTTP_CLIENT_BODY", "select", client+".readLoop")
}

// get uses a client of its own, which has a connection of its own.
func get(url string) *http.Response {
	response, err := (&http.Client{Transport: &http.Transport{}}).Get(url)
	must(err)
	return response
}

func slow(http.ResponseWriter, *http.Request) { <-make(chan int) }

// half answers, but does not end: its client has the response, and does not read its body.
func half(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, "half")
	w.(http.Flusher).Flush()
	<-make(chan int)
}

func waitForAnswer(url string) { println(get(url)) }
