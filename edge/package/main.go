// Command package puts a built cabinet-agent and what belongs beside it into a Debian package. It is a module of its own,
// because nothing that it needs is needed by the programs.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
)

const (
	name       = "cabinet-agent"
	maintainer = "allhours maintainers <maintainers@allhours.invalid>"
	docs       = "/usr/share/doc/" + name + "/"
)

// order is what is to be packed.
type order struct {
	binary  string    // of the agent; it tells the architecture and which C library it needs
	version string    // as Debian writes it
	date    time.Time // of everything in the package
	rootfs  string    // folder with the files that are the same for every architecture
	out     string    // folder of the package
}

func main() {
	var o order
	flag.StringVar(&o.binary, "binary", "", "the built cabinet-agent, a `FILE`")
	flag.StringVar(&o.version, "version", "", "of the package")
	epoch := flag.Int64("date", 0, "of everything in it, in Unix `SECONDS`")
	flag.StringVar(&o.rootfs, "files", "files", "`FOLDER` of what lies beside the binary")
	flag.StringVar(&o.out, "out", ".", "`FOLDER` for the package")
	flag.Parse()
	o.date = time.Unix(*epoch, 0).UTC()
	path, err := o.pack()
	if err != nil {
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

// pack writes the package and returns its path. The same order gives the same bytes on every machine.
func (o order) pack() (path string, err error) {
	if o.version == "" {
		return "", errors.New("want a version")
	}
	program, err := inspect(o.binary)
	if err != nil {
		return "", err
	}
	changes, err := o.changes()
	if err != nil {
		return "", err
	}
	defer os.Remove(changes)
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: name, Arch: program.arch, Version: o.version, VersionSchema: "none", MTime: o.date,
		Section: "misc", Priority: "optional", Maintainer: maintainer, License: "Apache-2.0",
		Description: "agent of one unmanned vending cabinet\n" +
			"It owns the cabinet's serial lines, opens its doors for signed grants, tells\nfrom the scales what was taken, and keeps what happened until the cloud has it.",
		Overridables: nfpm.Overridables{
			Depends:    []string{"libc6 (>= " + program.libc + ")", "passwd"},
			Recommends: []string{"systemd", "ca-certificates"},
			Contents:   o.contents(changes),
			Scripts:    nfpm.Scripts{PostInstall: o.file("postinst"), PreRemove: o.file("prerm"), PostRemove: o.file("postrm")},
			Deb:        nfpm.Deb{Compression: "gzip"},
		},
	})
	path = filepath.Join(o.out, deb.Default.ConventionalFileName(info))
	var text bytes.Buffer
	if err := deb.Default.Package(info, &text); err != nil {
		return "", fmt.Errorf("pack %s: %w", path, err)
	}
	return path, os.WriteFile(path, text.Bytes(), 0o644)
}

func (o order) file(name string) string { return filepath.Join(o.rootfs, name) }

func (o order) contents(changes string) files.Contents {
	plain := func(from, to string, mode os.FileMode) *files.Content {
		return &files.Content{Source: from, Destination: to, FileInfo: &files.ContentFileInfo{
			Owner: "root", Group: "root", Mode: mode, MTime: o.date,
		}}
	}
	return files.Contents{
		plain(o.binary, "/usr/bin/"+name, 0o755),
		plain(o.file(name+".service"), "/usr/lib/systemd/system/"+name+".service", 0o644),
		plain(o.file("cabinet.yaml"), docs+"examples/cabinet.yaml", 0o644),
		plain(o.file("copyright"), docs+"copyright", 0o644),
		plain(changes, docs+"changelog.gz", 0o644),
	}
}

// changes writes the change log that Debian wants: one entry, for the history itself tells what changed.
func (o order) changes() (path string, err error) {
	out, err := os.CreateTemp("", "changelog")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	zip, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(zip, fmt.Sprintf("%s (%s) stable; urgency=medium\n\n  * Built from the project's history at this version.\n\n -- %s  %s\n",
		name, o.version, maintainer, o.date.Format(time.RFC1123Z)))
	return out.Name(), errors.Join(err, zip.Close())
}
