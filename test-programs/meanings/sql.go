package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

func init() { sql.Register("nothing", nothing{}) }

// A driver of a database that is always there and has nothing in it.
type nothing struct{}

func (nothing) Open(string) (driver.Conn, error) { return nothing{}, nil }

func (nothing) Prepare(string) (driver.Stmt, error) { return nil, errors.New("no statements") }

func (nothing) Close() error { return nil }

func (nothing) Begin() (driver.Tx, error) { return nothing{}, nil }

func (nothing) Commit() error { return nil }

func (nothing) Rollback() error { return nil }

func startSQL() {
	pool, err := sql.Open("nothing", "")
	must(err)
	pool.SetMaxOpenConns(1)
	cancellable, cancel := context.WithCancel(context.Background())
	// It has the only connection, and keeps it.
	transaction, err := pool.BeginTx(cancellable, nil)
	must(err)
	kept = append(kept, pool, cancel, transaction)
	go acquire(pool)
	expectOf(expectation{"DB_ACQUIRE", "main", "-", "database/sql", "-", []string{"main.acquire"}}, "select")
	library := func(meaning, function string, reasons ...string) {
		expectOf(expectation{meaning, "database/sql", "-", "database/sql", "-", []string{function}}, reasons...)
	}
	library("WORKER_IDLE", "database/sql.(*DB).connectionOpener", "select")
	library("DB_TRANSACTION_OPEN", "database/sql.(*Tx).awaitDone", "chan receive")
}

func acquire(pool *sql.DB) {
	connection, err := pool.Conn(context.Background())
	println(connection, err)
}
