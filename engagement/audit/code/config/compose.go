package config

import (
	"strings"
)

// Compose is the services of a compose file.
type Compose struct {
	Services []Service
}

// Service is one service as compose reads it: merge keys and anchors are folded in, `extends` is not.
type Service struct {
	Name        string
	Span        Span
	Node        *Node // everything, for what has no field here
	Image       string
	Build       string // context folder; "" without build
	Healthcheck *Healthcheck
	DependsOn   []DependsOn
	Restart     string // restart, or deploy.restart_policy.condition
	Ports       []string
	Env         []Setting
	EnvFiles    []string
	Command     Command
	Entrypoint  Command
	Replicas    int    // deploy.replicas, else 1
	MemoryLimit string // mem_limit or deploy.resources.limits.memory, as written
	CPULimit    string
	StopGrace   string // stop_grace_period as written
	Extends     bool   // fields may stand in another service or file
}

// Healthcheck is a service's own check. Without one the image's HEALTHCHECK holds.
type Healthcheck struct {
	Disabled    bool
	Test        []string
	Interval    string
	Timeout     string
	Retries     string
	StartPeriod string
	Span        Span
}

// DependsOn is one edge of start order.
type DependsOn struct {
	Service   string
	Condition string // service_started where nothing else is said
	Span      Span
}

// Command is a command line in either form. The zero Command means that the image decides.
type Command struct {
	Words []string // as given; the shell form is one word
	Shell bool     // given as one string
	Span  Span
}

// Text returns the command as one line.
func (c Command) Text() string { return strings.Join(c.Words, " ") }

// Service returns a service by name, nil without one.
func (c *Compose) Service(name string) *Service {
	if c == nil {
		return nil
	}
	for i := range c.Services {
		if c.Services[i].Name == name {
			return &c.Services[i]
		}
	}
	return nil
}

// Getenv returns an environment variable of the service.
func (s *Service) Getenv(name string) (Setting, bool) {
	for _, e := range s.Env {
		if e.Key == name {
			return e, true
		}
	}
	return Setting{}, false
}

func composeOf(roots []*Node) *Compose {
	if len(roots) == 0 || roots[0].Has("apiVersion") {
		return nil
	}
	services := roots[0].Field("services")
	if services == nil || services.Value.IsNull() || services.Value.Kind != Mapping {
		return nil
	}
	c := &Compose{}
	for _, f := range services.Value.Fields {
		if f.Value == nil || f.Value.Kind != Mapping {
			continue
		}
		// A "services" map of some other program has entries that name neither an image nor a build.
		n := f.Value
		if !n.Has("image") && !n.Has("build") && !n.Has("extends") && !onlyServiceKeys(n) {
			continue
		}
		c.Services = append(c.Services, serviceOf(f))
	}
	if len(c.Services) == 0 {
		return nil
	}
	return c
}

// serviceKeys are what an override file may set without naming the image.
var serviceKeys = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(`cap_add cap_drop command configs container_name cpus deploy depends_on devices dns
		entrypoint env_file environment expose extra_hosts healthcheck hostname init ipc labels links logging mem_limit
		memswap_limit network_mode networks pid platform ports privileged profiles pull_policy read_only restart scale secrets
		security_opt shm_size stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user volumes working_dir develop`) {
		m[k] = true
	}
	return m
}()

func onlyServiceKeys(n *Node) bool {
	for _, f := range n.Fields {
		if !serviceKeys[f.Key] && !strings.HasPrefix(f.Key, "x-") {
			return false
		}
	}
	return len(n.Fields) > 0
}

