package doctor

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"allhours/protocol"
)

// View draws the scales into a terminal until ctx ends, four times a second.
func (w *Watch) View(ctx context.Context, to io.Writer) error {
	const clear, home, below = "\x1b[2J", "\x1b[H", "\x1b[J"
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	if _, err := io.WriteString(to, clear); err != nil {
		return err
	}
	for {
		if _, err := io.WriteString(to, home+Table(w.Scales())+below); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// mostRows is how many scales a terminal of 24 lines shows in one column of rows, beside head and foot.
const mostRows = 20

// Table is the scales as rows of less than 80 characters; a cabinet of more than 20 shows the most restless ones.
func Table(scales []Scale) string {
	hidden := 0
	if len(scales) > mostRows {
		slices.SortStableFunc(scales, func(a, b Scale) int { return int(b.Noise - a.Noise) })
		scales, hidden = scales[:mostRows], len(scales)-mostRows
		slices.SortStableFunc(scales, func(a, b Scale) int { return strings.Compare(string(a.Platform), string(b.Platform)) })
	}
	var text strings.Builder
	row := func(format string, args ...any) { fmt.Fprintf(&text, format+"\x1b[K\r\n", args...) }
	row("%-8s %12s %9s %10s %6s  %s", "platform", "weight g", "noise g", "drift g", "Hz", "state")
	for _, s := range scales {
		row("%-8s %12.1f %9.2f %+10.1f %6.1f  %s", s.Platform, s.Weight.Grams(), s.Noise.Grams(), s.Drift.Grams(), s.Hz, s.state())
	}
	if hidden > 0 {
		row("%d calmer ones are not shown", hidden)
	}
	row("noise: of 10 s; drift: of the last minute. Ctrl-C ends.")
	return text.String()
}

func (s Scale) state() string {
	switch {
	case s.Readings == s.Silent:
		return "silent"
	case s.Overload > 0 && s.Overload*2 > s.Readings:
		return "overload"
	case !s.Stable:
		return "moving"
	case s.Distinct == 1:
		return "still"
	}
	return "calm"
}

func grams(w protocol.Milligrams) string { return fmt.Sprintf("%.2f g", w.Grams()) }
