package main

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
)

// A chain is the part of a walker's stack that is in shapes.go, in Go's own words.
type chain struct {
	functions []string
	noted     chan struct{}
}

func (c *chain) done() bool {
	select {
	case <-c.noted:
		return true
	default:
		return false
	}
}

// note is called by arrive, so many lines before the one in which its caller waits.
func (c *chain) note(lines int) {
	pcs := make([]uintptr, 128)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for more := true; more; lines = 0 {
		var frame runtime.Frame
		frame, more = frames.Next()
		c.functions = append(c.functions, fmt.Sprintf("%s:%d", frame.Function, frame.Line+lines))
		if strings.HasPrefix(frame.Function, "main.shape") {
			break
		}
	}
	close(c.noted)
}

// chains tells all legal ones, each with its shape, caller and level, innermost function first.
func chains() []byte {
	var out bytes.Buffer
	for shape := 0; shape < shapes; shape++ {
		for by := 0; by < 2; by++ {
			for level, depth := range depths {
				c := &chain{noted: make(chan struct{})}
				w := &walker{shape: shape, level: level, depth: depth, byB: by == 1, noting: c}
				if shape == reader {
					w.own = noted
				}
				start(w)
				<-c.noted
				fmt.Fprintf(&out, "%d %d %d %s\n", shape, by, level, strings.Join(c.functions, " "))
			}
		}
	}
	rest(true)
	return out.Bytes()
}
