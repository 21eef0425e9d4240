// Package composedepends finds compose databases that dependents do not wait for.
package composedepends

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is ops.compose-depends.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.compose-depends",
		Title:   "Compose service does not wait for its database",
		Summary: "A database service has no health check, or a service that depends on it waits only until its container was started.",
		Why: "`depends_on` without a condition waits for the container to exist, not for the database to answer. The first start of PostgreSQL or MySQL initialises a data directory for seconds, " +
			"and a start after a crash replays the log for longer. The application connects into that gap, fails its migrations or its boot, and either stays down or restarts in a loop until the timing happens to fit. " +
			"`condition: service_healthy` on a database without a health check is worse: compose refuses to start the dependent at all.",
		Cost:     "one failed start for each boot of the database that takes longer than the application's own",
		Fix:      "Give the database a health check that asks the server itself, and let every dependent wait with `condition: service_healthy`.",
		Wrong:    "The application retries its first connection by itself. Databases that nothing in the file depends on, images with an unknown check, and files for development and tests are not reported in the main body.",
		Category: "compose-no-healthcheck",
		Examples: []rule.Example{{Lang: "yaml",
			Before: "services:\n  db:\n    image: postgres:16\n  web:\n    depends_on: [db]",
			After:  "services:\n  db:\n    image: postgres:16\n    healthcheck:\n      test: [\"CMD-SHELL\", \"pg_isready -U postgres\"]\n  web:\n    depends_on:\n      db:\n        condition: service_healthy"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "After a reboot of the host the application starts before its database and does not come back by itself.",
		Proof:    "`docker compose down -v && docker compose up -d` on an empty volume: the application's log has no refused connection.",
		Refs: []report.Reference{
			{Title: "Docker: control startup and shutdown order in Compose", URL: "https://docs.docker.com/compose/how-tos/startup-order/"},
			{Title: "Compose file reference: healthcheck", URL: "https://docs.docker.com/reference/compose-file/services/#healthcheck"},
		},
		Langs: []string{"yaml"},
	},
	Project: func(p *rule.Pass) {
		for _, f := range deploy.Files(p.Project, config.KindCompose) {
			if c := f.Doc.Compose(); c != nil {
				check(p, f, c)
			}
		}
	},
}

// overridden reports a service that an override file of the same folder gives a health check.
func overridden(p *rule.Pass, f *project.File, name string) bool {
	for _, g := range deploy.Files(p.Project, config.KindCompose) {
		if g == f || path.Dir(g.Path) != path.Dir(f.Path) {
			continue
		}
		if s := g.Doc.Compose().Service(name); s != nil && s.Image == "" && s.Build == "" && s.Healthcheck != nil {
			return true
		}
	}
	return false
}

// dependent is a service that needs the database, and how it says so.
type dependent struct {
	service *config.Service
	edge    *config.DependsOn // nil where only its environment names the database
}

func check(p *rule.Pass, f *project.File, c *config.Compose) {
	for i := range c.Services {
		db := &c.Services[i]
		engine := deploy.EngineOf(db.Image)
		if engine == nil || overridden(p, f, db.Name) || db.Extends || db.Node.Templated || oneShot(db) {
			continue
		}
		deps := dependentsOf(c, db)
		if len(deps) == 0 {
			continue
		}
		if db.Healthcheck == nil || db.Healthcheck.Disabled {
			unchecked(p, f, db, engine, deps)
			continue
		}
		for _, d := range deps {
			if d.edge != nil && d.edge.Condition == "service_started" {
				unwaited(p, f, db, d)
			}
		}
	}
}

// oneShot reports a service that borrows the database's image to run a client.
func oneShot(s *config.Service) bool {
	words := s.Command.Text() + " " + s.Entrypoint.Text()
	return regexp.MustCompile(`\b(pg_dump|pg_restore|psql|mysqldump|mysqladmin|mongodump|mongorestore|createdb|sleep)\b`).MatchString(words)
}

