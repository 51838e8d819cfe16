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

// maxFaults is how many bad entries are listed; whoever sees so many looks at the file first.
const maxFaults = 50

// faults are what is wrong with a document, each with its path.
type faults struct{ list []string }

func (f *faults) add(path, format string, args ...any) {
	if len(f.list) < maxFaults {
		f.list = append(f.list, path+": "+fmt.Sprintf(format, args...))
	}
}

func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	return errors.New(strings.Join(f.list, "\n"))
}

// node is one value of a document and where it is. Reading it as something that it is not is a fault, and gives the zero.
type node struct {
	path   string
	value  any
	there  bool
	faults *faults
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
	return node{path: "$", value: value, there: true, faults: f}, f, nil
}

func (n node) bad(format string, args ...any) { n.faults.add(n.path, format, args...) }

// fields checks that the node is an object with these keys only.
func (n node) fields(known ...string) node {
	object, ok := n.value.(map[string]any)
	if !ok {
		n.bad("want an object, got %s", n.kind())
		return n
	}
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if !slices.Contains(known, key) {
			n.faults.add(n.path+"."+key, "not known here: want one of %s", strings.Join(known, ", "))
		}
	}
	return n
}

func (n node) at(key string) node {
	object, _ := n.value.(map[string]any)
	value, there := object[key]
	return node{path: n.path + "." + key, value: value, there: there, faults: n.faults}
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
		nodes[i] = node{path: fmt.Sprintf("%s[%d]", n.path, i), value: value, there: true, faults: n.faults}
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

// yes is a truth value.
func (n node) yes() bool {
	b, ok := n.value.(bool)
	if !ok {
		n.bad("want true or false, got %s", n.kind())
	}
	return b
}

func (n node) kind() string {
	switch v := n.value.(type) {
	case nil:
		if !n.there {
			return "nothing"
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
