package sqlstore

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"allhours/protocol"
)

// ms writes a time as UTC milliseconds; the zero time is 0.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// timeColumn reads what ms wrote.
type timeColumn struct{ into *time.Time }

// Scan implements sql.Scanner.
func (c timeColumn) Scan(src any) error {
	at, ok := src.(int64)
	if !ok {
		return fmt.Errorf("time: got %T", src)
	}
	*c.into = time.Time{}
	if at != 0 {
		*c.into = time.UnixMilli(at).UTC()
	}
	return nil
}

// idText writes an id; one that was never set is empty.
func idText(id protocol.UUID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// idColumn reads what idText wrote.
type idColumn struct{ into *protocol.UUID }

// Scan implements sql.Scanner.
func (c idColumn) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("uuid: got %T", src)
	}
	*c.into = protocol.UUID{}
	if text == "" {
		return nil
	}
	return c.into.UnmarshalText([]byte(text))
}

// hexColumn reads bytes written as hexadecimal text.
type hexColumn struct{ into *[]byte }

// Scan implements sql.Scanner.
func (c hexColumn) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("hex: got %T", src)
	}
	raw, err := hex.DecodeString(text)
	*c.into = raw
	return err
}

// jsonText writes a value that can always be written.
func jsonText(v any) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", v, err)
	}
	return string(raw), nil
}

// jsonColumn reads what jsonText wrote.
type jsonColumn struct{ into any }

// Scan implements sql.Scanner.
func (c jsonColumn) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("json: got %T", src)
	}
	return json.Unmarshal([]byte(text), c.into)
}
