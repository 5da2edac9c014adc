// Package storage is the shop's database: the standard library's pool over a driver that keeps orders in memory
// and takes as long as a real one would.
package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand"
	"strings"
	"sync"
	"time"
)

// Open returns a pool of at most size connections.
func Open(size int) *sql.DB {
	database := sql.OpenDB(&connector{})
	database.SetMaxOpenConns(size)
	database.SetMaxIdleConns(size)
	database.SetConnMaxIdleTime(time.Minute)
	return database
}

var errNoTransactions = errors.New("this database has no transactions")

// connector makes connections to one set of orders.
type connector struct {
	mu     sync.Mutex
	orders int64
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return &connection{server: c}, nil }
func (c *connector) Driver() driver.Driver                        { return c }
func (c *connector) Open(string) (driver.Conn, error)             { return &connection{server: c}, nil }

func (c *connector) add(orders int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orders += orders
	return c.orders
}

type connection struct {
	server *connector
}

func (c *connection) Prepare(query string) (driver.Stmt, error) {
	return &statement{server: c.server, query: query}, nil
}
func (c *connection) Close() error              { return nil }
func (c *connection) Begin() (driver.Tx, error) { return nil, errNoTransactions }

type statement struct {
	server *connector
	query  string
}

func (s *statement) Close() error  { return nil }
func (s *statement) NumInput() int { return strings.Count(s.query, "?") }

func (s *statement) Exec([]driver.Value) (driver.Result, error) {
	answerAfter(2*time.Millisecond, 8*time.Millisecond)
	s.server.add(1)
	return driver.RowsAffected(1), nil
}

// Query counts the orders. A count takes from 10 to 70 ms: some are too slow for who waits for them.
func (s *statement) Query([]driver.Value) (driver.Rows, error) {
	answerAfter(10*time.Millisecond, 70*time.Millisecond)
	return &count{value: s.server.add(0)}, nil
}

// answerAfter is the time on the network and in the server.
func answerAfter(least, most time.Duration) {
	time.Sleep(least + time.Duration(rand.Int63n(int64(most-least))))
}

// count is one row with one number.
type count struct {
	value int64
	read  bool
}

func (c *count) Columns() []string { return []string{"count"} }
func (c *count) Close() error      { return nil }
func (c *count) Next(row []driver.Value) error {
	if c.read {
		return io.EOF
	}
	c.read = true
	row[0] = c.value
	return nil
}
