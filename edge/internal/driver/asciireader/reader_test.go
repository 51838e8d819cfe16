package asciireader_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/asciireader"
	"allhours/edge/internal/driver/hexscript"
	"allhours/edge/internal/driver/setting"
)

func TestRecordedTraffic(t *testing.T) {
	hexscript.RunFeed(t, "testcases/*.hex", func(t *testing.T) (bus.Listener, hexscript.Call) {
		reader, err := asciireader.New(asciireader.Config{MaxLine: 32})
		if err != nil {
			t.Fatal(err)
		}
		return reader, func(ctx context.Context, _ string) string {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			scan, err := reader.Next(ctx)
			switch {
			case err != nil:
				return "nothing"
			case scan.At.IsZero():
				return "no time"
			}
			return scan.Text
		}
	})
}

func TestALengthThatCannotBeIsRefusedByName(t *testing.T) {
	for _, n := range []int{-1, 5000} {
		var wrong *setting.Error
		if _, err := asciireader.New(asciireader.Config{MaxLine: n}); !errors.As(err, &wrong) || wrong.Field != "max_line" {
			t.Errorf("%d: %v", n, err)
		}
	}
}
