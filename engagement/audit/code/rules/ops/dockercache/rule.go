// Package dockercache finds image builds that install all dependencies anew for every change.
package dockercache

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

// Rule is ops.docker-cache.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.docker-cache",
		Title:   "Dependencies installed after the sources are copied",
		Summary: "A Dockerfile copies the whole source tree before it installs dependencies, so that every change of any file installs them again.",
		Why: "A layer is reused only while everything above it is unchanged. Copying the sources first puts each commit above the installation of dependencies: the registry is asked, archives are unpacked and native extensions are compiled on every build, " +
			"and the layer with them is pushed and pulled again by every node.",
		Cost:     "builds x installation time -> changes of the lock file x installation time",
		Fix:      "Copy the manifest and the lock file, install, and copy the sources afterwards.",
		Wrong:    "The installation needs the sources (workspaces, path dependencies, build scripts). An installation with a cache mount, or one that follows an earlier installation from the manifest alone, is not reported.",
		Category: "docker-cache",
		Examples: []rule.Example{{Lang: "dockerfile",
			Before: "COPY . .\nRUN bundle install",
			After:  "COPY Gemfile Gemfile.lock ./\nRUN bundle install\nCOPY . ."}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "Build twice with a change of one source file between: the second build prints CACHED for the installation.",
		Refs: []report.Reference{
			{Title: "Docker: optimize cache usage in builds", URL: "https://docs.docker.com/build/cache/optimize/"},
		},
		Langs: []string{"dockerfile"},
	},
	Project: func(p *rule.Pass) {
		for _, f := range deploy.Files(p.Project, config.KindDockerfile) {
			d := f.Doc.Dockerfile()
			for i := range d.Stages {
				check(p, f, &d.Stages[i])
			}
		}
	},
}

// installer is one package manager: what installs, and the files that it needs for that.
type installer struct {
	name      string
	command   *regexp.Regexp
	manifests []string // all must exist beside the context for a patch
	alone     bool     // the manifests are enough, the installation runs nothing of the sources
}

var installers = []installer{
	{"bundle install", regexp.MustCompile(`\bbundle install\b`), []string{"Gemfile", "Gemfile.lock"}, true},
	{"npm ci", regexp.MustCompile(`\bnpm (ci|install|i)( +-[^&|;]*)?\s*(&&|;|$|\n)`), []string{"package.json", "package-lock.json"}, true},
	{"yarn install", regexp.MustCompile(`\byarn( install)?( +--[^&|;]*)?\s*(&&|;|$|\n)`), []string{"package.json", "yarn.lock"}, true},
	{"pnpm install", regexp.MustCompile(`\bpnpm (install|i)\b`), []string{"package.json", "pnpm-lock.yaml"}, true},
	{"pip install", regexp.MustCompile(`\bpip3? install\b[^&|;]*(-r|--requirement)[ =]`), []string{"requirements.txt"}, true},
	{"poetry install", regexp.MustCompile(`\bpoetry install\b`), []string{"pyproject.toml", "poetry.lock"}, false},
	{"uv sync", regexp.MustCompile(`\buv sync\b`), []string{"pyproject.toml", "uv.lock"}, false},
	{"composer install", regexp.MustCompile(`\bcomposer install\b`), []string{"composer.json", "composer.lock"}, false},
	{"go mod download", regexp.MustCompile(`\bgo mod download\b`), []string{"go.mod", "go.sum"}, true},
}

func check(p *rule.Pass, f *project.File, s *config.Stage) {
	all := -1
	for i := range s.Instructions {
		in := &s.Instructions[i]
		switch in.Keyword {
		case "COPY", "ADD":
			if all < 0 && everything(in) {
				all = i
			}
		case "RUN":
			script := in.Script()
			for _, k := range installers {
				if !k.command.MatchString(script) {
					continue
				}
				if _, mounted := in.Flag("mount"); all < 0 || mounted {
					return // the manifest came first, or what is fetched is kept
				}
				report1(p, f, s, all, i, k)
				return
			}
		}
	}
}

// everything reports a copy of the whole build context.
func everything(in *config.Instruction) bool {
	if _, other := in.Flag("from"); other {
		return false
	}
	words := in.Exec
	if words == nil {
		words = strings.Fields(in.Text)
	}
	return len(words) == 2 && (words[0] == "." || words[0] == "./")
}

func report1(p *rule.Pass, f *project.File, s *config.Stage, all, run int, k installer) {
	from, install := &s.Instructions[all], &s.Instructions[run]
	p.Report(rule.Finding{
		Title:     fmt.Sprintf("%s runs again for every change of the sources", k.name),
		Claim:     fmt.Sprintf("`%s` stands behind `%s %s`: a change of any file of the context throws its layer away.", k.name, from.Keyword, strings.TrimSpace(from.Text)),
		Primary:   deploy.At(f, install.Span, s.Name, ""),
		Secondary: []rule.Place{deploy.At(f, from.Span, s.Name, "every change ends here")},
		Subject:   k.name + " " + s.Name, Evidence: 1, Confidence: deploy.Confidence(f, 0.65), Cause: "docker-cache",
		Fix: report.Fix{Summary: fmt.Sprintf("Copy %s, install, then copy the rest.", strings.Join(k.manifests, " and ")),
			Behaviour: "The installation sees only the manifests; a hook of it that reads the sources would fail."},
		Edits: edits(p, f, from, install, k),
	})
}

func edits(p *rule.Pass, f *project.File, from, install *config.Instruction, k installer) []patch.Edit {
	if !k.alone || len(install.Heredocs) > 0 || strings.ContainsAny(install.Text, "&;|") {
		return nil
	}
	dir := path.Dir(f.Path)
	for _, m := range k.manifests {
		if p.File(path.Join(dir, m)) == nil {
			return nil
		}
	}
	words := strings.Fields(from.Text)
	target := words[len(words)-1]
	if !strings.HasSuffix(target, "/") {
		target += "/"
	}
	l := deploy.LinesOf(f)
	var lines []string
	for n := install.Span.Start; n <= install.Span.End; n++ {
		lines = append(lines, l.Text(n))
	}
	return []patch.Edit{
		l.InsertBefore(from.Span.Start, append([]string{"COPY " + strings.Join(k.manifests, " ") + " " + target}, lines...)...),
		l.Delete(install.Span.Start, install.Span.End),
	}
}
