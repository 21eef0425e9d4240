// Package oneoff recognises code that a person runs by hand: seeds and demo data, installers, commands
// that fill a developer's database, migrators of one release.
//
// What such code costs is paid once, by somebody who watches it, on data that it made itself. Rules
// about the size of work use it to lower their confidence; it says nothing about correctness. It goes by
// the names of folders, files and classes and by a few calls that only such code makes.
package oneoff

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Confidence is what is left of a finding about the cost of code that runs once: below what the main
// body of a report shows.
const Confidence = 0.4

// anywhere are words of names that say it wherever they stand; command are words that say it of
// commands and tasks, and may mean something else in an application.
var (
	anywhere = words("seed seeds seeder seeders dummy fake faker demo oneoff fixture fixtures sample samples migrator playground sandbox")
	command  = words("install installer setup init rebuild reindex repair fix recalculate bootstrap populate generate backfill upgrade local dev develop development migrate import once")
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// Runs reports whether the code around a node is run by hand.
func Runs(f *project.File, n syntax.Ref) bool {
	if f.Role == project.Seed || f.Role == project.Test {
		return true
	}
	names := strings.Split(f.Path, "/")
	names[len(names)-1], _, _ = strings.Cut(names[len(names)-1], ".")
	if n.Ok() {
		names = append(names, n.Enclosing(syntax.Class).Str(), n.Enclosing(syntax.Func).Str())
	}
	isCommand := IsCommand(f)
	for _, name := range names {
		list := cardinality.Words(name)
		for i, w := range list {
			if anywhere[w] || isCommand && command[w] || w == "one" && i+1 < len(list) && (list[i+1] == "off" || list[i+1] == "time") {
				return true
			}
		}
	}
	return f.Tree != nil && resets(f)
}

// IsCommand reports whether a file holds commands that are started from a shell or a scheduler.
func IsCommand(f *project.File) bool {
	if f.Role == project.Script || strings.HasSuffix(f.Path, ".rake") {
		return true
	}
	for _, dir := range strings.Split(strings.ToLower(f.Path), "/") {
		switch dir {
		case "commands", "bin", "cmd", "cli", "scripts", "rake":
			return true
		}
	}
	return false
}

// resets reports whether a file empties the database or invents rows.
func resets(f *project.File) bool {
	for _, s := range f.Tree.Strings {
		switch s {
		case "migrate:fresh", "db:seed", "db:wipe", "Faker", "faker", "db:drop", "db:reset":
			return true
		}
	}
	return false
}
