package main

import (
	"debug/elf"
	"fmt"
	"strconv"
	"strings"
)

// program is what a binary says about the machine that can run it.
type program struct {
	arch string // as Go and Debian call it
	libc string // the oldest version of the C library that has all that it calls
}

var arches = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}

// inspect reads the head and the symbols of a binary.
func inspect(path string) (program, error) {
	file, err := elf.Open(path)
	if err != nil {
		return program{}, fmt.Errorf("read %s: %w", path, err)
	}
	defer file.Close()
	arch, known := arches[file.Machine]
	if !known {
		return program{}, fmt.Errorf("%s is for %s: want amd64 or arm64", path, file.Machine)
	}
	symbols, err := file.ImportedSymbols()
	if err != nil {
		return program{}, fmt.Errorf("symbols of %s: %w", path, err)
	}
	p := program{arch: arch}
	for _, s := range symbols {
		if v, ours := strings.CutPrefix(s.Version, "GLIBC_"); ours && later(v, p.libc) {
			p.libc = v
		}
	}
	if p.libc == "" {
		return program{}, fmt.Errorf("%s calls no C library: was it built without cgo?", path)
	}
	return p, nil
}

// later compares versions by their numbers.
func later(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i]) // what is no number is a version that nobody needs
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x > y
		}
	}
	return len(as) > len(bs) || b == ""
}
