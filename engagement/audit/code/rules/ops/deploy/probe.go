package deploy

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
)

// AddProbe inserts a probe into a container behind its ports (or its other probe). http is the path
// to ask, "" for a check that the port accepts connections. Lines in front of the settings come from
// the container's other probe where that asks the same way, so that headers and schemes are kept.
// nil where the port is written by a template or the container is not in block style.
func AddProbe(l *Lines, c *config.Container, key, http string, settings ...string) []patch.Edit {
	port, ports := Port(c), c.Node.Field("ports")
	if port == "" || ports == nil || c.Node.Aliased || !l.Block(*ports) {
		return nil
	}
	in := l.Indent(ports.Span.Start)
	lines := []string{in + key + ":"}
	if http != "" {
		lines = append(lines, in+"  httpGet:", in+"    path: "+http, in+"    port: "+port)
	} else {
		lines = append(lines, in+"  tcpSocket:", in+"    port: "+port)
	}
	for _, s := range settings {
		lines = append(lines, in+"  "+s)
	}
	after := ports.Span.End
	for _, other := range []string{"readinessProbe", "livenessProbe", "startupProbe"} {
		if f := c.Node.Field(other); f != nil && f.Span.End > after && l.Block(*f) && l.Indent(f.Span.Start) == in {
			after = f.Span.End
		}
	}
	return []patch.Edit{l.InsertAfter(after, lines...)}
}
