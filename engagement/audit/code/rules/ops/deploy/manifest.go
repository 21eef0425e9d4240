package deploy

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

// Object is one Kubernetes object with the file that it stands in.
type Object struct {
	*config.KubeObject
	File *project.File
}

// Objects returns the Kubernetes objects of the project.
func Objects(p *project.Project) []Object {
	var out []Object
	for _, f := range Files(p, config.KindKubernetes, config.KindYAML) {
		for _, o := range f.Doc.Kubernetes() {
			out = append(out, Object{o, f})
		}
	}
	return out
}

// Serves returns the container of a workload that answers requests: the first with a container port
// that does not run background work. nil for pods without one, for DaemonSets and for pods whose
// containers a template may add to.
func (o Object) Serves() *config.Container {
	if !o.Workload() || o.Kind == "DaemonSet" || o.Pod.Templated {
		return nil
	}
	for i := range o.Pod.Containers {
		c := &o.Pod.Containers[i]
		if len(c.Ports) == 0 && c.Node.Field("ports") == nil {
			continue
		}
		if Worker(strings.Join(append(append([]string{}, c.Command...), c.Args...), " ")) || Worker(c.Name) || onlyMetrics(c) {
			continue
		}
		return c
	}
	return nil
}

// onlyMetrics reports a container whose ports are for scrapers and debuggers.
func onlyMetrics(c *config.Container) bool {
	ports := c.Node.Get("ports").List()
	for _, p := range ports {
		name := strings.ToLower(p.Get("name").Text())
		if !strings.Contains(name, "metric") && !strings.Contains(name, "prom") && !strings.Contains(name, "debug") && !strings.Contains(name, "pprof") {
			return false
		}
	}
	return len(ports) > 0
}

// Port returns how a probe names the container's first port: its name, else its number, "" when a
// template writes it.
func Port(c *config.Container) string {
	for _, p := range c.Node.Get("ports").List() {
		if name := p.Get("name"); name.Text() != "" && !name.Templated {
			return name.Text()
		}
		if n := p.Get("containerPort"); n.Text() != "" && !n.Templated {
			return n.Text()
		}
	}
	return ""
}

// Matches reports whether a selector selects pods with the labels.
func Matches(selector, labels map[string]string) bool {
	if len(selector) == 0 {
		return false
	}
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

// ProbePlace is where a container says how it is reached, for findings about its probes: the other
// probe, else its ports.
func ProbePlace(c *config.Container, other *config.Probe) config.Span {
	if other != nil {
		return other.Span
	}
	if f := c.Node.Field("ports"); f != nil {
		return f.Span
	}
	return config.Span{Start: c.Span.Start, End: c.Span.Start}
}
