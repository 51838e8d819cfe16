package uplink

import (
	"runtime"
	"strings"
	"testing"

	"allhours/protocol"
	"allhours/protocol/wire"
)

func TestAMessageIsCompressedWithoutNewMemoryForIt(t *testing.T) {
	const messages, most = 50, 100 << 10
	packers := NewPackers(1)
	reply := wire.Reply{V: wire.Version, Code: protocol.CodeOK, Detail: strings.Repeat("a lamp. ", 1000)}
	encode := func() {
		if _, err := packers.encode(reply); err != nil {
			t.Fatal(err)
		}
	}
	encode()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range messages {
		encode()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / messages; each > most {
		t.Errorf("want %d bytes for each message at most, got %d", most, each)
	}
}
