package doctor

import (
	"fmt"
	"io"
	"slices"
)

// Level is how bad a finding is.
type Level string

// Levels of findings.
const (
	OK      Level = "ok"
	Changed Level = "changed" // the file is to be changed so
	Look    Level = "look"    // only a person can tell
	Wrong   Level = "wrong"
)

// Finding is one thing that the doctor has to say.
type Finding struct {
	Level   Level  `json:"level"`
	Subject string `json:"subject"` // what it is about: a line, a platform, a compartment
	Text    string `json:"text"`
}

// Report is everything that the doctor has to say. Its field names are stable.
type Report struct {
	Healthy  bool      `json:"healthy"` // nothing is wrong
	Findings []Finding `json:"findings"`
	Devices  []Seen    `json:"devices,omitempty"`
	Scales   []Scale   `json:"scales,omitempty"`
	File     string    `json:"file,omitempty"` // that was written
}

// Seen is one device and where it is.
type Seen struct {
	Path   string `json:"path"`
	Baud   int    `json:"baud"`
	Family string `json:"family"`
	Number *byte  `json:"address,omitempty"`
	Name   string `json:"name,omitempty"` // by the file
	State  State  `json:"state"`
}

// Say adds a finding.
func (r *Report) Say(level Level, subject, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{level, subject, fmt.Sprintf(format, args...)})
}

// Close sums up.
func (r *Report) Close() {
	r.Healthy = !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Level == Wrong })
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
}

// Print writes the findings for a person.
func (r *Report) Print(to io.Writer) {
	for _, f := range r.Findings {
		fmt.Fprintf(to, "%-8s %s: %s\n", f.Level, f.Subject, f.Text)
	}
	if r.File != "" {
		fmt.Fprintf(to, "written: %s\n", r.File)
	}
	if r.Healthy {
		fmt.Fprintln(to, "Nothing is wrong.")
	}
}
