package main

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheProgramTellsItsServiceManagerHowItIs runs the agent of a cabinet whose line is not there: it is ready all the same,
// it feeds its watchdog, and says that it sells nothing.
func TestTheProgramTellsItsServiceManagerHowItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "400000")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- command(ctx, []string{"run", "--config", sound(t, t.TempDir())}, io.Discard, io.Discard)
	}()

	heard := map[string]int{}
	until := func(word string, n int) {
		t.Helper()
		if err := socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 512)
		for heard[word] < n {
			size, err := socket.Read(buf)
			if err != nil {
				t.Fatalf("waited in vain for %d of %q, heard %v: %v", n, word, heard, err)
			}
			said, _, _ := strings.Cut(string(buf[:size]), ":")
			heard[said]++
		}
	}
	until("READY=1", 1)
	until("STATUS=no compartment sells", 1)
	until("WATCHDOG=1", 5)
	stop()
	until("STOPPING=1", 1)
	if err := <-ended; err != nil || heard["READY=1"] != 1 {
		t.Errorf("ended with %v, ready was said %d times", err, heard["READY=1"])
	}
}
