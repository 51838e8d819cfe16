package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// replay prints the answer to each visit of the files, one JSON line a visit. What cannot be read or settled is told at the
// end and keeps nothing else from its answer; a visit that cannot be settled is one for a human.
func replay(files []string, out io.Writer) error {
	if len(files) == 0 {
		return errors.New("replay: want at least one trace file")
	}
	var failed []error
	for _, name := range files {
		if err := replayFile(name, out); err != nil {
			failed = append(failed, fmt.Errorf("replay %s: %w", name, err))
		}
	}
	return errors.Join(failed...)
}

func replayFile(name string, out io.Writer) (err error) {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	visits, err := trace.NewReader(file)
	if err != nil {
		return err
	}
	answers := json.NewEncoder(out)
	var refused []error
	for {
		visit, err := visits.Next()
		if errors.Is(err, io.EOF) {
			return errors.Join(refused...)
		}
		if err != nil {
			return errors.Join(append(refused, err)...)
		}
		answer, err := visit.Settle(settle.Config{})
		if err != nil {
			refused = append(refused, fmt.Errorf("visit %s: %w", visit.ID, err))
			answer = trace.Answer{ID: visit.ID, Answer: settle.Answer{Decision: settle.Review, Lines: []settle.Line{}, Rule: settle.RuleVersion}}
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}
