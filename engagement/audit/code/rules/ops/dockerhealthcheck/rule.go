// Package dockerhealthcheck finds images of services without a HEALTHCHECK.
package dockerhealthcheck

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

// Rule is ops.docker-healthcheck.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "ops.docker-healthcheck",
		Title:   "Image of a service without HEALTHCHECK",
		Summary: "The image of a long-running service has no HEALTHCHECK, in a project whose other images have one, or that runs it with compose or a plain engine.",
		Why: "Without a check the engine knows only that process 1 exists. A server that deadlocked, lost its listener or never finished booting shows as `Up`, load balancers and dependents go on using it, " +
			"and `condition: service_healthy`, Swarm's replacement of tasks and alerting on `unhealthy` have nothing to go by.",
		Cost:     "minutes from a hang to somebody's noticing, against interval x retries",
		Fix:      "Ask the process itself for its cheapest answer, with a short timeout and few retries.",
		Wrong:    "The image runs only on Kubernetes, which ignores HEALTHCHECK and has probes: projects with probes and without compose are demoted. Base images, build stages, one-shot tools and images whose check stands in every compose file that builds them are not reported.",
		Category: "docker-no-healthcheck",
		Examples: []rule.Example{{Lang: "dockerfile",
			Before: "EXPOSE 8080\nENTRYPOINT [\"/server\"]",
			After:  "EXPOSE 8080\nHEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD [\"curl\", \"-fsS\", \"http://127.0.0.1:8080/healthz\"]\nENTRYPOINT [\"/server\"]"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Cliff:    "A hung container keeps getting traffic until somebody looks.",
		Proof:    "`docker inspect --format '{{.State.Health.Status}}' NAME` says healthy; after `docker exec NAME kill -STOP 1` it says unhealthy within interval x retries.",
		Refs: []report.Reference{
			{Title: "Dockerfile reference: HEALTHCHECK", URL: "https://docs.docker.com/reference/dockerfile/#healthcheck"},
		},
		Langs: []string{"dockerfile"},
	},
	Project: run,
}

// fact is why an image should have a check.
type fact struct {
	text       string
	confidence float64
	second     []rule.Place
	cause      string // folds: "" for a claim of one image
}

func run(p *rule.Pass) {
	files := deploy.Files(p.Project, config.KindDockerfile)
	var checked []*project.File
	for _, f := range files {
		if d := f.Doc.Dockerfile(); d.Final() != nil && d.Effective(d.Final(), "HEALTHCHECK") != nil && !deploy.Rehearsal(f) {
			checked = append(checked, f)
		}
	}
	probes := false
	for _, o := range deploy.Objects(p.Project) {
		if o.Pod != nil {
			for _, c := range o.Pod.Containers {
				probes = probes || c.Liveness != nil || c.Readiness != nil
			}
		}
	}
	for _, f := range files {
		d := f.Doc.Dockerfile()
		final := d.Final()
		if final == nil || d.Effective(final, "HEALTHCHECK") != nil || auxiliary(f.Path) {
			continue
		}
		start := startOf(d, final)
		if start == nil || !serves(d, final, f, start) {
			continue
		}
		why := factOf(p, f, d, final, checked, probes)
		if why == nil {
			continue
		}
		name := path.Dir(f.Path)
		if name == "." {
			name = f.Path
		}
		out := rule.Finding{
			Title:     fmt.Sprintf("Image %s has no HEALTHCHECK", name),
			Claim:     fmt.Sprintf("%s starts a service and declares no HEALTHCHECK, %s.", f.Path, why.text),
			Primary:   deploy.At(f, start.Span, "", ""),
			Secondary: why.second, Subject: "HEALTHCHECK", Evidence: 1, Confidence: deploy.Confidence(f, why.confidence), Cause: why.cause,
			Fix: report.Fix{Summary: "Add a HEALTHCHECK that asks the service for its cheapest answer.",
				Behaviour: "The engine runs the command inside the container every interval; a container that fails it is marked unhealthy, and not restarted by that alone."},
		}
		switch u := usesOf(p.Project, f); {
		case u.shared && u.web != nil:
			out.Fix = report.Fix{Summary: fmt.Sprintf("Give the service `%s` of %s a healthcheck that asks for its cheapest answer; not the image, which other processes run as well (%s).", u.web.Name, u.file.Path, u.why),
				Behaviour: "The engine runs the command inside the container every interval; a container that fails it is marked unhealthy, and not restarted by that alone."}
			out.Edits = serviceEdits(p, f, d, final, u)
		case u.shared:
			out.Fix.Summary = fmt.Sprintf("Check the process that serves where it is started; not the image, which other processes run as well (%s).", u.why)
		default:
			out.Edits = edits(p, f, d, final, start)
		}
		p.Report(out)
	}
}

func startOf(d *config.Dockerfile, s *config.Stage) *config.Instruction {
	if in := d.Effective(s, "ENTRYPOINT"); in != nil && within(s, in) {
		return in
	}
	if in := d.Effective(s, "CMD"); in != nil && within(s, in) {
		return in
	}
	return nil
}

func within(s *config.Stage, in *config.Instruction) bool {
	return in.Span.Start >= s.Span.Start && in.Span.End <= s.Span.End
}

var auxiliaryName = regexp.MustCompile(`(^|[^a-z])(base|bases|binary|build|builder|builders|buildkit|compile|compiler|tool|tools|tooling|toolbox|lint|linter|docs|migrator|migrate|migrations?|prepare|dbinit|init|installer?|seed|backup|restore|cli|helper|runner|agent|codegen|proto|release|job|lambda|function|sidecar-init)([^a-z]|$)`)

