// Package traffic is the shop's customers: a steady load, so that there is something to see.
package traffic

import (
	"context"
	"io"
	"math/rand"
	"net/http"
	"time"
)

// Start lets customers shop until ctx ends.
func Start(ctx context.Context, shop string, customers int) {
	client := &http.Client{
		Timeout:   2 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: customers},
	}
	for i := 0; i < customers; i++ {
		go shopping(ctx, client, shop)
	}
}

// shopping orders mostly, and asks for a report now and then.
func shopping(ctx context.Context, client *http.Client, shop string) {
	ticker := time.NewTicker(30 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		page := "/order?item=teapot"
		if rand.Intn(4) == 0 {
			page = "/report?month=May"
		}
		visit(ctx, client, shop+page)
	}
}

// visit reads a page to its end, so that the connection can be used again.
func visit(ctx context.Context, client *http.Client, url string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	response, err := client.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
}
