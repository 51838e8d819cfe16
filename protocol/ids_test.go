package protocol_test

import (
	"bytes"
	"testing"
	"time"

	"allhours/protocol"
)

func TestAUUIDCarriesItsTimeAndComesBack(t *testing.T) {
	at := time.UnixMilli(0x017F22E279B0)
	id, err := protocol.NewUUID(at, bytes.NewReader(bytes.Repeat([]byte{0xFF}, 10)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := id.String(), "017f22e2-79b0-7fff-bfff-ffffffffffff"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	back, err := protocol.ParseUUID(id.String())
	if err != nil || back != id {
		t.Errorf("came back as %s, %v", back, err)
	}
	for _, bad := range []string{"", "017f22e2-79b0-7fff-bfff-fffffffffff", "017f22e279b07fffbfffffffffffffffffff", "017f22e2-79b0-7fff-bfff-gfffffffffff"} {
		if _, err := protocol.ParseUUID(bad); err == nil {
			t.Errorf("%q was read as a UUID", bad)
		}
	}
	if _, err := protocol.NewUUID(at, bytes.NewReader(nil)); err == nil {
		t.Error("a UUID was made without entropy")
	}
}

func TestACabinetIDFitsTopicsAndGrants(t *testing.T) {
	for id, good := range map[protocol.CabinetID]bool{
		"xs-01": true, "a": true, "abcdefghijklmnop": true, "abcdefghijklmnopq": false, "": false, "Xs": false, "a/b": false, "a+": false, "柜": false,
	} {
		if err := id.Validate(); (err == nil) != good {
			t.Errorf("%q: %v, want good=%v", id, err, good)
		}
	}
}

func TestMoneyAndWeightAreWrittenAsPeopleReadThem(t *testing.T) {
	for fen, want := range map[protocol.Fen]string{350: "¥3.50", 5: "¥0.05", 0: "¥0.00", -1205: "-¥12.05"} {
		if got := fen.String(); got != want {
			t.Errorf("%d fen: got %s, want %s", int64(fen), got, want)
		}
	}
	for g, want := range map[float64]protocol.Milligrams{0.0004: 0, 0.0005: 1, 571.2: 571200, -571.2: -571200} {
		if got := protocol.FromGrams(g); got != want {
			t.Errorf("%v g: got %d mg, want %d", g, got, want)
		}
	}
}
