package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"allhours/edge/agent"
	"allhours/edge/internal/traces"
	"allhours/protocol"
)

// record copies traces of the agent that runs with the same file: one that is kept, or those of the next visits.
func record(ctx context.Context, args []string, errOut io.Writer) error {
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	flags.SetOutput(errOut)
	file := flags.String("config", "", "the cabinet's `FILE`")
	to := flags.String("out", "", "the `FILE` that the traces are added to, gzipped where its name ends with .gz; or a folder that gets a file for each")
	visits := flags.Int("visits", 1, "how many visits to wait for")
	kept := flags.String("visit", "", "the `ID` of a visit whose trace is kept")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if *file == "" || *to == "" || *visits < 1 || flags.NArg() > 0 {
		fmt.Fprint(errOut, usage)
		return flag.ErrHelp
	}
	cfg, err := agent.LoadConfig(*file)
	if err != nil {
		return err
	}
	dir := agent.TraceFolder(cfg)
	take := func(visit protocol.VisitID, raw []byte) error {
		path, err := save(*to, visit, raw)
		if err == nil {
			fmt.Fprintf(errOut, "visit %s: %s\n", visit, path)
		}
		return err
	}
	if *kept != "" {
		return fetch(dir, *kept, take)
	}
	fmt.Fprintf(errOut, "waiting for the next %d visits of cabinet %s\n", *visits, cfg.Cabinet)
	if err := traces.Follow(ctx, dir, *visits, take); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}

func fetch(dir, id string, take func(protocol.VisitID, []byte) error) error {
	visit, err := protocol.ParseUUID(id)
	if err != nil {
		return fmt.Errorf("record: visit %q: %w", id, err)
	}
	raw, err := traces.Fetch(dir, visit)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return take(visit, raw)
}

// save writes a gzipped trace to a file of its own in a folder, or to the end of a file.
func save(to string, visit protocol.VisitID, raw []byte) (string, error) {
	if info, err := os.Stat(to); err == nil && info.IsDir() || strings.HasSuffix(to, string(filepath.Separator)) {
		if err := os.MkdirAll(to, 0o700); err != nil {
			return "", err
		}
		path := filepath.Join(to, visit.String()+".jsonl.gz")
		return path, os.WriteFile(path, raw, 0o600)
	}
	if !strings.HasSuffix(to, ".gz") {
		zip, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return "", err
		}
		if raw, err = io.ReadAll(zip); err != nil {
			return "", err
		}
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = out.Write(raw)
	return to, errors.Join(err, out.Close())
}
