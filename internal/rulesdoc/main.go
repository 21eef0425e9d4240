// Command rulesdoc writes docs/rules.md from the documentation values of the rules.
//
//	go run ./internal/rulesdoc -o docs/rules.md
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
)

//go:generate go run . -o ../../docs/rules.md

func main() {
	out := flag.String("o", "docs/rules.md", "file to write")
	flag.Parse()
	if err := os.WriteFile(*out, Page(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "rulesdoc:", err)
		os.Exit(1) //nolint:forbidigo // a generator is a command of its own
	}
}

// Page renders the catalogue.
func Page() []byte {
	var b bytes.Buffer
	total := len(rules.All) + len(rules.NotYet)
	fmt.Fprintf(&b, "# Rules of the audit\n\nGenerated from the rules by `make docs`; do not edit. %d rules are known, %d of them implemented.\n`napkin explain RULE` prints the page of one.\n", total, len(rules.All))
	families := map[string][]string{}
	for _, r := range rules.All {
		d := r.Doc
		row := fmt.Sprintf("| `%s` | %s | %s | %s | %s | yes |", d.ID, cell(d.Title), cell(d.Cost), d.Severity, strings.Join(d.Langs, ", "))
		f := strings.SplitN(d.ID, ".", 2)[0]
		families[f] = append(families[f], row)
	}
	for _, p := range rules.NotYet {
		f := strings.SplitN(p.ID, ".", 2)[0]
		families[f] = append(families[f], fmt.Sprintf("| `%s` | %s | | | | not yet: %s |", p.ID, cell(p.What), cell(p.Reason)))
	}
	names := make([]string, 0, len(families))
	for f := range families {
		names = append(names, f)
	}
	sort.Strings(names)
	titles := map[string]string{"db": "Database access and schema", "mig": "Migrations", "net": "Network", "go": "Go", "res": "Resources", "cache": "Caches", "job": "Jobs", "ops": "Deployment", "obs": "Observability"}
	for _, f := range names {
		rows := families[f]
		sort.Strings(rows)
		title := titles[f]
		if title == "" {
			title = f
		}
		fmt.Fprintf(&b, "\n## %s (`%s.*`)\n\n| id | title | cost model | severity | reads | implemented |\n| --- | --- | --- | --- | --- | --- |\n%s\n", title, f, strings.Join(rows, "\n"))
	}
	fmt.Fprint(&b, "\nSymbols of the cost models: R rows or elements, N rows of a table, T round trip, q cost of a small statement, B bytes, S bytes scanned per second, f events per second.\n")
	return b.Bytes()
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ")
}
