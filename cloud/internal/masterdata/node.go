package masterdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// node is one value of what is read and where it is. Reading it as something that it is not is a fault, and gives the zero.
// A line of a CSV is read as an object whose values are texts.
type node struct {
	place
	value    any
	there    bool
	decimals int // of a number in a cell: what is kept are its smallest units
	faults   *faults
}

// row is a line of a CSV: its cells by the fields that they are read as. An empty cell is absent.
type row map[string]cell

type cell struct {
	line     int
	column   string
	text     string
	decimals int
}

// parse reads one JSON document.
func parse(raw []byte) (node, *faults, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return node{}, nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return node{}, nil, errors.New("not JSON: something follows the document")
	}
	f := &faults{}
	return node{place: place{path: "$"}, value: value, there: true, faults: f}, f, nil
}

func (n node) bad(format string, args ...any) { n.faults.add(n.place, format, args...) }

// fields checks that the node is an object with these keys only. A CSV was held to its columns before.
func (n node) fields(known ...string) {
	if _, is := n.value.(row); is {
		return
	}
	object, ok := n.value.(map[string]any)
	if !ok {
		n.bad("want an object, got %s", n.kind())
		return
	}
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if !slices.Contains(known, key) {
			n.at(key).bad("not known here: want one of %s", strings.Join(known, ", "))
		}
	}
}

func (n node) at(key string) node {
	if r, is := n.value.(row); is {
		c, known := r[key]
		if !known {
			c.line, c.column = n.line, key
		}
		below := node{place: place{line: c.line, column: c.column, found: c.text}, decimals: c.decimals, faults: n.faults}
		if c.text != "" {
			below.value, below.there = c.text, true
		}
		return below
	}
	object, _ := n.value.(map[string]any)
	value, there := object[key]
	return node{place: place{path: n.path + "." + key}, value: value, there: there, faults: n.faults}
}

// says reports a field that is there, or a cell whose column is, if only to be empty.
func (n node) says(key string) bool {
	if r, is := n.value.(row); is {
		_, column := r[key]
		return column
	}
	return n.at(key).there
}

// items are the elements of a list; an absent list is empty.
func (n node) items() []node {
	if !n.there {
		return nil
	}
	list, ok := n.value.([]any)
	if !ok {
		n.bad("want a list, got %s", n.kind())
	}
	nodes := make([]node, len(list))
	for i, value := range list {
		nodes[i] = node{place: place{path: fmt.Sprintf("%s[%d]", n.path, i)}, value: value, there: true, faults: n.faults}
		if r, is := value.(line); is {
			nodes[i].place, nodes[i].value = place{line: r.number}, r.cells
		}
	}
	return nodes
}

// text is a string of 1 to max bytes.
func (n node) text(maxBytes int) string {
	s, ok := n.value.(string)
	switch {
	case !ok:
		n.bad("want a text, got %s", n.kind())
	case strings.TrimSpace(s) == "" || len(s) > maxBytes:
		n.bad("want 1 to %d bytes, got %d", maxBytes, len(s))
	}
	return s
}

// oneOf is one of a few words.
func (n node) oneOf(words ...string) string {
	s, ok := n.value.(string)
	if !ok || !slices.Contains(words, s) {
		n.bad("want one of %s, got %s", strings.Join(words, ", "), n.kind())
	}
	return s
}

// whole is an integer from low to high.
func (n node) whole(low, high int64) int64 {
	if n.line > 0 {
		text, _ := n.value.(string)
		return n.number(text, low, high)
	}
	number, ok := n.value.(json.Number)
	if !ok {
		n.bad("want a whole number, got %s", n.kind())
		return 0
	}
	i, err := number.Int64()
	if err != nil || i < low || i > high {
		n.bad("want a whole number from %d to %d, got %s", low, high, number)
		return 0
	}
	return i
}

// fixed is a number with so many decimals at most, from low to high in its smallest units.
func (n node) fixed(low, high int64, decimals int) int64 {
	n.decimals = decimals
	if n.line > 0 {
		text, _ := n.value.(string)
		return n.number(text, low, high)
	}
	number, ok := n.value.(json.Number)
	if !ok {
		n.bad("want a number, got %s", n.kind())
		return 0
	}
	return n.number(number.String(), low, high)
}

// number reads a cell exactly: nothing is rounded.
func (n node) number(text string, low, high int64) int64 {
	i, ok := decimal(text, n.decimals)
	switch {
	case ok && i >= low && i <= high:
		return i
	case n.decimals == 0:
		n.bad("want a whole number from %d to %d, got %s", low, high, n.kind())
	default:
		n.bad("want a number from %s to %s with %d decimals at most, got %s", spell(low, n.decimals), spell(high, n.decimals), n.decimals, n.kind())
	}
	return 0
}

// yes is a truth value.
func (n node) yes() bool {
	b, ok := n.value.(bool)
	if text, is := n.value.(string); is && n.line > 0 {
		switch strings.ToLower(text) {
		case "1", "true", "yes", "是":
			return true
		case "0", "false", "no", "否":
			return false
		}
	}
	if !ok {
		n.bad("want true or false, got %s", n.kind())
	}
	return b
}

// nothing is what stands where something was wanted.
const nothing = "nothing"

func (n node) kind() string {
	switch v := n.value.(type) {
	case nil:
		if !n.there {
			return nothing
		}
		return "null"
	case string:
		return fmt.Sprintf("%.40q", v)
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case []any:
		return "a list"
	}
	return "an object"
}