// auxiliary reports images that are no service: bases, build environments, tools, one-shot jobs.
func auxiliary(p string) bool {
	parts := strings.Split(strings.ToLower(p), "/")
	if n := len(parts); n > 2 {
		parts = parts[n-2:]
	}
	return auxiliaryName.MatchString(strings.Join(parts, "/"))
}

var oneShot = regexp.MustCompile(`(?i)\b(migrate|migration|bash|prepare|sleep|tail|setup|lint|test|cypress|playwright|build)\b|^\[?"?(/bin/)?(ba)?sh"?\]?$`)

// serves reports whether the image runs until it is stopped and answers somebody.
func serves(d *config.Dockerfile, s *config.Stage, f *project.File, start *config.Instruction) bool {
	text := start.Script()
	if cmd := d.Effective(s, "CMD"); cmd != nil && cmd != start {
		text += " " + cmd.Script()
	}
	if oneShot.MatchString(text) || deploy.Worker(text) || strings.Contains(s.Base, "lambda") {
		return false
	}
	return !deploy.Worker(path.Base(path.Dir(f.Path)))
}

func factOf(p *rule.Pass, f *project.File, d *config.Dockerfile, final *config.Stage, checked []*project.File, probes bool) *fact {
	services, files := deploy.Builds(p.Project, f.Path)
	var open *fact
	covered := 0
	for i, s := range services {
		switch {
		case s.Healthcheck != nil:
			covered++
		case deploy.Rehearsal(files[i]) || deploy.Worker(s.Command.Text()):
		case open == nil && len(s.Ports) > 0:
			open = &fact{fmt.Sprintf("and the service `%s` of %s that runs it has none either", s.Name, files[i].Path), 0.6,
				[]rule.Place{rule.LineAt(files[i], s.Span.Start, s.Span.Start, s.Name, "runs the image without a check")}, ""}
		}
	}
	if covered > 0 && open == nil {
		return nil
	}
	family := path.Dir(path.Dir(f.Path))
	siblings := 0
	var example *project.File
	for _, c := range checked {
		if path.Dir(path.Dir(c.Path)) == family {
			siblings++
			if example == nil {
				example = c
			}
		}
	}
	if siblings > 0 {
		cd := example.Doc.Dockerfile()
		in := cd.Effective(cd.Final(), "HEALTHCHECK")
		what := "the image beside it has one"
		if siblings > 1 {
			what = fmt.Sprintf("%d images beside it have one", siblings)
		}
		return &fact{"though " + what, 0.75, []rule.Place{deploy.At(example, in.Span, "", "a check of a sibling")}, ""}
	}
	if open != nil {
		return open
	}
	if d.Effective(final, "EXPOSE") == nil {
		return nil
	}
	if probes {
		return &fact{"while its port is exposed", 0.3, nil, "exposed"}
	}
	return &fact{"while its port is exposed", 0.5, nil, "exposed"}
}

var portNumber = regexp.MustCompile(`^(\d+)(/tcp)?$`)

// edits adds a check where the port, a health path and a client inside the image are known.
func edits(p *rule.Pass, f *project.File, d *config.Dockerfile, final *config.Stage, start *config.Instruction) []patch.Edit {
	test := probe(p, f, d, final)
	if test == "" {
		return nil
	}
	line := "HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD " + test
	return []patch.Edit{deploy.LinesOf(f).InsertBefore(start.Span.Start, line)}
}

// probe is the command, as a JSON list, that asks the service for its health; "" where the port, the
// path or a client inside the image is not known.
func probe(p *rule.Pass, f *project.File, d *config.Dockerfile, final *config.Stage) string {
	expose := d.Effective(final, "EXPOSE")
	if expose == nil {
		return ""
	}
	ports := strings.Fields(expose.Text)
	if len(ports) != 1 {
		return ""
	}
	m := portNumber.FindStringSubmatch(ports[0])
	if m == nil {
		return ""
	}
	route, _ := deploy.HealthPath(p.Project, f)
	client := clientOf(d, final)
	if route == "" || client == "" {
		return ""
	}
	return strings.ReplaceAll(client, "URL", "http://127.0.0.1:"+m[1]+route)
}

// clientOf is a command that the image certainly holds and that fails when a URL does not answer.
func clientOf(d *config.Dockerfile, final *config.Stage) string {
	base := ""
	for _, s := range d.Lineage(final) {
		for _, in := range s.Instructions {
			if in.Keyword != "RUN" {
				continue
			}
			text := in.Script()
			if regexp.MustCompile(`(apt-get|apk|yum|dnf|microdnf|tdnf)\b[\s\S]*\b(install|add)\b[\s\S]*\bcurl\b`).MatchString(text) && !strings.Contains(text, "purge") && !strings.Contains(text, "apk del") {
				return `["curl", "-fsS", "-o", "/dev/null", "URL"]`
			}
		}
		base = strings.ToLower(s.Base)
	}
	switch {
	case strings.Contains(base, "distroless") || strings.Contains(base, "scratch"):
		return ""
	case deploy.Image(base) == "alpine" || strings.Contains(base, "-alpine"):
		return `["wget", "-q", "-O", "/dev/null", "URL"]`
	case deploy.Image(base) == "python":
		return `["python", "-c", "import urllib.request; urllib.request.urlopen('URL', timeout=2)"]`
	case deploy.Image(base) == "node":
		return `["node", "-e", "fetch('URL').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]`
	case deploy.Image(base) == "ruby":
		return `["ruby", "-rnet/http", "-e", "exit Net::HTTP.get_response(URI('URL')).is_a?(Net::HTTPSuccess)"]`
	}
	return ""
}
