package line_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"allhours/firmware-sim/line"
)

// echo answers each frame with itself.
type echo struct{}

func (echo) Answer(heard []byte, _ time.Time) []byte { return heard }

const (
	baud     = 9600 // 3.5 bytes are longer than the least silence
	response = 5 * time.Millisecond
)

func speed() line.Speed { return line.Speed{Baud: baud, Response: response} }

func byteTimes(n float64) time.Duration { return time.Duration(n * 10 / baud * float64(time.Second)) }

func open(t *testing.T, m *line.Memory) *line.Port {
	t.Helper()
	port, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func send(t *testing.T, w io.Writer, frame []byte) {
	t.Helper()
	if _, err := w.Write(frame); err != nil {
		t.Fatal(err)
	}
}

// receive reads once, at most for a second.
func receive(t *testing.T, port *line.Port) []byte {
	t.Helper()
	if err := port.SetReadTimeout(time.Second); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 512)
	n, err := port.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

func near(got, want time.Duration) bool { return (got - want).Abs() < 10*time.Microsecond }

func TestAReplyComesWhenBothFramesTheSilenceAndTheBoardHaveHadTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		port, frame := open(t, m), make([]byte, 8)
		begin := time.Now()
		send(t, port, frame)
		if got := receive(t, port); !bytes.Equal(got, frame) {
			t.Fatalf("got %x", got)
		}
		if want := byteTimes(8+3.5+8) + response; !near(time.Since(begin), want) {
			t.Fatalf("the reply took %v, want %v", time.Since(begin), want)
		}
	})
}

func TestAFrameThatComesInPiecesIsOneFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		port := open(t, m)
		send(t, port, []byte{1, 2, 3})
		time.Sleep(byteTimes(4))
		send(t, port, []byte{4, 5})
		if got := receive(t, port); !bytes.Equal(got, []byte{1, 2, 3, 4, 5}) {
			t.Fatalf("got %x", got)
		}
	})
}

func TestAMasterThatSpeaksBeforeTheLineWasSilentIsNotHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		port := open(t, m)
		send(t, port, []byte{1})
		receive(t, port)
		send(t, port, []byte{2})
		if got := receive(t, port); len(got) != 0 {
			t.Fatalf("heard %x without a silence before it", got)
		}
		send(t, port, []byte{3})
		if got := receive(t, port); !bytes.Equal(got, []byte{3}) {
			t.Fatalf("after a silence got %x", got)
		}
	})
}

func TestAReadThatTimesOutIsNeitherAnErrorNorAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		begin := time.Now()
		if got := receive(t, open(t, m)); len(got) != 0 || time.Since(begin) != time.Second {
			t.Fatalf("got %x after %v", got, time.Since(begin))
		}
	})
}

func TestAnUnpluggedLineBreaksThePortAndCanBeOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		port := open(t, m)
		if err := m.Plug(false); err != nil {
			t.Fatal(err)
		}
		if _, err := port.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Fatalf("read of an unplugged line: %v", err)
		}
		if _, err := port.Write([]byte{1}); !errors.Is(err, line.ErrClosed) {
			t.Fatalf("write to an unplugged line: %v", err)
		}
		if _, err := m.Open(); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("open of an unplugged line: %v", err)
		}
		if err := m.Plug(true); err != nil {
			t.Fatal(err)
		}
		port = open(t, m)
		send(t, port, []byte{7})
		if got := receive(t, port); !bytes.Equal(got, []byte{7}) {
			t.Fatalf("after plugging in again got %x", got)
		}
	})
}

func TestALateReplyIsThereUntilTheInputIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := line.NewMemory(speed(), echo{})
		defer m.Close()
		port := open(t, m)
		send(t, port, []byte{1})
		time.Sleep(time.Second)
		if err := port.ResetInputBuffer(); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, port); len(got) != 0 {
			t.Fatalf("got %x", got)
		}
	})
}
