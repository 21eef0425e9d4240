package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/napkin-infra/napkin/foundation/progress"
)

// terminalWidth returns the columns of the terminal that w is, and false when w is none.
func terminalWidth(w io.Writer) (int, bool) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}

// width returns the columns to print on w: the terminal's, else 80.
func (f *face) width(w io.Writer) int {
	if width, ok := f.terminal(w); ok {
		return width
	}
	// A pipe has no width of its own; who wants another than the usual one says so.
	if columns, err := strconv.Atoi(f.getenv("COLUMNS")); err == nil && columns >= 20 && columns <= 1000 {
		return columns
	}
	return 80
}

// colored says whether to colour what is printed on w.
func (f *face) colored(w io.Writer) bool {
	switch f.color.value {
	case "always":
		return true
	case "never":
		return false
	}
	_, tty := f.terminal(w)
	return tty && f.getenv("NO_COLOR") == "" && f.getenv("TERM") != "dumb"
}

// progress returns the reporter for long work: a bar on a terminal, else lines; silent when quiet.
func (f *face) progress() progress.Reporter {
	if f.quiet {
		return progress.Silent()
	}
	if _, ok := f.terminal(f.stderr); ok && f.getenv("TERM") != "dumb" {
		return progress.Terminal(f.stderr, func() int { return f.width(f.stderr) })
	}
	return progress.Lines(f.stderr)
}

// note prints a line beside the answer, unless quiet.
func (f *face) note(format string, args ...any) {
	if !f.quiet {
		fmt.Fprintf(f.stderr, "napkin: "+format+"\n", args...)
	}
}

// checked is an output that remembers its first error: an answer that did not reach its reader, because
// a disk is full or a pipe closed, is no answer, and not every verb looks at each line it prints.
type checked struct {
	io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

// choice is a flag with a few allowed words.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "word" }

func (c *choice) Set(s string) error {
	s = strings.ToLower(strings.TrimSpace(s))
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("say one of %s", strings.Join(c.allowed, ", "))
	}
	c.value = s
	return nil
}
