// Package asciireader drives readers of QR and bar codes that send what they have read as a line of ASCII, ended by CR, LF
// or both.
//
// It knows nothing of what the lines mean. It refuses lines that are too long or hold anything but printable characters,
// and never lets the beginning of one run into another.
package asciireader

import (
	"context"
	"fmt"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol/fieldbus/ascii"
)

// Config is one reader.
type Config struct {
	MaxLine int `yaml:"max_line"` // characters of the longest code; 0 means 512
}

const (
	defaultMaxLine = 512
	longestLine    = 4096
	waiting        = 4                      // scans that are held for whoever is busy; more are dropped
	brokenOff      = 200 * time.Millisecond // a line that pauses for so long has lost its end
)

// Reader is one reader. Hear and Lost are called from one goroutine, Next from another.
type Reader struct {
	scans chan edge.Scan

	mu       sync.Mutex // of what follows
	lines    *ascii.Lines
	lastByte time.Time
}

// New makes the driver. It hears its line as a bus.Listener.
func New(cfg Config) (*Reader, error) {
	if cfg.MaxLine == 0 {
		cfg.MaxLine = defaultMaxLine
	}
	if cfg.MaxLine < 1 || cfg.MaxLine > longestLine {
		return nil, fmt.Errorf("asciireader: %w", setting.Wrong("max_line", "got %d: want 1 to %d", cfg.MaxLine, longestLine))
	}
	return &Reader{scans: make(chan edge.Scan, waiting), lines: ascii.NewLines(cfg.MaxLine, ascii.Eight)}, nil
}

// Next implements edge.Reader.
func (r *Reader) Next(ctx context.Context) (edge.Scan, error) {
	select {
	case s := <-r.scans:
		return s, nil
	case <-ctx.Done():
		return edge.Scan{}, ctx.Err()
	}
}

// Hear implements bus.Listener.
func (r *Reader) Hear(p []byte, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.Sub(r.lastByte) > brokenOff {
		r.lines.Reset()
	}
	r.lastByte = at
	for _, b := range p {
		line, _ := r.lines.Push(b)
		if line == nil {
			continue
		}
		select {
		case r.scans <- edge.Scan{Text: string(line), At: at}:
		default: // Somebody waves codes faster than anyone can look at them.
		}
	}
}

// Lost implements bus.Listener.
func (r *Reader) Lost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines.Reset()
}
