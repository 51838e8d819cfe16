package server

import (
	"context"
	"strings"
	"testing"
	"time"

	"allhours/cloud/internal/message"
	"allhours/cloud/internal/payment"
	"allhours/protocol/topic"
)

func TestBooksWithASimulatedPastAreServedByADemoOnly(t *testing.T) {
	began := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	p, err := OpenPast(t.Context(), PastOptions{
		Data: dir, Now: func() time.Time { return began }, Until: began.Add(48 * time.Hour), Seed: 1, Broker: "tcp://127.0.0.1:1883",
		Send: func(topic.Address, topic.Channel, []byte) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	provider, err := payment.NewSimulator("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(context.Background(), Options{Data: dir, Provider: provider, Sender: message.LogSender{}}); err == nil || !strings.Contains(err.Error(), "simulated past") {
		t.Errorf("a server that is no demo's took them: %v", err)
	}
	demo, err := New(t.Context(), Options{Data: dir, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	if !demo.past.Any() || !demo.past.From.Equal(began) {
		t.Errorf("the demo knows of %+v", demo.past)
	}
	if err := demo.Close(); err != nil {
		t.Error(err)
	}
}
