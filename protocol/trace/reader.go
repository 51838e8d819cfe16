package trace

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// maxLine bounds one line in bytes.
const maxLine = 1 << 20

// Reader reads the visits of one trace file, one after the other.
type Reader struct {
	lines   *bufio.Scanner
	number  int
	pending *header // the next visit's header, already read
}

// NewReader begins to read; gzip is known by its first bytes. The error says why a gzip header cannot be read.
func NewReader(r io.Reader) (*Reader, error) {
	buffered := bufio.NewReader(r)
	source := io.Reader(buffered)
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1F && magic[1] == 0x8B {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("trace: open gzip: %w", err)
		}
		source = unzipped
	}
	lines := bufio.NewScanner(source)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	return &Reader{lines: lines}, nil
}

// Next gives the next visit, and io.EOF after the last. Another error names the line that cannot be read.
func (r *Reader) Next() (*Visit, error) {
	if r.pending == nil {
		if err := r.first(); err != nil {
			return nil, err
		}
	}
	visit := r.pending.visit()
	count := len(r.pending.Platforms)
	r.pending = nil
	for r.lines.Scan() {
		r.number++
		if len(r.lines.Bytes()) == 0 {
			continue
		}
		h, line, err := parse(r.lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("trace: line %d: %w", r.number, err)
		}
		if h != nil {
			r.pending = h
			return visit, nil
		}
		read, err := line.read(count)
		if err != nil {
			return nil, fmt.Errorf("trace: line %d: %w", r.number, err)
		}
		visit.Rows = append(visit.Rows, read)
	}
	if err := r.lines.Err(); err != nil {
		return nil, fmt.Errorf("trace: after line %d: %w", r.number, err)
	}
	return visit, nil
}

// first reads the header of the file's first visit.
func (r *Reader) first() error {
	for r.lines.Scan() {
		r.number++
		if len(r.lines.Bytes()) == 0 {
			continue
		}
		h, _, err := parse(r.lines.Bytes())
		if err != nil {
			return fmt.Errorf("trace: line %d: %w", r.number, err)
		}
		if h == nil {
			return fmt.Errorf("trace: line %d: a visit begins with a header line", r.number)
		}
		r.pending = h
		return nil
	}
	if err := r.lines.Err(); err != nil {
		return fmt.Errorf("trace: after line %d: %w", r.number, err)
	}
	return io.EOF
}

// parse reads a line, which is a header where it says so and a row otherwise.
func parse(line []byte) (*header, *row, error) {
	var either struct {
		header
		row
	}
	if err := json.Unmarshal(line, &either); err != nil {
		return nil, nil, fmt.Errorf("want a JSON object, a header or a row: %w", err)
	}
	if either.Trace == 0 {
		return nil, &either.row, nil
	}
	if either.Trace != Version {
		return nil, nil, fmt.Errorf("trace version %d: this program reads version %d", either.Trace, Version)
	}
	return &either.header, nil, nil
}

func (h *header) visit() *Visit {
	v := &Visit{Header: Header{
		ID: h.ID, Confidence: h.Confidence, Refill: h.Purpose == refill,
		Layout: settle.Layout{Goods: make(map[protocol.SKU]settle.Good, len(h.SKUs))},
		Prices: make(map[protocol.SKU]protocol.Fen, len(h.SKUs)),
	}}
	for sku, g := range h.SKUs {
		v.Layout.Goods[sku] = settle.Good{Unit: protocol.FromGrams(g.Unit), SD: protocol.FromGrams(g.SD)}
		v.Prices[sku] = g.Price
	}
	for _, p := range h.Platforms {
		book := make(map[protocol.SKU]int, len(p.SKUs))
		for _, sku := range p.SKUs {
			book[sku] = p.Book[sku]
		}
		v.Layout.Platforms = append(v.Layout.Platforms, settle.Platform{
			ID: p.ID, Capacity: protocol.FromGrams(p.Capacity), Division: protocol.FromGrams(p.Division), Book: book,
		})
	}
	return v
}

func (l *row) read(platforms int) (Row, error) {
	switch {
	case l.Door == doorOpen || l.Door == doorClosed:
		return Row{At: l.At, Open: l.Door == doorOpen}, nil
	case l.Door != "":
		return Row{}, fmt.Errorf("door %q: want %q or %q", l.Door, doorOpen, doorClosed)
	case l.Grams == nil:
		return Row{}, errors.New("neither a door nor readings")
	case l.Read == nil && len(l.Grams) != platforms:
		return Row{}, fmt.Errorf("%d readings for %d platforms", len(l.Grams), platforms)
	case l.Read != nil && len(l.Grams) != len(l.Read):
		return Row{}, fmt.Errorf("%d readings for the %d platforms of c", len(l.Grams), len(l.Read))
	}
	for _, i := range l.Read {
		if i < 0 || i >= platforms {
			return Row{}, fmt.Errorf("c names platform %d: want 0 to %d", i, platforms-1)
		}
	}
	read := Row{At: l.At, Reading: true, Read: l.Read, Samples: make([]settle.Sample, len(l.Grams))}
	for i, g := range l.Grams {
		if g != nil {
			read.Samples[i] = settle.Sample{Weight: protocol.FromGrams(*g), OK: true}
		}
	}
	return read, nil
}

// plainMost bounds a recording, unpacked, in bytes.
const plainMost = 64 << 20

// Unpack reads the first visit of a gzipped recording.
func Unpack(packed []byte) (*Visit, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	r, err := NewReader(io.LimitReader(unzipped, plainMost))
	if err != nil {
		return nil, err
	}
	v, err := r.Next()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("there is no visit in it")
	}
	return v, err
}
