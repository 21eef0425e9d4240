// Command hazardsdoc writes docs/hazards.md from the documentation values of the hazards.
//
//	go run ./internal/hazardsdoc -o docs/hazards.md
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/hazards"
)

//go:generate go run . -o ../../docs/hazards.md

func main() {
	out := flag.String("o", "docs/hazards.md", "file to write")
	flag.Parse()
	if err := os.WriteFile(*out, Page(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "hazardsdoc:", err)
		os.Exit(1) //nolint:forbidigo // a generator is a command of its own
	}
}

// titles are the families in the order of the page.
var titles = []struct{ family, title string }{
	{"lock", "Locks held through work (PostgreSQL)"}, {"queue", "Queueing and transactions"}, {"concurrent", "Concurrent operations"}, {"data", "Data"},
	{"compat", "Compatibility with running code"}, {"load", "Backfill and replication"}, {"mysql", "MySQL and MariaDB"}, {"engine", "Engine and tools"},
}

// Page renders the catalogue.
func Page() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Hazards of migrations\n\nGenerated from the hazards by `make docs`; do not edit. There are %d, and two that only a rehearsal finds. `napkin explain HAZARD` prints the page of one with an example and what to run instead; [review.md](review.md) says how they judge.\n", len(hazards.All))
	for _, t := range titles {
		fmt.Fprintf(&b, "\n## %s (`%s.*`)\n\n| id | what it finds | lock | work | what to do | products, versions | severity |\n| --- | --- | --- | --- | --- | --- | --- |\n", t.title, t.family)
		for _, d := range hazards.Docs() {
			if strings.HasPrefix(d.ID, t.family+".") {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s, %s | %s |\n", d.ID, cell(d.Summary), cell(d.Lock), cell(d.Work), cell(d.Fix), d.Products, d.Versions, d.Severity)
			}
		}
	}
	return b.Bytes()
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ")
}
