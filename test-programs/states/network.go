package main

import (
	"net"
	"os"
)

func init() {
	add("main.networkAccept", "IO wait", func() { go networkAccept(listen()) })
	add("main.networkRead", "IO wait", startReaders)
	// The second reader of a connection waits for the first, not for the network.
	add("main.networkSecondRead", "semacquire", func() {})
	add("main.pipeRead", "IO wait", func() {
		reader, _, err := os.Pipe()
		must(err)
		go pipeRead(reader)
	})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener
}

func networkAccept(listener net.Listener) {
	connection, err := listener.Accept()
	println(connection, err)
}

func startReaders() {
	listener := listen()
	connection, err := net.Dial("tcp", listener.Addr().String())
	must(err)
	// Kept open by the closures of these goroutines: nobody else holds the two ends.
	other, err := listener.Accept()
	must(err)
	kept = append(kept, connection, other)
	go networkRead(connection)
	go networkReadAfter(connection)
}

// What must not be collected, because a finalizer would close it.
var kept []interface{}

func networkRead(connection net.Conn) {
	connection.Read(make([]byte, 1))
}

// networkReadAfter reads second, for certain: whether the first reader is parked shows in its dump.
func networkReadAfter(connection net.Conn) {
	waitFor("main.networkRead", "IO wait")
	networkSecondRead(connection)
}

func networkSecondRead(connection net.Conn) {
	connection.Read(make([]byte, 1))
}

func pipeRead(reader *os.File) {
	reader.Read(make([]byte, 1))
}
