// Command napkin is the principal infrastructure engineer that a team does not have. One file holds
// one verb: it parses flags, calls one engagement and renders its answer. Nothing here knows how a
// finding is made.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
)

// Exit codes of every verb.
const (
	exitOK          = 0
	exitFindings    = 1   // differences, or findings at or above --fail-on or --risk
	exitError       = 2   // usage error, or the answer could not be had
	exitInterrupted = 130 // Ctrl-C
)

// world is what a run of the command sees of the outside; tests make their own.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	started        time.Time       // of the process; now where it is not known
	program        measure.Program // the command itself, to measure its start; none where it has no path
	// terminal returns the columns of the terminal behind a stream, and false when there is none.
	terminal func(io.Writer) (width int, ok bool)
	// audit runs the audit of a code base.
	audit func(context.Context, audit.Options) (*audit.Result, error)
}

func main() {
	w := world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now, started: processStart(), terminal: terminalWidth, audit: audit.Run}
	if path, err := os.Executable(); err == nil {
		w.program = measure.Program{Path: path, Args: []string{"version"}, Prints: versionLine() + "\n"}
	}
	ctx, stop := interruptible(os.Stderr)
	code := run(ctx, w, os.Args[1:])
	stop()
	os.Exit(code)
}

// interruptible returns a context that ends with the first Ctrl-C. A second one quits at once.
func interruptible(stderr io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		cancel()
		if _, ok := <-signals; ok {
			io.WriteString(stderr, "\nnapkin: quit\n")
			os.Exit(exitInterrupted)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}
