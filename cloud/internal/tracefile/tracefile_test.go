package tracefile_test

import (
	"bytes"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/tracefile"
	"allhours/protocol"
)

func TestTheNewestVisitsAreKeptWithinTheBound(t *testing.T) {
	f := tracefile.Open(t.TempDir(), 250)
	for n := range byte(5) {
		if err := f.Keep(protocol.UUID{n, 6: 0x70, 8: 0x80}, bytes.Repeat([]byte{n}, 100)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range byte(5) {
		raw, err := f.Fetch(protocol.UUID{n, 6: 0x70, 8: 0x80})
		if kept := n >= 3; kept != (err == nil) || kept && !bytes.Equal(raw, bytes.Repeat([]byte{n}, 100)) || !kept && protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("visit %d: %d bytes, %v", n, len(raw), err)
		}
	}
	if err := f.Keep(protocol.UUID{0, 6: 0x70, 8: 0x80}, bytes.Repeat([]byte{9}, 100)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Fetch(protocol.UUID{0, 6: 0x70, 8: 0x80}); err != nil {
		t.Errorf("an old visit's that has just come: %v", err)
	}
}
