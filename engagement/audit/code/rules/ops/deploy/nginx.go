package deploy

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

// Proxy is one proxy_pass of an nginx configuration.
type Proxy struct {
	File    *project.File
	Nginx   *config.Nginx
	Pass    *config.Directive
	Parents []*config.Directive // from the outermost block to the location
}

// Proxies returns the proxy_pass directives of the project's nginx configuration.
func Proxies(p *project.Project) []Proxy {
	var out []Proxy
	for _, f := range Files(p, config.KindNginx) {
		n := f.Doc.Nginx()
		if n == nil {
			continue
		}
		n.Visit(func(d *config.Directive, parents []*config.Directive) bool {
			if d.Name == "proxy_pass" {
				out = append(out, Proxy{f, n, d, slices.Clone(parents)})
			}
			return true
		})
	}
	return out
}

// Location is the block that the proxy_pass stands in.
func (x Proxy) Location() *config.Directive {
	if len(x.Parents) == 0 {
		return nil
	}
	return x.Parents[len(x.Parents)-1]
}

// Upgrades reports a proxied WebSocket: the Connection header is set from the request's upgrade.
func (x Proxy) Upgrades() bool {
	for _, b := range x.Parents {
		for _, h := range b.Children("proxy_set_header") {
			if strings.EqualFold(h.Arg(0), "Upgrade") || (strings.EqualFold(h.Arg(0), "Connection") && strings.Contains(strings.ToLower(h.Arg(1)), "upgrade")) {
				return true
			}
		}
	}
	return false
}

// Header returns what proxy_set_header gives a header in the location: nginx takes all of them from
// the innermost block that has any.
func (x Proxy) Header(name string) (string, bool) {
	for i := len(x.Parents) - 1; i >= 0; i-- {
		set := x.Parents[i].Children("proxy_set_header")
		if len(set) == 0 {
			continue
		}
		for _, h := range set {
			if strings.EqualFold(h.Arg(0), name) {
				return h.Arg(1), true
			}
		}
		return "", false
	}
	return "", false
}

// Upstream returns the upstream block of the same file that the proxy_pass names, nil for others.
func (x Proxy) Upstream() *config.Directive {
	_, host, ok := strings.Cut(x.Pass.Arg(0), "://")
	if !ok {
		return nil
	}
	host, _, _ = strings.Cut(host, "/")
	for _, u := range x.Nginx.Find("upstream") {
		if u.Arg(0) == host {
			return u
		}
	}
	return nil
}
