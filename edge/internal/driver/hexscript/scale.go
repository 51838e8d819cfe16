package hexscript

import (
	"context"
	"fmt"
	"strings"

	"allhours/edge"
)

// CallScale runs the calls "prepare" (ok or error) and "read" (each channel's milligrams or fault) of a scale's script.
func CallScale(ctx context.Context, scale edge.Scale, call string) string {
	switch call {
	case "prepare":
		if err := scale.Prepare(ctx); err != nil {
			return "error"
		}
		return "ok"
	case "read":
		samples := make([]edge.Sample, scale.Channels())
		err := scale.Read(ctx, samples)
		words := make([]string, len(samples))
		for i, s := range samples {
			words[i] = sampleWord(s, err)
		}
		return strings.Join(words, ", ")
	default:
		return "unknown call"
	}
}

func sampleWord(s edge.Sample, err error) string {
	switch {
	case (err != nil) != (s.Fault == edge.ScaleSilent):
		return fmt.Sprintf("fault %q with error %v", s.Fault, err)
	case s.At.IsZero():
		return "no time"
	case s.Fault != edge.ScaleOK && s.Weight != 0:
		return fmt.Sprintf("%s with a weight", s.Fault)
	case s.Fault != edge.ScaleOK:
		return string(s.Fault)
	case s.Unstable:
		return fmt.Sprintf("%d unstable", s.Weight)
	default:
		return fmt.Sprintf("%d", s.Weight)
	}
}
