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

// replay prints the answer to each visit of the files, one JSON line a visit.
func replay(files []string, out io.Writer) error {
	if len(files) == 0 {
		return errors.New("replay: want at least one trace file")
	}
	for _, name := range files {
		if err := replayFile(name, out); err != nil {
			return fmt.Errorf("replay %s: %w", name, err)
		}
	}
	return nil
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
	for {
		visit, err := visits.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, err := visit.Settle(settle.Config{})
		if err != nil {
			return fmt.Errorf("visit %s: %w", visit.ID, err)
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}