func serviceOf(f Field) Service {
	n := f.Value
	s := Service{Name: f.Key, Span: f.Span, Node: n, Image: n.Get("image").Text(), Restart: n.Get("restart").Text(),
		Command: commandOf(n.Field("command")), Entrypoint: commandOf(n.Field("entrypoint")), Replicas: 1,
		StopGrace: n.Get("stop_grace_period").Text(), Extends: n.Has("extends"), EnvFiles: envFiles(n.Get("env_file"))}
	if b := n.Get("build"); b != nil {
		s.Build = b.Text()
		if b.Kind == Mapping {
			s.Build = b.Get("context").Text()
		}
		if s.Build == "" {
			s.Build = "."
		}
	}
	if s.Restart == "" {
		s.Restart = n.Get("deploy", "restart_policy", "condition").Text()
	}
	if r, ok := n.Get("deploy", "replicas").Int(); ok {
		s.Replicas = r
	} else if r, ok := n.Get("scale").Int(); ok {
		s.Replicas = r
	}
	s.MemoryLimit = firstText(n.Get("mem_limit"), n.Get("deploy", "resources", "limits", "memory"))
	s.CPULimit = firstText(n.Get("cpus"), n.Get("deploy", "resources", "limits", "cpus"))
	s.Healthcheck = healthcheckOf(n.Field("healthcheck"))
	s.DependsOn = dependsOnOf(n.Get("depends_on"))
	for _, p := range n.Get("ports").List() {
		if p.Kind == Mapping {
			s.Ports = append(s.Ports, strings.TrimPrefix(p.Get("published").Text()+":"+p.Get("target").Text(), ":"))
		} else if p.Kind == Scalar {
			s.Ports = append(s.Ports, p.Value)
		}
	}
	s.Env = environmentOf(n.Get("environment"))
	return s
}

func firstText(nodes ...*Node) string {
	for _, n := range nodes {
		if t := n.Text(); t != "" {
			return t
		}
	}
	return ""
}

func envFiles(n *Node) []string {
	var out []string
	for _, it := range n.List() {
		if it.Kind == Mapping {
			out = append(out, it.Get("path").Text())
		} else if it.Kind == Scalar {
			out = append(out, it.Value)
		}
	}
	return out
}

func commandOf(f *Field) Command {
	if f == nil || f.Value.IsNull() {
		return Command{}
	}
	return Command{Words: f.Value.Texts(), Shell: f.Value.Kind == Scalar, Span: f.Span}
}

func healthcheckOf(f *Field) *Healthcheck {
	if f == nil || f.Value.IsNull() {
		return nil
	}
	n := f.Value
	h := &Healthcheck{Test: n.Get("test").Texts(), Interval: n.Get("interval").Text(), Timeout: n.Get("timeout").Text(),
		Retries: n.Get("retries").Text(), StartPeriod: n.Get("start_period").Text(), Span: f.Span}
	h.Disabled, _ = n.Get("disable").Bool()
	if len(h.Test) > 0 && h.Test[0] == "NONE" {
		h.Disabled = true
	}
	return h
}

func dependsOnOf(n *Node) []DependsOn {
	var out []DependsOn
	for _, f := range n.Entries() {
		d := DependsOn{Service: f.Key, Condition: f.Value.Get("condition").Text(), Span: f.Span}
		if d.Condition == "" {
			d.Condition = "service_started"
		}
		out = append(out, d)
	}
	if n != nil && n.Kind != Mapping {
		for _, it := range n.List() {
			if it.Kind == Scalar {
				out = append(out, DependsOn{it.Value, "service_started", it.Span})
			}
		}
	}
	return out
}

// environmentOf reads both forms: a map, and a list of NAME=value.
func environmentOf(n *Node) []Setting {
	var out []Setting
	for _, f := range n.Entries() {
		out = append(out, Setting{Key: f.Key, Value: f.Value.Text(), Span: f.Span, Templated: f.Value.templated()})
	}
	if n != nil && n.Kind == Sequence {
		for _, it := range n.Items {
			if it.Kind != Scalar {
				continue
			}
			key, value, _ := strings.Cut(it.Value, "=")
			out = append(out, Setting{Key: key, Value: value, Span: it.Span, Templated: it.Templated})
		}
	}
	return out
}
