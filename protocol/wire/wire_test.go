package wire_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

func keyPair() (grant.Signer, grant.Keys) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return grant.Signer{KeyID: 1, Key: key}, grant.Keys{1: key.Public().(ed25519.PublicKey)}
}

func event(seq uint64) wire.Event {
	return wire.Event{V: 1, Cabinet: "xs-01", Journal: protocol.UUID{1}, Seq: seq, Type: wire.Alive, Body: json.RawMessage(`{"selling":true}`)}
}

func TestALargeMessageIsCompressedAndComesBack(t *testing.T) {
	var batch []wire.Event
	for seq := range uint64(wire.MaxBatchEvents) {
		batch = append(batch, event(seq+1))
	}
	payload, err := wire.Encode(batch)
	if err != nil {
		t.Fatal(err)
	}
	if payload[0] != 0x1F || len(payload) > 8<<10 {
		t.Errorf("200 events take %d bytes and begin with %#x, want them gzipped", len(payload), payload[0])
	}
	got, err := wire.DecodeBatch(payload, "xs-01")
	if err != nil || len(got) != len(batch) || got[199].Hash() != batch[199].Hash() {
		t.Errorf("got %d events, %v", len(got), err)
	}
}

func TestABadBatchIsRefusedWithItsReason(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := w.Write(make([]byte, 8<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		payload string
		want    protocol.Code
	}{
		{"nothing", "", protocol.CodeMalformed},
		{"no JSON", "hello", protocol.CodeMalformed},
		{"an empty batch", "[]", protocol.CodeMalformed},
		{"an object in place of an array", "{}", protocol.CodeMalformed},
		{"half a gzip", "\x1f\x8b\x08", protocol.CodeMalformed},
		{"eight megabytes in a small gzip", bomb.String(), protocol.CodeMalformed},
		{"a payload beyond its limit", strings.Repeat(" ", wire.MaxPayload+1), protocol.CodeMalformed},
		{"a later version, without a place", `[{"v":2,"cabinet":"xs-01"}]`, protocol.CodeUnsupported},
		{"another's event, without a journal", `[{"v":1,"cabinet":"xs-02","seq":1}]`, protocol.CodeOtherCabinet},
		{"a place that the neighbours do not say", `[` + sent("4") + `,` + sent("0") + `,` + sent("9") + `]`, protocol.CodeMalformed},
		{"a place before the first", `[` + sent("0") + `,` + sent("1") + `]`, protocol.CodeMalformed},
		{"a batch that is torn behind a bad event", `[` + sent("0") + `,` + sent("2")[:30], protocol.CodeMalformed},
		{"no sequence number", `[{"v":1,"cabinet":"xs-01","journal":"01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f"}]`, protocol.CodeMalformed},
		{"no journal", `[{"v":1,"cabinet":"xs-01","seq":4}]`, protocol.CodeMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := wire.DecodeBatch([]byte(c.payload), "xs-01"); protocol.CodeOf(err) != c.want {
				t.Errorf("got %v, want code %s", err, c.want)
			}
		})
	}
}

// sent is an event with a sequence number as it may come.
func sent(seq string) string {
	return `{"v":1,"cabinet":"xs-01","journal":"01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f","seq":` + seq + `,"at":70,"type":"alive","body":{"selling":true}}`
}

func TestAnEventWhoseEnvelopeIsWrongKeepsItsPlaceAndBlocksNoOther(t *testing.T) {
	whole := sent("5")
	cases := []struct {
		name, bad string
		want      protocol.Code // why it cannot be read
	}{
		{"a later version", strings.Replace(whole, `"v":1`, `"v":2`, 1), protocol.CodeUnsupported},
		{"a version that is text", strings.Replace(whole, `"v":1`, `"v":"1"`, 1), protocol.CodeMalformed},
		{"of another cabinet", strings.Replace(whole, "xs-01", "xs-02", 1), protocol.CodeOtherCabinet},
		{"a number of zero", sent("0"), protocol.CodeMalformed},
		{"a number below zero", sent("-3"), protocol.CodeMalformed},
		{"a number beyond all", sent("9223372036854775807"), protocol.CodeMalformed},
		{"a number that is text", sent(`"5"`), protocol.CodeMalformed},
		{"no number", sent("null"), protocol.CodeMalformed},
		{"a journal that is none", strings.Replace(whole, "01931d3c", "dream", 1), protocol.CodeMalformed},
		{"a time that is text", strings.Replace(whole, `"at":70`, `"at":"noon"`, 1), protocol.CodeMalformed},
		{"a type that is a number", strings.Replace(whole, `"alive"`, `7`, 1), protocol.CodeMalformed},
		{"nothing", `null`, protocol.CodeUnsupported},
		{"a number in place of an object", `17`, protocol.CodeMalformed},
	}
	for _, c := range cases {
		for at, batch := range [][]string{{c.bad, sent("6"), sent("7")}, {sent("4"), c.bad, sent("6")}, {sent("3"), sent("4"), c.bad}} {
			t.Run(fmt.Sprintf("%s, %d before it", c.name, at), func(t *testing.T) {
				got, err := wire.DecodeBatch([]byte("["+strings.Join(batch, ",")+"]"), "xs-01")
				if err != nil || len(got) != 3 {
					t.Fatalf("%d events, %v", len(got), err)
				}
				for i, e := range got {
					if bad := i == at; e.Seq != uint64(5-at+i) || e.Journal.IsZero() || e.Cabinet != "xs-01" || (e.Type == wire.Unreadable) != bad {
						t.Errorf("event %d: %+v", i, e)
					}
				}
				if bad := got[at]; string(bad.Body) != c.bad || protocol.CodeOf(bad.Flaw()) != c.want {
					t.Errorf("kept %s, because of %v; want %s and code %s", bad.Body, bad.Flaw(), c.bad, c.want)
				}
			})
		}
	}
}

