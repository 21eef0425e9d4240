package config

import "strings"

// KubeObject is one Kubernetes object. What has no field here is reached through Node.
type KubeObject struct {
	APIVersion string
	Kind       string
	Name       string
	Namespace  string
	Labels     map[string]string
	Span       Span
	Node       *Node

	Replicas     *int              // nil where not given (the default is 1, or an autoscaler decides)
	ReplicasSpan Span              // zero where not given
	Pod          *Pod              // of a workload; nil for other kinds
	Selector     map[string]string // spec.selector.matchLabels, or spec.selector of a Service

	MinAvailable   string // PodDisruptionBudget
	MaxUnavailable string

	ScaleTarget string // HorizontalPodAutoscaler: name of the workload
	ScaleKind   string
	MinReplicas *int
	MaxReplicas *int

	Schedule              string // CronJob
	ConcurrencyPolicy     string // "" means Allow
	ActiveDeadlineSeconds *int   // Job, CronJob's job
	BackoffLimit          *int

	Data *Settings // ConfigMap: data
}

// Pod is the pod specification of a workload.
type Pod struct {
	Span           Span
	Labels         map[string]string
	Containers     []Container
	Init           []Container
	GraceSeconds   *int // terminationGracePeriodSeconds; nil means 30
	RestartPolicy  string
	Spread         bool // topology spread or pod anti-affinity is given
	PriorityClass  string
	ServiceAccount string
	Templated      bool // a template tag may add fields
}

// Container is one container of a pod.
type Container struct {
	Name      string
	Image     string
	Span      Span
	Node      *Node
	Liveness  *Probe
	Readiness *Probe
	Startup   *Probe
	Requests  map[string]string // cpu, memory as written
	Limits    map[string]string
	Command   []string
	Args      []string
	Env       []Setting // Value is "" where it comes from a secret or a field
	EnvFrom   []string  // names of config maps and secrets
	Ports     []int
	PreStop   *Field
	Templated bool // a template tag may add fields, so an absent one is not known to be absent
}

// Probe is one health probe.
type Probe struct {
	Type         string // httpGet, tcpSocket, exec, grpc; "" where a template writes it
	Path         string // of httpGet
	Port         string
	Command      []string
	InitialDelay *int // seconds
	Period       *int
	Timeout      *int
	Failures     *int
	Span         Span
}

// Workload reports whether the object runs pods that serve until stopped (Deployment, StatefulSet,
// DaemonSet and look-alikes), in contrast to a Job or CronJob.
func (o *KubeObject) Workload() bool {
	return o.Pod != nil && o.Kind != "Job" && o.Kind != "CronJob" && o.Kind != "Pod"
}

// Getenv returns an environment variable of the container.
func (c *Container) Getenv(name string) (Setting, bool) {
	for _, e := range c.Env {
		if e.Key == name {
			return e, true
		}
	}
	return Setting{}, false
}

func kubeObjectsOf(roots []*Node) []*KubeObject {
	var out []*KubeObject
	for _, r := range roots {
		out = appendKube(out, r, 0)
	}
	return out
}

func appendKube(out []*KubeObject, n *Node, depth int) []*KubeObject {
	if n == nil || n.Kind != Mapping || depth > 4 {
		return out
	}
	kind, version := n.Get("kind").Text(), n.Get("apiVersion").Text()
	if kind == "" || version == "" {
		return out
	}
	if strings.HasSuffix(kind, "List") || (kind == "Template" && n.Has("objects")) {
		items := n.Get("items").List()
		if kind == "Template" {
			items = n.Get("objects").List()
		}
		for _, it := range items {
			out = appendKube(out, it, depth+1)
		}
		return out
	}
	return append(out, kubeObjectOf(n, kind, version))
}

