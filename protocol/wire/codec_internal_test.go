package wire

import (
	"runtime"
	"strings"
	"testing"
)

// A service that reads a thousand compressed batches a second would make 40 MB of readers in it.
func TestAMessageIsInflatedWithoutNewMemoryForIt(t *testing.T) {
	const messages, most = 200, 25 << 10
	var unpacker Unpacker
	packed, err := Encode(Reply{V: Version, Detail: strings.Repeat("a lamp. ", 250)})
	if err != nil {
		t.Fatal(err)
	}
	if packed[0] != 0x1F {
		t.Fatalf("not compressed: %q", packed)
	}
	decode := func() {
		var r Reply
		if err := unpacker.Decode(packed, &r); err != nil || len(r.Detail) != 2000 {
			t.Fatal(len(r.Detail), err)
		}
	}
	decode()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range messages {
		decode()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / messages; each > most {
		t.Errorf("want %d bytes for each message at most, got %d", most, each)
	}
}
