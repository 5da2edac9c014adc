// Leaky-shop is a small web shop with one bug: some report requests leave a goroutine behind for ever. With -troubles it
// has two more: a deadlock (warehouse) and a lock convoy (prices).
//
// Everything else in it is healthy, and there is a lot of it: a database pool, workers, an HTTP server with its
// connections. It brings its own customers, listens on loopback only, and prints one line when it is open:
//
//	leaky-shop ready: pid 4242, http://127.0.0.1:40417
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gostat.example/leaky-shop/handlers"
	"gostat.example/leaky-shop/prices"
	"gostat.example/leaky-shop/storage"
	"gostat.example/leaky-shop/traffic"
	"gostat.example/leaky-shop/warehouse"
	"gostat.example/leaky-shop/workers"
)

func main() {
	log.SetPrefix("leaky-shop: ")
	log.SetFlags(0)
	runFor := flag.Duration("run-for", 2*time.Minute, "exit after this long, should nobody end it before")
	customers := flag.Int("customers", 4, "customers shopping at the same time")
	troubles := flag.Bool("troubles", false, "have a deadlock and a lock convoy as well")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *runFor)
	defer cancel()
	if err := run(ctx, *customers, *troubles); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, customers int, troubles bool) error {
	database := storage.Open(8)
	defer database.Close()
	mailer := workers.Start(ctx, "mailer", 6)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handlers.New(database, mailer),
		ReadHeaderTimeout: 5 * time.Second,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	address := "http://" + listener.Addr().String()
	traffic.Start(ctx, address, customers)
	if troubles {
		warehouse.Open()
		new(prices.List).Comparers(ctx, 40)
	}
	fmt.Printf("leaky-shop ready: pid %d, %s\n", os.Getpid(), address)

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return server.Shutdown(deadline)
}
