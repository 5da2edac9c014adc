// Package leakprofile takes the place of runtime/pprof in Go's own leak programs (runtime/testdata of the toolchain),
// which profile themselves and end. Instead of a profile, whoever asks for one on standard output becomes the
// goroutine that answers questions: the program stays as it is at that very line.
package leakprofile

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"gostat.example/test-programs/internal/protocol"
)

// A Profile is only asked for, never taken.
type Profile struct{}

// Lookup has the signature of pprof.Lookup.
func Lookup(string) *Profile { return nil }

// WriteTo never returns if the profile would have been printed. Profiles that are thrown away are there to have the
// detector run at the same time several times over: not here, as its marks would tell others what leaked.
func (*Profile) WriteTo(out io.Writer, _ int) error {
	if out != os.Stdout {
		return nil
	}
	settled := []byte(strconv.FormatBool(protocol.Settle()))
	fmt.Println("ready")
	protocol.Serve(map[string]func() []byte{
		"settled": func() []byte { return settled },
		"sites":   sites,
	})
	return nil
}
