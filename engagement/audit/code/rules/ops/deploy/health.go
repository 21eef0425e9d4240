package deploy

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

// healthPaths are the usual names of a health endpoint, the most telling first.
var healthPaths = []string{"/readyz", "/livez", "/healthz", "/health/ready", "/health", "/healthcheck", "/health-check", "/_health",
	"/internal/ping", "/ping", "/up", "/api/health", "/api/healthz", "/api/ping", "/actuator/health"}

// HealthPath returns the path of a health endpoint that the code of an application registers, and the
// file that does. near is a file of the same application: only sources below its folder, or the whole
// project where it lies at the root or in a folder of manifests, are looked at. "" where none is found.
func HealthPath(p *project.Project, near *project.File) (string, *project.File) {
	root := path.Dir(near.Path)
	if !holdsSource(p, root) {
		root = "."
	}
	best, at := len(healthPaths), (*project.File)(nil)
	for _, f := range p.Files {
		if f.Tree == nil || f.Role != project.App || (root != "." && !strings.HasPrefix(f.Path, root+"/")) || isClient(f) {
			continue
		}
		for _, s := range f.Tree.Strings {
			if len(s) < 2 || len(s) > 16 {
				continue
			}
			for i, h := range healthPaths[:best] {
				if s == h || (f.Lang == "ruby" && s == h[1:] && strings.HasSuffix(f.Path, "config/routes.rb")) {
					best, at = i, f
					break
				}
			}
		}
	}
	if at == nil {
		return "", nil
	}
	return healthPaths[best], at
}

// isClient reports files of user interfaces, which name the endpoints of others.
func isClient(f *project.File) bool {
	return f.Lang == "tsx" || strings.Contains(f.Path, "/components/") || strings.Contains(f.Path, "client")
}

func holdsSource(p *project.Project, dir string) bool {
	if dir == "." {
		return true
	}
	for _, f := range p.Files {
		if f.Tree != nil && f.Role == project.App && strings.HasPrefix(f.Path, dir+"/") {
			return true
		}
	}
	return false
}

// Builds returns the compose services that build the Dockerfile, with their files.
func Builds(p *project.Project, dockerfile string) (services []*config.Service, files []*project.File) {
	for _, f := range Files(p, config.KindCompose) {
		c := f.Doc.Compose()
		if c == nil {
			continue
		}
		for i := range c.Services {
			s := &c.Services[i]
			if s.Build == "" {
				continue
			}
			name := s.Node.Get("build", "dockerfile").Text()
			if name == "" {
				name = "Dockerfile"
			}
			if path.Join(path.Dir(f.Path), s.Build, name) == dockerfile {
				services, files = append(services, s), append(files, f)
			}
		}
	}
	return services, files
}
