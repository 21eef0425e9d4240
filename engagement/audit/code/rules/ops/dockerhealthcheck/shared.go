package dockerhealthcheck

import (
	"fmt"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
)

// uses says which processes run an image. A check in an image that several run would mark those that
// serve nothing as unhealthy.
type uses struct {
	shared bool
	why    string
	web    *config.Service // the one service that publishes a port and has no check of its own
	file   *project.File
}

func usesOf(p *project.Project, f *project.File) uses {
	services, files := deploy.Builds(p, f.Path)
	images := map[string]bool{}
	for _, s := range services {
		if s.Image != "" {
			images[s.Image] = true
		}
	}
	// The services that run the built image by its name.
	for _, g := range deploy.Files(p, config.KindCompose) {
		c := g.Doc.Compose()
		if c == nil {
			continue
		}
		for i := range c.Services {
			if s := &c.Services[i]; s.Build == "" && images[s.Image] {
				services, files = append(services, s), append(files, g)
			}
		}
	}
	var out uses
	webs := 0
	commands := map[string]string{} // by file and command, the first service
	for i, s := range services {
		if len(s.Ports) > 0 && s.Healthcheck == nil && !deploy.Rehearsal(files[i]) && !deploy.Worker(s.Command.Text()) {
			webs++
			out.web, out.file = s, files[i]
		}
		commands[files[i].Path+"\x00"+s.Command.Text()] = s.Name
		if deploy.Worker(s.Command.Text()) || deploy.Worker(s.Name) {
			out.shared, out.why = true, fmt.Sprintf("`%s` of %s", s.Name, files[i].Path)
		}
	}
	if webs != 1 {
		out.web, out.file = nil, nil
	}
	for i, s := range services {
		for j, t := range services[:i] {
			if files[i] == files[j] && s.Command.Text() != t.Command.Text() && !out.shared {
				out.shared, out.why = true, fmt.Sprintf("`%s` and `%s` of %s", t.Name, s.Name, files[i].Path)
			}
		}
	}
	if !out.shared {
		out.why = background(p, path.Dir(f.Path))
		out.shared = out.why != ""
	}
	return out
}

// background names what starts workers beside the service: a Procfile, or a queue in the code where one
// image is all there is.
func background(p *project.Project, dir string) string {
	if procfile := p.File(path.Join(dir, "Procfile")); procfile != nil {
		for _, l := range strings.Split(string(procfile.Source()), "\n") {
			if name, command, ok := strings.Cut(l, ":"); ok && name != "web" && name != "release" && deploy.Worker(command) {
				return "`" + name + "` of " + procfile.Path
			}
		}
	}
	if len(deploy.Files(p, config.KindDockerfile)) > 1 {
		return ""
	}
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App {
			continue
		}
		for _, s := range f.Tree.Strings {
			switch {
			case f.Lang == "python" && (s == "celery" || s == "django_rq" || s == "dramatiq"):
				return "the workers of " + s
			case f.Lang == "ruby" && (s == "Sidekiq::Worker" || s == "Sidekiq::Job"):
				return "the workers of Sidekiq"
			case f.Lang == "typescript" && s == "bullmq":
				return "the workers of BullMQ"
			case f.Lang == "php" && strings.HasSuffix(s, `Queue\ShouldQueue`):
				return "the queue workers of Laravel"
			}
		}
	}
	return ""
}

// serviceEdits adds the check to the service of the process that serves.
func serviceEdits(p *rule.Pass, f *project.File, d *config.Dockerfile, final *config.Stage, u uses) []patch.Edit {
	test := probe(p, f, d, final)
	l := deploy.LinesOf(u.file)
	if test == "" || len(u.web.Node.Fields) == 0 || u.web.Node.Aliased || !l.Block(u.web.Node.Fields[0]) {
		return nil
	}
	first := u.web.Node.Fields[0]
	if first.Span.Start < u.web.Span.Start || first.Span.Start > u.web.Span.End {
		return nil // written by an anchor, which others share
	}
	in := l.Indent(first.Span.Start)
	return []patch.Edit{l.InsertAfter(u.web.Span.End, in+"healthcheck:", in+`  test: ["CMD", `+strings.TrimPrefix(test, "["), in+"  interval: 10s", in+"  timeout: 3s", in+"  retries: 3", in+"  start_period: 30s")}
}
