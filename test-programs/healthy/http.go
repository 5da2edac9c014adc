package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

func init() { parts["http"] = startHTTP }

// startHTTP has 40 connections that are mostly idle, 20 that always ask, and 10 whose requests are given up.
func startHTTP(done func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	mux := http.NewServeMux()
	mux.HandleFunc("/quick", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("quick ", 1+grow(20)%7))
	})
	mux.HandleFunc("/slow", answerSlowly)
	go (&http.Server{Handler: mux}).Serve(listener)

	url := "http://" + listener.Addr().String()
	for i := 0; i < 40; i++ {
		go ask(client(), url+"/quick", time.Second, 500*time.Millisecond, done)
	}
	shared := client()
	for i := 0; i < 20; i++ {
		go ask(shared, url+"/quick", 10*time.Second, 3*time.Millisecond, done)
	}
	for i := 0; i < 10; i++ {
		go ask(shared, url+"/slow", 10*time.Millisecond, 10*time.Millisecond, done)
	}
}

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 30}}
}

// answerSlowly has a helper per request, whose result is not waited for if the client goes away: so there is room.
func answerSlowly(w http.ResponseWriter, r *http.Request) {
	result := make(chan string, 1)
	go func() {
		time.Sleep(15 * time.Millisecond)
		result <- "slow"
	}()
	select {
	case text := <-result:
		io.WriteString(w, text)
	case <-r.Context().Done():
	}
}

func ask(client *http.Client, url string, patience, pause time.Duration, done func()) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		must(err)
		if response, err := client.Do(request); err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		cancel()
		done()
		time.Sleep(pause)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
