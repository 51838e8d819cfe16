package mtsics

import (
	"bytes"
	"context"
	"errors"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/mtsics"
)

// longestReply bounds what may be one.
const longestReply = 32

var errNoEnd = errors.New("no end of a line")

// Find asks whether a scale answers on a line, and how it shows its weight. It asks for the weight alone, and twice: what
// was asked of others before may stand before the first question in the scale's own ear.
func Find(ctx context.Context, line rtu.Line, _ byte) (Config, error) {
	for _, parity := range []ascii.Parity{ascii.Eight, ascii.Eight, ascii.Even, ascii.Even, ascii.Odd, ascii.Odd} {
		ask := mtsics.Format{Parity: parity}
		frame, err := line.Do(ctx, bus.Poll, bus.Exchange{
			Frame: ask.AppendAsk(nil), ReplyLen: longestReply / 2,
			Need: func(received []byte) (int, error) { return lineLen(received, parity) },
			Check: func(frame []byte) error {
				if _, known := formatOf(frame, parity); !known {
					return mtsics.ErrForeign
				}
				return nil
			},
		})
		if err == nil {
			cfg, _ := formatOf(frame, parity)
			return cfg, nil
		}
		if !errors.Is(err, bus.ErrSpoilt) {
			return Config{}, err
		}
	}
	return Config{}, bus.ErrSpoilt
}

// lineLen is how long the answer is whose first bytes were received: up to its end.
func lineLen(received []byte, parity ascii.Parity) (int, error) {
	end := bytes.IndexByte(received, parity.Append(nil, "\n")[0])
	switch {
	case end >= 0:
		return end + 1, nil
	case len(received) >= longestReply:
		return 0, errNoEnd
	}
	return len(received) + 1, nil
}

// formatOf is the one format in which an answer is a weight.
func formatOf(frame []byte, parity ascii.Parity) (Config, bool) {
	for _, unit := range []fieldbus.Unit{fieldbus.Grams, fieldbus.Kilograms} {
		for decimals := range fieldbus.MaxDecimals + 1 {
			f := mtsics.Format{Unit: unit, Decimals: decimals, Parity: parity}
			if reading, err := f.Parse(frame); err == nil && !reading.Over {
				return Config{Unit: unit, Decimals: decimals, SevenBits: parity}, true
			}
		}
	}
	return Config{}, false
}
