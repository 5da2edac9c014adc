package leakprofile

import (
	"path/filepath"
	"strconv"
	"strings"

	"gostat.example/test-programs/internal/protocol"
)

// sites is a line "ID SITE" for each goroutine. Its site is where it stands in the program's own files, innermost first,
// and last where it was started: "etcd7902.go:75 etcd7902.go:52 etcd7902.go:85". The files are the same for all
// releases, while names of functions and words for waiting are not: so what one release's runtime says about a site
// holds for the others.
func sites() []byte {
	var out []byte
	for _, goroutine := range strings.Split(string(protocol.Stack()), "\n\n") {
		out = strconv.AppendUint(out, protocol.ID(goroutine), 10)
		for _, line := range strings.Split(goroutine, "\n") {
			if strings.HasPrefix(line, "\t") && strings.Contains(line, "/go-leaks-") {
				place := strings.TrimSpace(line)
				if end := strings.IndexByte(place, ' '); end > 0 {
					place = place[:end]
				}
				out = append(out, ' ')
				out = append(out, filepath.Base(place)...)
			}
		}
		out = append(out, '\n')
	}
	return out
}
