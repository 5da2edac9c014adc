package handlers

import (
	"database/sql"
	"net/http"

	"gostat.example/leaky-shop/workers"
)

type orders struct {
	database *sql.DB
	mailer   *workers.Pool
}

// ServeHTTP stores an order and has a mail sent; it waits for neither longer than the customer does.
func (o *orders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	item := r.URL.Query().Get("item")
	if _, err := o.database.ExecContext(r.Context(), "INSERT INTO orders (item) VALUES (?)", item); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	if err := o.mailer.Submit(r.Context(), "thank you for the "+item); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusCreated)
}
