package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// outputFlags are the flags that say in what form an answer goes where.
type outputFlags struct {
	format choice
	json   bool
	output string
}

// formatPDF is the format that only the ending of --output chooses: a PDF is a file.
const formatPDF = "pdf"

// chooseFormat settles --format, --json and the ending of --output; given says whether --format was
// given. endings are the file endings that choose a format, known lists them for a person.
func (o *outputFlags) chooseFormat(given bool, endings map[string]string, known string) (string, error) {
	if o.output == "-" {
		o.output = ""
	}
	if o.json {
		if given && o.format.value != "json" {
			return "", fmt.Errorf("--json and --format %s exclude each other; give one", o.format.value)
		}
		return "json", nil
	}
	if given || o.output == "" {
		return o.format.value, nil
	}
	ending := strings.ToLower(filepath.Ext(o.output))
	if format := endings[ending]; format != "" {
		return format, nil
	}
	// A device or a pipe has no ending to go by.
	if info, err := os.Stat(o.output); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return o.format.value, nil
	}
	what := "has no ending"
	if ending != "" {
		what = fmt.Sprintf("ends in %s, which is no format of a report", ending)
	}
	return "", fmt.Errorf("--output %s %s; end it in %s, or say --format", o.output, what, known)
}
