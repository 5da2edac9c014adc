package handlers

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"time"
)

// reportDeadline is how long a customer waits for a report.
const reportDeadline = 50 * time.Millisecond

type reports struct {
	database *sql.DB
}

// ServeHTTP renders a report, or gives up when that takes too long.
func (p *reports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), reportDeadline)
	defer cancel()
	select {
	case text := <-p.render(r.URL.Query().Get("month")):
		fmt.Fprintln(w, text)
	case <-ctx.Done():
		http.Error(w, "the report takes too long", http.StatusGatewayTimeout)
	}
}

// render makes a report in the background.
//
// This is the bug: the channel has no room. When the handler has given up, nobody receives any more, and the
// goroutine stays in its send for as long as the process lives. With make(chan string, 1) it would end.
func (p *reports) render(month string) <-chan string {
	result := make(chan string)
	go func() {
		var orders int
		row := p.database.QueryRow("SELECT count(*) FROM orders WHERE month = ?", month)
		if err := row.Scan(&orders); err != nil {
			result <- "no report: " + err.Error()
			return
		}
		result <- fmt.Sprintf("%s: %d orders", month, orders)
	}()
	return result
}
