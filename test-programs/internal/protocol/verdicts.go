package protocol

import (
	"bytes"
	"runtime/pprof"
	"strconv"
	"strings"
)

// leaked is the ids of the goroutines that the runtime's own leak profile calls leaked, one per line. The profile is
// taken now, and not before anybody asks: what it finds stays marked (_Gleaked), for others to see. Releases without
// the profile (up to 1.25, and 1.26 unless built with GOEXPERIMENT=goroutineleakprofile) answer "unavailable".
func leaked() ([]byte, error) {
	detector := pprof.Lookup("goroutineleak")
	if detector == nil {
		return []byte("unavailable\n"), nil
	}
	var out bytes.Buffer
	if err := detector.WriteTo(&out, 2); err != nil {
		return nil, err
	}
	return ids(out.String(), func(header string) bool { return strings.Contains(header, "(leaked)") }), nil
}

// ids is the ids in a dump of the goroutines whose first line is wanted, one per line.
func ids(dump string, wanted func(header string) bool) []byte {
	var out []byte
	for _, goroutine := range strings.Split(dump, "\n\n") {
		id := ID(goroutine)
		end := strings.IndexByte(goroutine, '\n')
		if id == 0 || end < 0 || !wanted(goroutine[:end]) {
			continue
		}
		out = strconv.AppendUint(out, id, 10)
		out = append(out, '\n')
	}
	return out
}

// ID is the id in a goroutine's first line, "goroutine 7 [chan receive]:"; 0 if it is none.
func ID(goroutine string) uint64 {
	const word = "goroutine "
	if !strings.HasPrefix(goroutine, word) {
		return 0
	}
	rest := goroutine[len(word):]
	end := strings.IndexByte(rest, ' ')
	if end < 0 {
		return 0
	}
	id, _ := strconv.ParseUint(rest[:end], 10, 64)
	return id
}
