package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

// typed is what a person types, line by line. Its reading ends with the program, not before: no terminal lets a pending
// read go.
type typed struct {
	lines chan string
	to    io.Writer // where questions are asked
}

func newTyped(in io.Reader, to io.Writer) *typed {
	t := &typed{lines: make(chan string), to: to}
	go func() {
		defer close(t.lines)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			t.lines <- strings.TrimSpace(lines.Text())
		}
	}()
	return t
}

// ask waits for the answer to a question; false where none will come.
func (t *typed) ask(ctx context.Context, format string, args ...any) (string, bool) {
	fmt.Fprintf(t.to, format+"\n", args...)
	select {
	case line, more := <-t.lines:
		return line, more
	case <-ctx.Done():
		return "", false
	}
}