func kubeObjectOf(n *Node, kind, version string) *KubeObject {
	meta, spec := n.Get("metadata"), n.Get("spec")
	o := &KubeObject{APIVersion: version, Kind: kind, Name: meta.Get("name").Text(), Namespace: meta.Get("namespace").Text(),
		Labels: textMap(meta.Get("labels")), Span: n.Span, Node: n}
	if f := spec.Field("replicas"); f != nil {
		o.Replicas, o.ReplicasSpan = intOf(f.Value), f.Span
	}
	o.Selector = textMap(spec.Get("selector", "matchLabels"))
	if len(o.Selector) == 0 && kind == "Service" {
		o.Selector = textMap(spec.Get("selector"))
	}
	switch kind {
	case "PodDisruptionBudget":
		o.MinAvailable, o.MaxUnavailable = spec.Get("minAvailable").Text(), spec.Get("maxUnavailable").Text()
	case "HorizontalPodAutoscaler", "ScaledObject":
		o.ScaleTarget, o.ScaleKind = spec.Get("scaleTargetRef", "name").Text(), spec.Get("scaleTargetRef", "kind").Text()
		o.MinReplicas, o.MaxReplicas = intOf(spec.Get("minReplicas")), intOf(spec.Get("maxReplicas"))
		if kind == "ScaledObject" {
			o.MinReplicas, o.MaxReplicas = intOf(spec.Get("minReplicaCount")), intOf(spec.Get("maxReplicaCount"))
		}
	case "ConfigMap":
		o.Data = settingsOfNodes([]*Node{n.Get("data")})
	case "CronJob":
		o.Schedule, o.ConcurrencyPolicy = spec.Get("schedule").Text(), spec.Get("concurrencyPolicy").Text()
		spec = spec.Get("jobTemplate", "spec")
	}
	if kind == "Job" || kind == "CronJob" {
		o.ActiveDeadlineSeconds, o.BackoffLimit = intOf(spec.Get("activeDeadlineSeconds")), intOf(spec.Get("backoffLimit"))
	}
	// Any object with a pod template counts, so that custom workloads (Rollout, CloneSet) are seen.
	template := spec.Get("template")
	if kind == "Pod" {
		template = n
	}
	if podSpec := template.Get("spec"); podSpec.Get("containers") != nil {
		o.Pod = podOf(podSpec, textMap(template.Get("metadata", "labels")))
	}
	return o
}

func podOf(n *Node, labels map[string]string) *Pod {
	p := &Pod{Span: n.Span, Labels: labels, GraceSeconds: intOf(n.Get("terminationGracePeriodSeconds")),
		RestartPolicy: n.Get("restartPolicy").Text(), PriorityClass: n.Get("priorityClassName").Text(),
		ServiceAccount: n.Get("serviceAccountName").Text(), Templated: n.Templated}
	p.Spread = n.Has("topologySpreadConstraints") || n.Get("affinity").Has("podAntiAffinity") || n.Get("affinity").templated()
	for _, c := range n.Get("containers").List() {
		p.Containers = append(p.Containers, containerOf(c))
	}
	for _, c := range n.Get("initContainers").List() {
		p.Init = append(p.Init, containerOf(c))
	}
	return p
}

func containerOf(n *Node) Container {
	c := Container{Name: n.Get("name").Text(), Image: n.Get("image").Text(), Span: n.place(), Node: n,
		Liveness: probeOf(n.Field("livenessProbe")), Readiness: probeOf(n.Field("readinessProbe")), Startup: probeOf(n.Field("startupProbe")),
		Command: n.Get("command").Texts(), Args: n.Get("args").Texts(), PreStop: n.Get("lifecycle").Field("preStop"), Templated: n.templated()}
	// Both branches of a template condition stand in the text one after the other; the first that
	// gives a value is taken.
	for _, f := range n.Get("resources").Entries() {
		switch {
		case f.Key == "requests" && c.Requests == nil:
			c.Requests = textMap(f.Value)
		case f.Key == "limits" && c.Limits == nil:
			c.Limits = textMap(f.Value)
		}
	}
	for _, e := range n.Get("env").List() {
		if name := e.Get("name").Text(); name != "" {
			c.Env = append(c.Env, Setting{Key: name, Value: e.Get("value").Text(), Span: e.Span, Templated: e.Get("value").templated()})
		}
	}
	for _, e := range n.Get("envFrom").List() {
		if ref := firstText(e.Get("configMapRef", "name"), e.Get("secretRef", "name")); ref != "" {
			c.EnvFrom = append(c.EnvFrom, ref)
		}
	}
	for _, p := range n.Get("ports").List() {
		if port, ok := p.Get("containerPort").Int(); ok {
			c.Ports = append(c.Ports, port)
		}
	}
	return c
}

func probeOf(f *Field) *Probe {
	if f == nil || (f.Value.IsNull() && !f.Value.templated()) {
		return nil
	}
	n := f.Value
	p := &Probe{Span: f.Span, InitialDelay: intOf(n.Get("initialDelaySeconds")), Period: intOf(n.Get("periodSeconds")),
		Timeout: intOf(n.Get("timeoutSeconds")), Failures: intOf(n.Get("failureThreshold"))}
	for _, t := range []string{"httpGet", "tcpSocket", "exec", "grpc"} {
		if h := n.Get(t); h != nil {
			p.Type, p.Path, p.Port, p.Command = t, h.Get("path").Text(), h.Get("port").Text(), h.Get("command").Texts()
			break
		}
	}
	return p
}

func intOf(n *Node) *int {
	v, ok := n.Int()
	if !ok && n != nil && n.Kind == Scalar {
		v, ok = Setting{Value: n.Value}.Int()
	}
	if !ok {
		return nil
	}
	return &v
}

func textMap(n *Node) map[string]string {
	if len(n.Entries()) == 0 {
		return nil
	}
	m := make(map[string]string, len(n.Fields))
	for _, f := range n.Fields {
		if _, seen := m[f.Key]; !seen {
			m[f.Key] = f.Value.Text()
		}
	}
	return m
}
