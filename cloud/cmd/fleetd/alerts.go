package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"allhours/cloud/server"
)

// alertFlags say who is told of incidents. Secrets come from the environment, or from a file that it names.
func alertFlags(flags *flag.FlagSet, a *server.Alerts) {
	list := func(into *[]string) func(string) error {
		return func(text string) error {
			for _, one := range strings.Split(text, ",") {
				*into = append(*into, strings.TrimSpace(one))
			}
			return nil
		}
	}
	flags.StringVar(&a.Webhook, "alerts-webhook", "", "`address` that incidents are posted to, signed with ALERTS_WEBHOOK_SECRET of the environment")
	flags.StringVar(&a.SMTP, "alerts-smtp", "", "`host:port` of the mail server that tells of incidents; ALERTS_SMTP_USER and ALERTS_SMTP_PASSWORD in the environment sign in")
	flags.StringVar(&a.From, "alerts-from", "", "`address` that mails come from")
	flags.Func("alerts-pages", "`addresses` that are told of urgent incidents at once, with commas", list(&a.Pages))
	flags.Func("alerts-tickets", "`addresses` that are told of the others in the morning, with commas", list(&a.Tickets))
	flags.DurationVar(&a.AwayAfter, "away-after", 0, "how long a cabinet may be away before it is an incident (10m)")
	flags.IntVar(&a.NoSaleHours, "no-sale-hours", 0, "how many hours nothing may be sold where sales are expected before it is an incident (6)")
}

// alertSecrets reads what must not stand on a command line: NAME, or the file that NAME_FILE names.
func alertSecrets(env func(string) string, a *server.Alerts) (err error) {
	secret := func(name string) string {
		path := env(name + "_FILE")
		if path == "" {
			return env(name)
		}
		text, failed := os.ReadFile(path)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s_FILE: %w", name, failed))
		}
		return strings.TrimSpace(string(text))
	}
	a.Secret, a.User, a.Pass = secret("ALERTS_WEBHOOK_SECRET"), env("ALERTS_SMTP_USER"), secret("ALERTS_SMTP_PASSWORD")
	return err
}
