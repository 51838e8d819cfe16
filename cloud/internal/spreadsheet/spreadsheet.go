// Package spreadsheet reads text as table programs save it, and writes tables as they open them. It knows no table's columns.
package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// mark leads text in UTF-8, without which table programs take it for something else.
const mark = "\uFEFF"

// Want is what a file that cannot be read should have been.
const Want = "want the text in UTF-8 or GB18030, as a table program saves a CSV"

// Decode is the text in UTF-8 without a mark at its beginning; converted tells that it came in GB18030. Where it is in neither,
// bad is the first line, from 1, that cannot be read; else it is 0.
func Decode(raw []byte) (text []byte, converted bool, bad int) {
	if at := bytes.IndexByte(raw, 0); at >= 0 {
		return nil, false, lineOf(raw, at)
	}
	if utf8.Valid(raw) {
		return bytes.TrimPrefix(raw, []byte(mark)), false, 0
	}
	if bytes.HasPrefix(raw, []byte(mark)) {
		return nil, false, brokenLine(raw, utf8.Valid)
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	if err == nil && !bytes.ContainsRune(text, utf8.RuneError) {
		return text, true, 0
	}
	// The encoding in which most can be read is the one that was meant.
	return nil, false, max(brokenLine(raw, utf8.Valid), brokenLine(raw, chinese))
}

// brokenLine is the first line that is not as it should be.
func brokenLine(raw []byte, valid func([]byte) bool) int {
	number := 0
	for line := range bytes.Lines(raw) {
		if number++; !valid(line) {
			return number
		}
	}
	return number
}

func chinese(line []byte) bool {
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(line)
	return err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

func lineOf(raw []byte, at int) int { return bytes.Count(raw[:at], []byte("\n")) + 1 }

// Write writes a table in UTF-8 with a mark, and no cell that would be calculated. Decode and Plain read it again.
func Write(head []string, rows [][]string) []byte {
	var out bytes.Buffer
	out.WriteString(mark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, row := range append([][]string{head}, rows...) {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = Defuse(cell)
		}
		_ = w.Write(safe) // Nothing fails to be written to memory.
	}
	w.Flush()
	return out.Bytes()
}

// Defuse keeps a table program from calculating what somebody wrote: it gets an apostrophe in front, which such programs take
// for the mark of text. A number may begin with its sign. What has an apostrophe there already gets another one, so that
// Plain gives every cell back as it was.
func Defuse(cell string) string {
	if !calculates(strings.TrimLeft(cell, "'")) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil && cell[0] == '-' {
		return cell
	}
	return "'" + cell
}

// Plain is a cell as it was before Defuse.
func Plain(cell string) string {
	if rest, is := strings.CutPrefix(cell, "'"); is && calculates(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

// calculates reports what a table program may take for a formula. Where Chinese or Japanese is typed, it reads full-width signs as it does
// the others.
func calculates(cell string) bool {
	first, _ := utf8.DecodeRuneInString(cell)
	return cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first)
}
