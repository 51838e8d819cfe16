package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"strings"

	"allhours/edge/internal/claim"
	"allhours/edge/internal/config"
)

// claimCabinet makes this device the cabinet that a code was printed for.
func claimCabinet(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("claim", flag.ContinueOnError)
	flags.SetOutput(errOut)
	cloud := flags.String("cloud", "", "the `URL` of the fleet's pages")
	ca := flags.String("ca", "", "PEM `FILE` of the authorities to trust instead of the system's, for the broker too")
	file := flags.String("config", "", "the cabinet's `FILE`, which names its data folder")
	data := flags.String("data", "", "the data `FOLDER`, where there is no file yet")
	replace := flags.Bool("replace", false, "claim again what is claimed already; a journal that was taken out of use is set aside")
	code := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		code, args = args[0], args[1:]
	}
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if code == "" || *cloud == "" || (*file == "") == (*data == "") || flags.NArg() > 0 {
		fmt.Fprint(errOut, usage)
		return flag.ErrHelp
	}
	if *file != "" {
		var err error
		if *data, err = config.DataOf(*file); err != nil {
			return err
		}
	}
	if *replace {
		release, err := hold(*data)
		if err != nil {
			return err
		}
		defer release()
	}
	id, err := claim.Claim(ctx, claim.Options{
		Code: code, Cloud: *cloud, CA: *ca, Data: *data, Replace: *replace, Entropy: rand.Reader,
		Told: func(what string) { fmt.Fprintln(errOut, what) },
	})
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	fmt.Fprintf(out, "This device is %s from now on; %s says so. Start the agent, or start it again.\n", id, config.CredentialsFile(*data))
	return nil
}
