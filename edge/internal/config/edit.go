package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ParseHardware reads what a file says of lines and of what hangs on them. The rest need not be there yet; nothing is
// checked beyond its form.
func ParseHardware(name string, raw []byte) (Config, error) {
	var c Config
	if err := yaml.Unmarshal(raw, &c); err != nil {
		return Config{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// Edit changes a cabinet's file as a person would: every line that it need not touch stays as it is, comments too.
type Edit struct{ raw []byte }

// NewEdit begins with a file's text, which may be empty.
func NewEdit(raw []byte) *Edit { return &Edit{raw: raw} }

// Bytes is the text as it is now.
func (e *Edit) Bytes() []byte { return e.raw }

// Set replaces the value at a path, "scales[1].modbusscale.unit". It fails where there is none.
func (e *Edit) Set(path string, value any) error {
	file, err := parser.ParseBytes(e.raw, 0)
	if err != nil {
		return fmt.Errorf("set %s: %w", path, err)
	}
	at, err := yaml.PathString("$." + path)
	if err != nil {
		return fmt.Errorf("set %s: %w", path, err)
	}
	node, err := at.FilterFile(file)
	if err != nil {
		return fmt.Errorf("set %s: %w", path, err)
	}
	token := node.GetToken()
	lines := strings.Split(string(e.raw), "\n")
	if token == nil || token.Position.Line > len(lines) {
		return fmt.Errorf("set %s: want a value there", path)
	}
	line := []rune(lines[token.Position.Line-1])
	from, length := token.Position.Column-1, len([]rune(token.Value))
	if from < len(line) && (line[from] == '"' || line[from] == '\'') {
		length += 2
	}
	if from+length > len(line) {
		return fmt.Errorf("set %s: want a value on one line", path)
	}
	text := string(line[:from]) + fmt.Sprint(value) + string(line[from+length:])
	lines[token.Position.Line-1] = text
	e.raw = []byte(strings.Join(lines, "\n"))
	return nil
}

// Append adds an item to a list at the top of the file, which is begun where there is none, with a comment before it
// where the list's style allows one.
func (e *Edit) Append(section string, item any, comment string) error {
	flow, err := yaml.MarshalWithOptions(item, yaml.Flow(true), yaml.OmitZero())
	if err != nil {
		return fmt.Errorf("append to %s: %w", section, err)
	}
	text := strings.TrimSpace(string(flow))
	file, err := parser.ParseBytes(e.raw, 0)
	if err != nil {
		return fmt.Errorf("append to %s: %w", section, err)
	}
	switch list, found := listOf(file, section); {
	case !found:
		e.begin(section, text, comment)
	case list == nil:
		return fmt.Errorf("append to %s: want a list there", section)
	case list.IsFlowStyle:
		e.intoFlow(list, text)
	default:
		e.intoBlock(file, list, text, comment)
	}
	return nil
}

// listOf is the list under a key of the file; found without one is something else, or nothing, under that key.
func listOf(file *ast.File, section string) (list *ast.SequenceNode, found bool) {
	for _, pair := range top(file) {
		if pair.Key.String() == section {
			list, _ = pair.Value.(*ast.SequenceNode)
			return list, true
		}
	}
	return nil, false
}

// top are the keys of the file with their values.
func top(file *ast.File) []*ast.MappingValueNode {
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case *ast.MappingNode:
			return body.Values
		case *ast.MappingValueNode:
			return []*ast.MappingValueNode{body}
		}
	}
	return nil
}

func entry(indent, text, comment string) string {
	if comment != "" {
		return indent + "# " + comment + "\n" + indent + "- " + text + "\n"
	}
	return indent + "- " + text + "\n"
}

func (e *Edit) begin(section, text, comment string) {
	if len(e.raw) > 0 && e.raw[len(e.raw)-1] != '\n' {
		e.raw = append(e.raw, '\n')
	}
	e.raw = append(e.raw, section+":\n"+entry("  ", text, comment)...)
}

func (e *Edit) intoFlow(list *ast.SequenceNode, text string) {
	if len(list.Values) > 0 {
		text = ", " + text
	}
	lines := strings.Split(string(e.raw), "\n")
	end := list.End.Position
	line := []rune(lines[end.Line-1])
	lines[end.Line-1] = string(line[:end.Column-1]) + text + string(line[end.Column-1:])
	e.raw = []byte(strings.Join(lines, "\n"))
}

// intoBlock adds the item behind the list's last line that says anything.
func (e *Edit) intoBlock(file *ast.File, list *ast.SequenceNode, text, comment string) {
	lines := strings.Split(strings.TrimRight(string(e.raw), "\n"), "\n")
	begin, end := list.Start.Position.Line, len(lines)
	for _, pair := range top(file) {
		if line := pair.Key.GetToken().Position.Line; line > begin && line-1 < end {
			end = line - 1
		}
	}
	for end > begin && (strings.TrimSpace(lines[end-1]) == "" || strings.HasPrefix(strings.TrimSpace(lines[end-1]), "#")) {
		end--
	}
	indent := strings.Repeat(" ", list.Start.Position.Column-1)
	item := strings.TrimSuffix(entry(indent, text, comment), "\n")
	lines = append(lines[:end:end], append([]string{item}, lines[end:]...)...)
	e.raw = []byte(strings.Join(lines, "\n") + "\n")
}
