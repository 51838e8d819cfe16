// Package setting names the setting of a driver that cannot be used, so that whoever reads the cabinet's file can tell
// its line.
package setting

import "fmt"

// Error is a setting that cannot be used.
type Error struct {
	Field string // as the file spells it, with its way into lists: channels[1].relay
	Want  string // what was expected
}

func (e *Error) Error() string { return e.Field + ": " + e.Want }

// Wrong makes an Error.
func Wrong(field, format string, args ...any) error {
	return &Error{Field: field, Want: fmt.Sprintf(format, args...)}
}

// Index is the name of a list's item.
func Index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
