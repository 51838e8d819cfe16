// Package docs carries the written contracts, so that tests on both sides hold their code to the same pages.
package docs

import (
	_ "embed"
	"fmt"
	"strings"

	"allhours/protocol/wire"
)

//go:embed events.md
var eventsPage string

// GoldenEvents gives the golden JSON of each event type, as events.md shows it: the first json block under the heading
// that names the type.
func GoldenEvents() (map[wire.EventType][]byte, error) {
	golden := map[wire.EventType][]byte{}
	for _, section := range strings.Split(eventsPage, "\n### ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		_, block, found := strings.Cut(text, "```json\n")
		block, _, closed := strings.Cut(block, "\n```")
		if !found || !closed {
			return nil, fmt.Errorf("events.md: %s has no json block", name)
		}
		golden[wire.EventType(name)] = []byte(block)
	}
	return golden, nil
}