func TestAnUnreadableEventIsKeptAsOneAndTheSameHoweverOftenItComes(t *testing.T) {
	batch := []byte(`[` + strings.Replace(sent("5"), `"v":1`, ` "v" : 2 `, 1) + `]`)
	first, err := wire.DecodeBatch(batch, "xs-01")
	if err != nil {
		t.Fatal(err)
	}
	text, hash := first[0].Text()
	var stored wire.Event
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	again, err := wire.DecodeBatch(batch, "xs-01")
	if err != nil || again[0].Hash() != hash || stored.Hash() != hash {
		t.Errorf("hashes differ: %v", err)
	}
	if first[0].At != 70 {
		t.Errorf("its time is %d, though that can be read", first[0].At)
	}
}

func TestASealHoldsForItsKindAndContentOnly(t *testing.T) {
	s, keys := keyPair()
	ack := wire.Ack{V: 1, Cabinet: "xs-01", HaveUpTo: 41, Missing: []wire.Range{{From: 44, To: 45}}}
	raw, err := wire.Seal(wire.KindAck, s, ack)
	if err != nil {
		t.Fatal(err)
	}
	var got wire.Ack
	if err := wire.Unseal(wire.KindAck, keys, raw, &got); err != nil || got.HaveUpTo != 41 || len(got.Missing) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	cases := []struct {
		name string
		kind wire.Kind
		keys grant.Keys
		raw  []byte
		want protocol.Code
	}{
		{"read as another kind", wire.KindConfig, keys, raw, protocol.CodeBadSignature},
		{"with a number changed", wire.KindAck, keys, bytes.Replace(raw, []byte(`:41`), []byte(`:42`), 1), protocol.CodeBadSignature},
		{"by a key unknown here", wire.KindAck, grant.Keys{}, raw, protocol.CodeUnknownKey},
		{"cut short", wire.KindAck, keys, raw[:len(raw)-4], protocol.CodeMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := wire.Unseal(c.kind, c.keys, c.raw, &wire.Ack{}); protocol.CodeOf(err) != c.want {
				t.Errorf("got %v, want code %s", err, c.want)
			}
		})
	}
}

func TestANewerConfigurationWinsByEpochThenVersion(t *testing.T) {
	cases := []struct {
		name string
		v, w wire.ConfigVersion
		want bool
	}{
		{"a later version", wire.ConfigVersion{FleetEpoch: 1, Version: 3}, wire.ConfigVersion{FleetEpoch: 1, Version: 2}, true},
		{"the same", wire.ConfigVersion{FleetEpoch: 1, Version: 2}, wire.ConfigVersion{FleetEpoch: 1, Version: 2}, false},
		{"an earlier version of a restored cloud", wire.ConfigVersion{FleetEpoch: 2, Version: 1}, wire.ConfigVersion{FleetEpoch: 1, Version: 9}, true},
		{"a later version of the time before", wire.ConfigVersion{FleetEpoch: 1, Version: 9}, wire.ConfigVersion{FleetEpoch: 2, Version: 1}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.v.Newer(c.w); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte(`[{"v":1,"cabinet":"xs-01","journal":"01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f","seq":1,"type":"alive","body":{}}]`))
	f.Add([]byte{0x1F, 0x8B})
	f.Fuzz(func(t *testing.T, payload []byte) {
		batch, err := wire.DecodeBatch(payload, "xs-01")
		if err != nil {
			return
		}
		for _, e := range batch {
			if e.Cabinet != "xs-01" || e.Seq == 0 {
				t.Errorf("let through %+v", e)
			}
			if _, err := wire.DecodeBody(e.Type, e.Body); err != nil && protocol.CodeOf(err) == "" {
				t.Errorf("body refused without a code: %v", err)
			}
		}
	})
}
