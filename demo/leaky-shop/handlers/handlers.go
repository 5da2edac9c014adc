// Package handlers answers the shop's requests.
package handlers

import (
	"context"
	"database/sql"
	"net/http"
	"runtime/pprof"

	"gostat.example/leaky-shop/workers"
)

// New returns the shop: orders, reports, and a page for whoever asks whether it is open.
func New(database *sql.DB, mailer *workers.Pool) http.Handler {
	mux := http.NewServeMux()
	route(mux, "/order", &orders{database: database, mailer: mailer})
	route(mux, "/report", &reports{database: database})
	route(mux, "/health", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	return mux
}

// route labels every goroutine of a request with its route, and so every goroutine that these start: profiles
// and goroutine dumps then say which part of the shop they belong to.
func route(mux *http.ServeMux, pattern string, handler http.Handler) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		pprof.Do(r.Context(), pprof.Labels("route", pattern), func(ctx context.Context) {
			handler.ServeHTTP(w, r.WithContext(ctx))
		})
	})
}
