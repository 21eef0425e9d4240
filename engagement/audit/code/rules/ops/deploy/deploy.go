// Package deploy is what the rules about deployment files share: which files describe production,
// what an image or a container is for, and how lines of a document are edited.
//
// It guarantees that a file that is a test, an example or documentation is never offered to a rule,
// and that the edits it makes keep the indentation of the file. It decides nothing about faults.
package deploy

import (
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
)

// Files returns the documents of the kinds (config.Kind constants) that may describe a deployment.
func Files(p *project.Project, kinds ...string) []*project.File {
	var out []*project.File
	for _, f := range p.Files {
		if f.Doc == nil || !deployable(f) {
			continue
		}
		for _, k := range kinds {
			if f.Doc.Kind == k {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

func deployable(f *project.File) bool {
	switch f.Role {
	case project.Config, project.App, project.Template:
		return true
	}
	return false
}

var rehearsalWord = regexp.MustCompile(`(^|[^a-z])(dev|devel|develop|development|local|localhost|test|tests|testing|ci|e2e|example|examples|sample|samples|demo|demos|playground|sandbox|devcontainer|ddev|cypress|playwright|ide|benchmark|bench|perf|mock|mocks|tutorial|quickstart|windows|worktree|cursor|vagrant|minikube|kind|nightly|contrib|extras|debug)([^a-z]|$)`)

// Rehearsal reports whether the path says that the file is for development, tests or demonstration.
// Findings in such files are demoted.
func Rehearsal(f *project.File) bool { return rehearsalWord.MatchString(strings.ToLower(f.Path)) }

// Confidence is the confidence of a finding in a file: base, or less than what the report shows where
// the path says that the file is not for production.
func Confidence(f *project.File, base float64) float64 {
	if Rehearsal(f) {
		return min(base, 0.35)
	}
	return base
}

// At makes a place of a span.
func At(f *project.File, s config.Span, symbol, note string) rule.Place {
	return rule.LineAt(f, s.Start, s.End, symbol, note)
}

// Image is the last part of an image's name without registry, tag and digest, in lower case:
// "postgres" for docker.io/library/postgres:16-alpine.
func Image(name string) string {
	if v, ok := config.DefaultOf(name); ok {
		name = v
	}
	name, _, _ = strings.Cut(name, "@")
	name = path.Base(name)
	name, _, _ = strings.Cut(name, ":")
	return strings.ToLower(name)
}

// Engine is a database engine that runs as a container.
type Engine struct {
	Name  string   // "PostgreSQL"
	Test  []string // health check of its official image, as compose writes it
	Ready string   // what the check asks, for the claim
}

var engines = map[string]*Engine{
	"postgres": {"PostgreSQL", []string{"CMD-SHELL", `pg_isready -U "$${POSTGRES_USER:-postgres}"`}, "pg_isready"},
	"mysql":    {"MySQL", []string{"CMD", "mysqladmin", "ping", "-h", "127.0.0.1"}, "mysqladmin ping"},
	"mariadb":  {"MariaDB", []string{"CMD", "healthcheck.sh", "--connect", "--innodb_initialized"}, "healthcheck.sh"},
	"mongo":    {"MongoDB", []string{"CMD", "mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"}, "mongosh ping"},
}

// EngineOf returns the database engine that an image runs, nil for any other image. Images built on
// an engine by somebody else count when their name is the engine's.
func EngineOf(image string) *Engine {
	name := Image(image)
	for _, alias := range []struct{ from, to string }{
		{"postgresql", "postgres"}, {"postgis", "postgres"}, {"timescaledb", "postgres"}, {"pgvector", "postgres"},
		{"mysql-server", "mysql"}, {"percona-server", "mysql"}, {"percona", "mysql"}, {"mongodb", "mongo"},
	} {
		if name == alias.from {
			name = alias.to
		}
	}
	return engines[name]
}

var workerWord = regexp.MustCompile(`(?i)(^|[^a-z])(sidekiq|resque|shoryuken|delayed_job|good_job|solid_queue|celery|rqworker|rq|dramatiq|huey|horizon|queue:work|schedule:work|bullmq|faktory|worker|workers|beat|cron|scheduler|consumer|migrate|migrations?)([^a-z]|$)`)

var serverWord = regexp.MustCompile(`(?i)\b(gunicorn|uvicorn|hypercorn|daphne|granian|uwsgi|puma|unicorn|passenger|falcon|octane|php-fpm|apache2|nginx|httpd)\b`)

// Worker reports whether a command line runs background work and serves nothing. The worker
// processes of a server (gunicorn --workers 4) are not meant.
func Worker(command string) bool {
	return workerWord.MatchString(command) && !serverWord.MatchString(command)
}

// Lines gives byte offsets of a file's lines.
type Lines struct {
	file   *project.File
	src    []byte
	starts []int
}

// LinesOf reads a file's lines.
func LinesOf(f *project.File) *Lines {
	l := &Lines{file: f, src: f.Source(), starts: []int{0}}
	for i, c := range l.src {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// Text returns a line, from 1, without its end; "" where the file has no such line.
func (l *Lines) Text(line int) string {
	if line < 1 || line > len(l.starts) {
		return ""
	}
	return strings.TrimRight(string(l.src[l.starts[line-1]:l.end(line)]), "\r\n")
}

// end is the offset behind the line, its line feed included.
func (l *Lines) end(line int) int {
	if line < len(l.starts) {
		return l.starts[line]
	}
	return len(l.src)
}

// Indent returns the white space that a line starts with; of "- key" the columns up to key count.
func (l *Lines) Indent(line int) string {
	t := l.Text(line)
	n := len(t) - len(strings.TrimLeft(t, " \t"))
	indent := t[:n]
	for strings.HasPrefix(t[n:], "- ") {
		rest := strings.TrimLeft(t[n+1:], " ")
		width := len(t) - n - len(rest)
		indent += strings.Repeat(" ", width)
		n += width
	}
	return indent
}

// InsertAfter inserts whole lines behind a line.
func (l *Lines) InsertAfter(line int, lines ...string) patch.Edit {
	text := strings.Join(lines, "\n") + "\n"
	at := l.end(line)
	if at == len(l.src) && (at == 0 || l.src[at-1] != '\n') {
		text = "\n" + strings.TrimSuffix(text, "\n")
	}
	return patch.Edit{Path: l.file.Path, Start: at, End: at, New: text}
}

// InsertBefore inserts whole lines in front of a line.
func (l *Lines) InsertBefore(line int, lines ...string) patch.Edit {
	at := l.starts[line-1]
	return patch.Edit{Path: l.file.Path, Start: at, End: at, New: strings.Join(lines, "\n") + "\n"}
}

// Replace replaces the lines from first to last.
func (l *Lines) Replace(first, last int, lines ...string) patch.Edit {
	text := strings.Join(lines, "\n")
	end := l.end(last)
	if end > l.starts[first-1] && l.src[end-1] == '\n' {
		text += "\n"
	}
	return patch.Edit{Path: l.file.Path, Start: l.starts[first-1], End: end, New: text}
}

// Block reports whether a mapping of a YAML file is written in block style on lines of its own, so
// that an entry can be added by adding lines. key is one of its entries.
func (l *Lines) Block(key config.Field) bool {
	t := strings.TrimLeft(strings.TrimSpace(l.Text(key.Span.Start)), "- ")
	return strings.HasPrefix(t, key.Key+":") || strings.HasPrefix(t, `"`+key.Key+`":`) || strings.HasPrefix(t, "'"+key.Key+"':")
}

// Delete removes the lines from first to last.
func (l *Lines) Delete(first, last int) patch.Edit {
	return patch.Edit{Path: l.file.Path, Start: l.starts[first-1], End: l.end(last)}
}
