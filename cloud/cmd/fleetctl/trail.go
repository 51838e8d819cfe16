package main

import (
	"context"
	"errors"
	"os"
	account "os/user"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/server"
	"allhours/protocol"
)

// reading are the commands that change nothing, or nothing of the books that they are given. Any other is told to the audit log.
func reading() []string {
	return []string{
		"audit", "backup", "broker-files", "cabinets", "export", "migrate", "permissions", "planogram", "quarantine list", "quarantine show",
		"restore", "retention", "statement", "user list",
	}
}

// changes gives the words of a command that changes something, and what it was told to change.
func changes(args []string) (did, target string, is bool) {
	words := 1
	if len(args) > 1 && (args[0] == "user" || args[0] == "quarantine") {
		words = 2
	}
	did = strings.Join(args[:words], " ")
	if slices.Contains(reading(), did) || dry(args) {
		return "", "", false
	}
	return did, strings.Join(args[words:], " "), true
}

// kept does a command and tells the audit log. Of one that changed something and cannot be told, that is an error.
func kept(ctx context.Context, admin *server.Admin, args []string, do work) error {
	did, target, is := changes(args)
	if !is {
		return do(ctx, admin)
	}
	deed, end := admin.Doing(ctx, operator(), did, target)
	ended := do(deed, admin)
	outcome := cloud.DeedDone
	if ended != nil {
		if outcome = string(protocol.CodeOf(ended)); outcome == "" {
			outcome = "failed"
		}
	}
	return errors.Join(ended, end(outcome))
}

// operator is whose account on which machine the tool was used by.
func operator() string {
	name, host := "operator", "?"
	if u, err := account.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return name + "@" + host
}

// dry reports a command that only says what it would change.
func dry(args []string) bool {
	return slices.Contains(args, "--dry-run") || slices.Contains(args, "-dry-run")
}
