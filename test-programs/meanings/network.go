package main

import (
	"net"
	"os"
	"syscall"
)

func startNetwork() {
	go accepts(listen())
	expect("NET_ACCEPT", "main.accepts", "IO wait")
	silent, _ := connect()
	go netRead(silent)
	expect("NET_READ", "main.netRead", "IO wait")
	_, full := connect()
	go netWrite(full)
	expect("NET_WRITE", "main.netWrite", "IO wait")
	reader, writer, err := os.Pipe()
	must(err)
	kept = append(kept, reader, writer)
	go pipeRead(reader)
	expect("FILE_IO", "main.pipeRead", "IO wait")
	var ends [2]int
	must(syscall.Pipe(ends[:]))
	go syscallRead(ends[0])
	expect("SYSCALL", "main.syscallRead", "syscall")
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener
}

func accepts(listener net.Listener) {
	connection, err := listener.Accept()
	println(connection, err)
}

// connect makes a connection with two ends, and keeps both.
func connect() (net.Conn, net.Conn) {
	listener := listen()
	connection, err := net.Dial("tcp", listener.Addr().String())
	must(err)
	other, err := listener.Accept()
	must(err)
	kept = append(kept, listener, connection, other)
	return connection, other
}

func netRead(connection net.Conn) { connection.Read(make([]byte, 1)) }

func netWrite(connection net.Conn) {
	for {
		connection.Write(make([]byte, 1<<20))
	}
}

func pipeRead(reader *os.File) { reader.Read(make([]byte, 1)) }

func syscallRead(fd int) {
	n, err := syscall.Read(fd, make([]byte, 1))
	println(n, err)
}
