package wire_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"encoding/json"
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
		{"a later version", `[{"v":2,"cabinet":"xs-01"}]`, protocol.CodeUnsupported},
		{"another's event", `[{"v":1,"cabinet":"xs-02","seq":1}]`, protocol.CodeOtherCabinet},
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