func dependentsOf(c *config.Compose, db *config.Service) []dependent {
	host := regexp.MustCompile(`(^|@|//|=)` + regexp.QuoteMeta(db.Name) + `(:\d+|/|$)`)
	var out []dependent
	for i := range c.Services {
		s := &c.Services[i]
		if s.Name == db.Name {
			continue
		}
		d := dependent{service: s}
		for j := range s.DependsOn {
			if s.DependsOn[j].Service == db.Name {
				d.edge = &s.DependsOn[j]
			}
		}
		if d.edge == nil {
			named := false
			for _, e := range s.Env {
				v := e.Value
				if def, ok := config.DefaultOf(v); ok {
					v = def
				}
				named = named || host.MatchString(v)
			}
			if !named {
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

func unchecked(p *rule.Pass, f *project.File, db *config.Service, engine *deploy.Engine, deps []dependent) {
	names, confidence := []string{}, 0.75
	secondary := []rule.Place{}
	developed := false
	for _, d := range deps {
		names = append(names, "`"+d.service.Name+"`")
		developed = developed || mountsSource(d.service)
		if d.edge != nil {
			secondary = append(secondary, deploy.At(f, d.edge.Span, d.service.Name, "depends on it"))
		} else {
			secondary = append(secondary, rule.LineAt(f, d.service.Span.Start, d.service.Span.Start, d.service.Name, "connects to it"))
		}
	}
	if developed {
		confidence = 0.4
	}
	need := "needs"
	if len(names) > 1 {
		need = "need"
	}
	claim := fmt.Sprintf("The %s service `%s` has no health check, and %s %s it: compose can only wait until its container was started, not until the server answers.", engine.Name, db.Name, strings.Join(names, ", "), need)
	for _, d := range deps {
		if d.edge != nil && d.edge.Condition == "service_healthy" {
			claim = fmt.Sprintf("`%s` waits for `%s` to be healthy, but the %s service `%s` has no health check: compose refuses to start it.", d.service.Name, db.Name, engine.Name, db.Name)
			confidence = max(confidence, 0.9)
			break
		}
	}
	p.Report(rule.Finding{
		Title:     fmt.Sprintf("Database `%s` has no health check", db.Name),
		Claim:     claim,
		Primary:   deploy.At(f, db.Span, db.Name, ""),
		Secondary: secondary, Subject: db.Name + " healthcheck", Evidence: 1, Confidence: deploy.Confidence(f, confidence), Cause: "unchecked:" + path.Dir(f.Path) + ":" + db.Name,
		Fix: report.Fix{Summary: fmt.Sprintf("Check `%s` with %s, and wait with `condition: service_healthy`.", db.Name, engine.Ready),
			Behaviour: "Dependents start when the database answers instead of at once; where it never becomes healthy they do not start, and compose says so."},
		Edits: edits(f, db, engine, deps),
	})
}

// mountsSource reports a service that runs a working copy: a development set-up.
func mountsSource(s *config.Service) bool {
	for _, v := range s.Node.Get("volumes").Texts() {
		source, target, ok := strings.Cut(v, ":")
		if ok && (source == "." || source == "./" || source == "..") && target != "" {
			return true
		}
	}
	return false
}

func edits(f *project.File, db *config.Service, engine *deploy.Engine, deps []dependent) []patch.Edit {
	l := deploy.LinesOf(f)
	if len(db.Node.Fields) == 0 || db.Node.Aliased || !l.Block(db.Node.Fields[0]) {
		return nil
	}
	image := db.Node.Field("image")
	if image == nil || !l.Block(*image) || image.Span.Start < db.Span.Start || image.Span.Start > db.Span.End {
		return nil // written by an anchor, which others share
	}
	var words []string
	for _, w := range engine.Test {
		words = append(words, quote(w))
	}
	in, step := l.Indent(image.Span.Start), "  "
	block := []string{in + "test: [" + strings.Join(words, ", ") + "]", in + "interval: 5s", in + "timeout: 5s", in + "retries: 20", in + "start_period: 30s"}
	for i := range block {
		block[i] = step + block[i]
	}
	block = append([]string{in + "healthcheck:"}, block...)
	last := db.Span.End
	var out []patch.Edit
	if old := db.Node.Field("healthcheck"); old != nil {
		if old.Span.Start < db.Span.Start || old.Span.End > db.Span.End {
			return nil
		}
		out = append(out, l.Replace(old.Span.Start, old.Span.End, block...))
	} else {
		out = append(out, l.InsertAfter(last, block...))
	}
	for _, d := range deps {
		if d.edge != nil && d.edge.Condition == "service_started" {
			out = append(out, wait(f, l, d.service, db.Name)...)
		}
	}
	return out
}

func quote(s string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`) + `"`
}

// wait rewrites a service's depends_on so that it waits for the named one to be healthy.
func wait(f *project.File, l *deploy.Lines, s *config.Service, name string) []patch.Edit {
	field := s.Node.Field("depends_on")
	if field == nil || field.Value.Aliased || s.Node.Aliased || field.Span.Start < s.Span.Start || field.Span.End > s.Span.End || !l.Block(*field) {
		return nil
	}
	in := l.Indent(field.Span.Start)
	lines := []string{in + "depends_on:"}
	for _, d := range s.DependsOn {
		condition := d.Condition
		if d.Service == name {
			condition = "service_healthy"
		}
		lines = append(lines, in+"  "+d.Service+":", in+"    condition: "+condition)
		if n := field.Value.Get(d.Service); n != nil {
			for _, extra := range n.Entries() {
				if extra.Key != "condition" {
					lines = append(lines, in+"    "+extra.Key+": "+extra.Value.Text())
				}
			}
		}
	}
	return []patch.Edit{l.Replace(field.Span.Start, field.Span.End, lines...)}
}

func unwaited(p *rule.Pass, f *project.File, db *config.Service, d dependent) {
	confidence := 0.6
	if mountsSource(d.service) {
		confidence = 0.4
	}
	if r := d.service.Restart; r != "" && r != "no" {
		confidence = 0.45 // it comes back until the database answers
	}
	l := deploy.LinesOf(f)
	p.Report(rule.Finding{
		Title:     fmt.Sprintf("`%s` does not wait for `%s` to be healthy", d.service.Name, db.Name),
		Claim:     fmt.Sprintf("`%s` has a health check, but `%s` depends on it without `condition: service_healthy` and starts as soon as the container exists.", db.Name, d.service.Name),
		Primary:   deploy.At(f, d.edge.Span, d.service.Name, ""),
		Secondary: []rule.Place{deploy.At(f, db.Healthcheck.Span, db.Name, "the check that nobody waits for")},
		Subject:   d.service.Name + " waits for " + db.Name, Evidence: 1, Confidence: deploy.Confidence(f, confidence), Cause: "unwaited:" + f.Path,
		Fix: report.Fix{Summary: fmt.Sprintf("Let `%s` wait with `condition: service_healthy`.", d.service.Name),
			Behaviour: "The service starts later: when the database answers."},
		Edits: wait(f, l, d.service, db.Name),
	})
}
