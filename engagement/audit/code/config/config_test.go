package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func parse(t *testing.T, kind, path, src string) *Document {
	t.Helper()
	d, err := Parse(kind, path, []byte(src))
	if err != nil {
		t.Fatalf("Parse(%s): %v", path, err)
	}
	return d
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestKindOf(t *testing.T) {
	for _, tc := range []struct{ path, head, want string }{
		{"Dockerfile", "FROM ruby:3.3\n", KindDockerfile},
		{"build/Dockerfile.worker", "# c\nARG V=1\nFROM x:$V\n", KindDockerfile},
		{"api.Dockerfile", "FROM go\n", KindDockerfile},
		{"docs/Dockerfile.md", "FROM here on", ""},
		{".dockerignore", "tmp\n", ""},
		{"docker-compose.yml", "version: '3'\nservices:\n  a:\n", KindCompose},
		{"deploy/stack.yaml", "services:\n  a:\n    image: x\n", KindCompose},
		{"compose.override.yml", "x-a: 1\n", KindCompose},
		{"k8s/web.yaml", "apiVersion: apps/v1\nkind: Deployment\n", KindKubernetes},
		{"config/deploy/web.yaml.erb", "apiVersion: apps/v1\nkind: Deployment\n", KindKubernetes},
		{"charts/x/templates/hpa.yaml", "{{- if .x }}\napiVersion: v2\nkind: HPA\n", KindKubernetes},
		{"config/database.yml", "default: &d\n  pool: 5\n", KindYAML},
		{"main.tf", "resource", KindTerraform},
		{"nginx.conf", "http {\n}\n", KindNginx},
		{"nginx/sites/shop", "", ""},
		{"deploy/nginx/default.conf.template", "server {\n listen 80;\n}\n", KindNginx},
		{"postgresql.conf", "max_connections = 100\n", KindINI},
		{"my.cnf", "[mysqld]\n", KindINI},
		{"redis.conf", "maxmemory 1gb\n", KindINI},
		{".env.production", "A=b\n", KindEnv},
		{"src/main/resources/application.properties", "a=b", KindProperties},
		{"Procfile", "web: x", KindProcfile},
		{"package.json", "{}", KindDependencies},
		{"tsconfig.json", "{}", KindJSON},
		{"Gemfile.lock", "GEM", KindDependencies},
		{"requirements-dev.txt", "", KindDependencies},
		{"Cargo.toml", "", KindTOML},
		{"app/models/order.rb", "class Order", ""},
		{"README.md", "", ""},
	} {
		if got := KindOf(tc.path, []byte(tc.head)); got != tc.want {
			t.Errorf("KindOf(%q) = %q, want %q", tc.path, got, tc.want)
		}
	}
}

func TestDockerfile(t *testing.T) {
	d := parse(t, KindDockerfile, "Dockerfile", read(t, "Dockerfile")).Dockerfile()
	if len(d.Stages) != 3 {
		t.Fatalf("%d stages, want 3", len(d.Stages))
	}
	if d.Default["RUBY_VERSION"] != "3.3.4" {
		t.Errorf("default of RUBY_VERSION is %q", d.Default["RUBY_VERSION"])
	}
	base, final := &d.Stages[0], d.Final()
	if base.Base != "ruby:${RUBY_VERSION}-slim" || base.Name != "base" || base.Platform != "linux/amd64" {
		t.Errorf("base stage %+v", base)
	}
	run := base.Last("RUN")
	if run.Span != (Span{7, 11}) || !strings.Contains(run.Text, "libpq5") || strings.Contains(run.Text, "comment inside") {
		t.Errorf("continued RUN: %+v", run)
	}
	if v, _ := run.Flag("mount"); v != "type=cache,target=/var/cache/apt" {
		t.Errorf("flag mount = %q", v)
	}
	here := d.Stages[1].Last("RUN")
	if len(here.Heredocs) != 1 || here.Heredocs[0].Span != (Span{16, 17}) || !strings.Contains(here.Script(), "bundle install") || here.Span != (Span{15, 18}) {
		t.Errorf("heredoc: %+v", here)
	}
	if got := d.Stages[1].Last("ONBUILD"); got.OnBuild == nil || got.OnBuild.Keyword != "COPY" {
		t.Errorf("ONBUILD: %+v", got)
	}
	hc := d.Effective(final, "HEALTHCHECK")
	if hc == nil || !hc.IsExec() || hc.Exec[0] != "curl" || hc.Span.Start != 12 {
		t.Errorf("inherited HEALTHCHECK: %+v", hc)
	}
	if v, ok := hc.Flag("interval"); !ok || v != "10s" {
		t.Errorf("interval = %q", v)
	}
	if cmd := final.Last("CMD"); cmd.IsExec() || cmd.Text != "bundle exec puma -C config/puma.rb" {
		t.Errorf("shell form CMD: %+v", cmd)
	}
	if ep := final.Last("ENTRYPOINT"); !ep.IsExec() || ep.Exec[1] != "/app/entry point.sh" {
		t.Errorf("exec form ENTRYPOINT: %+v", ep)
	}
}

func TestDockerfileOddities(t *testing.T) {
	d := parse(t, KindDockerfile, "Dockerfile", "# escape=`\r\nFROM windows\r\nRUN dir `\r\n  c:\\\r\nNONSENSE x\r\nCMD [\"a\", bad]\r\n")
	f := d.Dockerfile()
	if in := f.Final().Last("RUN"); in.Span != (Span{3, 4}) || in.Text != `dir   c:\` {
		t.Errorf("escape directive: %+v", in)
	}
	if len(d.Problems) != 1 || d.Problems[0].Span.Start != 5 {
		t.Errorf("problems %+v", d.Problems)
	}
	if f.Final().Last("CMD").IsExec() {
		t.Error("malformed JSON is the shell form")
	}
	if _, err := Parse(KindDockerfile, "Dockerfile", []byte("just text\n")); err == nil {
		t.Error("no FROM: want an error")
	}
}

func TestYAMLTemplates(t *testing.T) {
	d := parse(t, KindKubernetes, "web.yaml.erb", read(t, "web.yaml.erb"))
	if len(d.Problems) > 0 {
		t.Fatalf("problems: %+v", d.Problems)
	}
	k := d.Kubernetes()
	if len(k) != 1 || k[0].Kind != "Deployment" || k[0].Name != "web" {
		t.Fatalf("objects: %+v", k)
	}
	c := k[0].Pod.Containers[0]
	if c.Readiness == nil || c.Readiness.Path != "/ping" || c.Readiness.Span != (Span{20, 24}) {
		t.Errorf("readiness %+v", c.Readiness)
	}
	if c.Liveness != nil || c.Templated {
		t.Errorf("liveness %+v, templated %v: conditions alone add nothing unseen", c.Liveness, c.Templated)
	}
	if c.Limits["memory"] != "6Gi" {
		t.Errorf("limits %v", c.Limits)
	}
	if !strings.HasSuffix(c.Image, ":<%= current_sha %>") {
		t.Errorf("image %q keeps its tag", c.Image)
	}
	if v, _ := c.Getenv("WEB_CONCURRENCY"); !v.Templated || v.Value != "<%= environment == 'production' ? 8 : 2 %>" || v.Span != (Span{40, 41}) {
		t.Errorf("env %+v", v)
	}
	if v, _ := c.Getenv("RAILS_MAX_THREADS"); v.Value != "5" {
		t.Errorf("env %+v", v)
	}
	if k[0].Pod.Containers[1].Name != "nginx" {
		t.Errorf("second container %+v", k[0].Pod.Containers[1].Name)
	}
}

func TestHelmTemplates(t *testing.T) {
	d := parse(t, KindKubernetes, "deployment.yaml", read(t, "helm.yaml"))
	if len(d.Problems) > 0 {
		t.Fatalf("problems: %+v", d.Problems)
	}
	o := d.Kubernetes()[0]
	c := o.Pod.Containers[0]
	if !c.Templated {
		t.Error("a container with an include is open: its missing fields are not known to be missing")
	}
	if c.Liveness == nil || c.Liveness.Type != "" || c.Liveness.Span.Start != 24 {
		t.Errorf("a probe written by toYaml is there: %+v", c.Liveness)
	}
	if o.Name != `{{ include "app.fullname" . }}` {
		t.Errorf("name %q", o.Name)
	}
	if o.Replicas == nil || *o.Replicas != 3 || o.ReplicasSpan.Start != 10 {
		t.Errorf("replicas %v at %v", o.Replicas, o.ReplicasSpan)
	}
	closed := d.Kubernetes()[1].Pod.Containers[0]
	if closed.Templated {
		t.Error("a container without an include is closed")
	}
}

func TestTemplateWritesFirstEntry(t *testing.T) {
	src := "a:\n- {{ . | toYaml | trim }}\n  b: 1\n- name: {{ .x }}\n  value: 2\nc: {{- include \"y\" . | nindent 2 }}\n  d: 3\n"
	d := parse(t, KindYAML, "x.yaml", src)
	if len(d.Problems) > 0 {
		t.Fatalf("problems: %+v", d.Problems)
	}
	root := d.YAML()[0]
	items := root.Get("a").List()
	if items[0].Get("b").Text() != "1" || items[1].Get("name").Text() != "{{ .x }}" || root.Get("c", "d").Text() != "3" || !root.Get("a").Templated {
		t.Errorf("%+v", d.Settings())
	}
}

func TestKubernetesObjects(t *testing.T) {
	d := parse(t, KindKubernetes, "all.yaml", read(t, "k8s.yaml"))
	by := map[string]*KubeObject{}
	for _, o := range d.Kubernetes() {
		by[o.Kind] = o
	}
	if p := by["PodDisruptionBudget"]; p == nil || p.MinAvailable != "50%" || p.Selector["app"] != "web" {
		t.Errorf("pdb %+v", p)
	}
	if h := by["HorizontalPodAutoscaler"]; h == nil || h.ScaleTarget != "web" || *h.MaxReplicas != 40 {
		t.Errorf("hpa %+v", h)
	}
	cj := by["CronJob"]
	if cj == nil || cj.Schedule != "*/5 * * * *" || cj.ConcurrencyPolicy != "" || cj.Pod == nil || cj.Workload() || *cj.BackoffLimit != 2 {
		t.Errorf("cron job %+v", cj)
	}
	dep := by["Deployment"]
	if !dep.Workload() || *dep.Pod.GraceSeconds != 60 || dep.Pod.Containers[0].PreStop == nil || dep.Pod.Labels["app"] != "web" || !dep.Pod.Spread {
		t.Errorf("deployment %+v", dep)
	}
	if r := by["Rollout"]; r == nil || r.Pod == nil {
		t.Errorf("custom workload %+v", r)
	}
	if cm := by["ConfigMap"]; cm == nil {
		t.Error("items of a List are objects")
	} else if v, ok := cm.Data.Get("POOL"); !ok || v.Value != "20" {
		t.Errorf("config map data %+v", cm.Data)
	}
	if dep.Span.Start != 2 || by["PodDisruptionBudget"].Span.Start != 33 {
		t.Errorf("spans %v %v", dep.Span, by["PodDisruptionBudget"].Span)
	}
}

func TestCompose(t *testing.T) {
	c := parse(t, KindCompose, "compose.yml", read(t, "compose.yml")).Compose()
	web, db, worker := c.Service("web"), c.Service("db"), c.Service("worker")
	if web == nil || db == nil || worker == nil || len(c.Services) != 3 {
		t.Fatalf("services %+v", c)
	}
	if db.Healthcheck == nil || db.Healthcheck.Test[0] != "CMD-SHELL" || db.Healthcheck.Interval != "5s" || db.Span != (Span{9, 19}) {
		t.Errorf("db %+v %v", db.Healthcheck, db.Span)
	}
	if len(web.DependsOn) != 1 || web.DependsOn[0].Condition != "service_healthy" || web.DependsOn[0].Span != (Span{24, 25}) {
		t.Errorf("web depends on %+v", web.DependsOn)
	}
	if len(worker.DependsOn) != 2 || worker.DependsOn[1].Condition != "service_started" {
		t.Errorf("worker depends on %+v", worker.DependsOn)
	}
	if worker.Restart != "always" {
		t.Errorf("a merged key counts: restart %q", worker.Restart)
	}
	if v, ok := web.Getenv("RAILS_MAX_THREADS"); !ok || v.Value != "5" {
		t.Errorf("merged environment: %+v", web.Env)
	}
	if !web.Command.Shell || worker.Command.Shell || worker.Command.Words[2] != "sidekiq" {
		t.Errorf("commands %+v %+v", web.Command, worker.Command)
	}
	if web.MemoryLimit != "512M" || web.Build != "." || web.Replicas != 2 {
		t.Errorf("web %+v", web)
	}
	if o := parse(t, KindCompose, "override.yml", "services:\n  db:\n    environment: {A: b}\n").Compose(); o == nil {
		t.Error("an override file need not name images")
	}
	if parse(t, KindYAML, "services.yml", "services:\n  App\\Mailer:\n    class: X\n").Compose() != nil {
		t.Error("a services map of another program is not compose")
	}
}

func TestTerraform(t *testing.T) {
	vars := parse(t, KindTerraform, "infra/variables.tf", "variable \"class\" {\n  default = \"db.t3.medium\"\n}\nvariable \"multi\" {\n  type = bool\n}\n").Terraform()
	d := parse(t, KindTerraform, "infra/rds.tf", read(t, "rds.tf"))
	linked := LinkTerraform(vars, d.Terraform())
	db := linked[1].Resources("aws_db_instance")[0]
	if db.Address() != "aws_db_instance.main" || db.Span != (Span{6, 26}) {
		t.Errorf("%s %v", db.Address(), db.Span)
	}
	for name, want := range map[string]string{"instance_class": "db.t3.medium", "allocated_storage": "200", "identifier": "shop-production", "storage_type": "gp2"} {
		if a := db.Attr(name); a == nil || !a.Known || a.Text != want {
			t.Errorf("%s = %+v, want %q", name, a, want)
		}
	}
	if a := db.Attr("instance_class"); a.Span.Start != 9 || a.Refs[0] != "var.class" {
		t.Errorf("instance_class %+v", a)
	}
	if v, ok := db.Attr("skip_final_snapshot").Bool(); !ok || !v {
		t.Error("a bool literal is known")
	}
	if db.Attr("multi_az").Known {
		t.Error("a variable without default is not known")
	}
	if a := db.Attr("parameter_group_name"); a.Known || a.Refs[0] != "aws_db_parameter_group.main.name" {
		t.Errorf("a reference is not constant: %+v", a)
	}
	if a := db.Attr("enabled_cloudwatch_logs_exports"); len(a.Items) != 1 || a.Items[0] != "postgresql" {
		t.Errorf("list %+v", a)
	}
	if a := db.Attr("tags"); a.Map["Env"] != "production" {
		t.Errorf("map %+v", a)
	}
	if b := db.Nested("timeouts"); len(b) != 1 || b[0].Attr("create").Text != "40m" {
		t.Errorf("nested %+v", b)
	}
	pg := linked[1].Resources("aws_db_parameter_group")[0]
	if b := pg.Nested("parameter"); len(b) != 2 || b[1].Attr("value").Text != "60000" {
		t.Errorf("parameters %+v", b)
	}
	if d.Terraform().Resources("aws_db_instance")[0].Attr("instance_class").Known {
		t.Error("linking must not change its arguments")
	}
}

func TestNginx(t *testing.T) {
	n := parse(t, KindNginx, "nginx.conf", read(t, "nginx.conf")).Nginx()
	up := n.Find("upstream")[0]
	if up.Arg(0) != "shop" || len(up.Children("server")) != 2 || up.Child("keepalive") != nil || up.Span != (Span{9, 12}) {
		t.Errorf("upstream %+v", up)
	}
	var pass *Directive
	var inside []*Directive
	n.Visit(func(d *Directive, parents []*Directive) bool {
		if d.Name == "proxy_pass" && pass == nil {
			pass, inside = d, append([]*Directive(nil), parents...)
		}
		return true
	})
	if pass == nil || pass.Arg(0) != "http://shop" || len(inside) != 3 {
		t.Fatalf("proxy_pass %+v in %d blocks", pass, len(inside))
	}
	if d := n.Effective(inside, "proxy_read_timeout"); d == nil || d.Arg(0) != "5s" {
		t.Errorf("inherited timeout %+v", d)
	}
	if n.Effective(inside, "gzip") != nil || n.HasInclude(inside) {
		t.Error("gzip is nowhere")
	}
	loc := n.Find("location")
	if loc[1].Arg(1) != `^/v\d{2}/` || !loc[1].Open {
		t.Errorf("quantifier in a location: %+v", loc[1].Args)
	}
	if f := n.Find("log_format"); f[0].Arg(1) != `$remote_addr "$request" {x;}` {
		t.Errorf("quoted words: %q", f[0].Args)
	}
	if l := n.Find("content_by_lua_block"); len(l) != 1 || !strings.Contains(l[0].Raw, "if x then") {
		t.Errorf("lua %+v", l)
	}
	if d := parse(t, KindNginx, "nginx.conf", read(t, "nginx.conf")); len(d.Problems) > 0 {
		t.Errorf("problems %+v", d.Problems)
	}
	part := parse(t, KindNginx, "n.conf", "server {\n listen 80;\n location / {\n  proxy_pass http://x;\n")
	if len(part.Nginx().Find("proxy_pass")) != 1 || len(part.Problems) != 1 {
		t.Errorf("an unclosed block is read as far as it goes: %+v", part.Problems)
	}
}

func TestSettings(t *testing.T) {
	for _, tc := range []struct {
		name, kind, path, src, key, want string
		line                             int
	}{
		{"properties", KindProperties, "a.properties", "# c\na.b = 1\nlong=x\\\n  y\n", "long", "xy", 3},
		{"properties colon", KindProperties, "a.properties", "spring.datasource.hikari.maximum-pool-size: 10", "spring.datasource.hikari.maximum-pool-size", "10", 1},
		{"env", KindEnv, ".env", "export A='b c' # no\nURL=postgres://x?y=1#z\n", "A", "b c", 1},
		{"env multi-line", KindEnv, ".env", "K=\"a\nb\"\nC=2 # two\n", "C", "2", 3},
		{"yaml", KindYAML, "application.yml", "spring:\n  datasource:\n    hikari:\n      pool: ${POOL:7}\n", "spring.datasource.hikari.pool", "${POOL:7}", 4},
		{"yaml anchor", KindYAML, "database.yml", "default: &d\n  pool: 5\nproduction:\n  <<: *d\n  host: x\n", "production.pool", "5", 2},
		{"erb", KindYAML, "database.yml", "default: &d\n  pool: <%= ENV.fetch(\"RAILS_MAX_THREADS\") { 5 } %>\n", "default.pool", "<%= ENV.fetch(\"RAILS_MAX_THREADS\") { 5 } %>", 2},
		{"toml", KindTOML, "c.toml", "[db]\nurl = \"x\" # y\nlist = [\n 1,\n]\n[[job]]\nname='a'\n", "job[0].name", "a", 7},
		{"json", KindJSON, "c.json", "{\n // c\n \"a\": {\"b\": [1, \"x\"]},\n}", "a.b[1]", "x", 3},
		{"postgres", KindINI, "postgresql.conf", "#max=1\nmax_connections = 100   # (change requires restart)\nstatement_timeout '60s'\n", "max_connections", "100", 2},
		{"postgres without equals", KindINI, "postgresql.conf", "statement_timeout '60s'\n", "statement_timeout", "60s", 1},
		{"my.cnf", KindINI, "my.cnf", "[mysqld]\nskip-name-resolve\nmax_connections=500\n", "mysqld.max_connections", "500", 3},
		{"redis", KindINI, "redis.conf", "save 900 1\nmaxmemory-policy noeviction\n", "maxmemory-policy", "noeviction", 2},
		{"continued ini", KindINI, "pytest.ini", "[pytest]\nmarkers =\n    slow: is slow\naddopts = -q\n", "pytest.addopts", "-q", 4},
		{"pgbouncer", KindINI, "pgbouncer.ini", "[databases]\nshop = host=db port=5432\n[pgbouncer]\npool_mode = transaction\n", "databases.shop", "host=db port=5432", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := parse(t, tc.kind, tc.path, tc.src).Settings().Get(tc.key)
			if !ok || got.Value != tc.want || got.Span.Start != tc.line {
				t.Errorf("%s = %+v (found %v), want %q on line %d", tc.key, got, ok, tc.want, tc.line)
			}
		})
	}
	s := parse(t, KindProperties, "a.properties", "spring.jpa.openInView=false").Settings()
	if _, ok := s.Relaxed("spring.jpa.open-in-view"); !ok {
		t.Error("relaxed binding")
	}
}

func TestDefaultOf(t *testing.T) {
	for in, want := range map[string]string{
		"5": "5", "${POOL:7}": "7", "${POOL:-8}": "8",
		`<%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>`: "5",
		`<%= ENV.fetch("RAILS_MAX_THREADS", 6) %>`:    "6",
		`<%= ENV['POOL'] || 10 %>`:                    "10",
		`{{ .Values.replicas | default 2 }}`:          "2",
	} {
		if got, ok := DefaultOf(in); !ok || got != want {
			t.Errorf("DefaultOf(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"${POOL}", "$POOL", `<%= ENV["POOL"] %>`, "{{ .Values.x }}", "a<%= 1 %>"} {
		if got, ok := DefaultOf(in); ok {
			t.Errorf("DefaultOf(%q) = %q, want none", in, got)
		}
	}
	if d, ok := (Setting{Value: "90s"}).Duration(time.Millisecond); !ok || d != 90*time.Second {
		t.Errorf("duration %v", d)
	}
	if d, ok := (Setting{Value: "500"}).Duration(time.Millisecond); !ok || d != 500*time.Millisecond {
		t.Errorf("duration %v", d)
	}
}

func TestDependencies(t *testing.T) {
	for _, tc := range []struct {
		path, src, ecosystem, name, version string
		dev                                 bool
		line                                int
	}{
		{"Gemfile", "source 'https://rubygems.org'\ngem \"rails\", \"~> 7.1\"\ngroup :development, :test do\n  gem 'rspec'\nend\ngem 'puma'\n", "rubygems", "rails", "~> 7.1", false, 2},
		{"Gemfile", "group :test do\n  gem 'rspec'\nend\ngem 'puma'\n", "rubygems", "rspec", "", true, 2},
		{"Gemfile", "group :test do\n  gem 'rspec'\nend\ngem 'puma'\n", "rubygems", "puma", "", false, 4},
		{"Gemfile.lock", "GEM\n  specs:\n    rails (7.1.3)\n      actionpack (= 7.1.3)\n", "rubygems", "rails", "7.1.3", false, 3},
		{"package.json", "{\n \"dependencies\": {\n  \"prisma\": \"^5.1\"\n },\n \"devDependencies\": {\"jest\": \"29\"}\n}", "npm", "jest", "29", true, 5},
		{"composer.json", "{\"require\": {\"laravel/framework\": \"^11\"}}", "composer", "laravel/framework", "^11", false, 1},
		{"go.mod", "module x\n\ngo 1.22\n\nrequire github.com/jackc/pgx/v5 v5.5.0\n", "go", "github.com/jackc/pgx/v5", "v5.5.0", false, 5},
		{"requirements.txt", "# c\n-r base.txt\nDjango[argon2]==4.2.1 ; python_version > '3'\n", "pypi", "django", "==4.2.1", false, 3},
		{"pyproject.toml", "[project]\ndependencies = [\n  \"SQLAlchemy>=2\",\n]\n", "pypi", "sqlalchemy", ">=2", false, 3},
		{"pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3.12\"\ndjangorestframework = \"^3\"\n", "pypi", "djangorestframework", "^3", false, 3},
		{"pom.xml", "<project><properties><v>6.1</v></properties>\n<dependencies><dependency>\n<groupId>org.hibernate</groupId><artifactId>hibernate-core</artifactId><version>${v}</version></dependency></dependencies></project>", "maven", "org.hibernate:hibernate-core", "6.1", false, 2},
		{"build.gradle.kts", "dependencies {\n  implementation(\"org.springframework.boot:spring-boot-starter-data-jpa:3.2.0\")\n}\n", "maven", "org.springframework.boot:spring-boot-starter-data-jpa", "3.2.0", false, 2},
		{"build.gradle", "plugins {\n  id 'org.springframework.boot' version '3.2.0'\n}\n", "maven", "org.springframework.boot", "3.2.0", false, 2},
	} {
		t.Run(tc.path+" "+tc.name, func(t *testing.T) {
			d := parse(t, KindDependencies, tc.path, tc.src)
			for _, dep := range d.Dependencies() {
				if dep.Name == tc.name {
					if dep.Ecosystem != tc.ecosystem || dep.Version != tc.version || dep.Dev != tc.dev || dep.Span.Start != tc.line {
						t.Errorf("%+v", dep)
					}
					return
				}
			}
			t.Errorf("%s is missing in %+v", tc.name, d.Dependencies())
		})
	}
}

func TestProcfile(t *testing.T) {
	ps := parse(t, KindProcfile, "Procfile", "web: bundle exec puma -C config/puma.rb\n# c\nworker: bundle exec sidekiq -c 20\n").Procfile()
	if len(ps) != 2 || ps[1].Name != "worker" || ps[1].Span.Start != 3 {
		t.Errorf("%+v", ps)
	}
}

// Hostile input costs little and is refused or cut with a sentence, never a panic.
func TestHostileInput(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		n := string(rune('a' + i))
		bomb.WriteString(n + ": &" + n + " [*" + prev(i) + ",*" + prev(i) + ",*" + prev(i) + ",*" + prev(i) + ",*" + prev(i) + ",*" + prev(i) + "]\n")
	}
	for _, tc := range []struct{ name, kind, src string }{
		{"yaml alias bomb", KindYAML, bomb.String()},
		{"yaml self alias", KindYAML, "a: &a [*a]\nb: &b\n  <<: *b\n"},
		{"yaml deep flow", KindYAML, strings.Repeat("[", 100_000)},
		{"yaml deep maps", KindYAML, strings.Repeat("{a: ", 9_000) + strings.Repeat("}", 9_000)},
		{"yaml deep blocks", KindYAML, strings.Repeat("- ", 100_000)},
		{"json deep", KindJSON, strings.Repeat("[", 100_000)},
		{"terraform deep", KindTerraform, "a = " + strings.Repeat("[", 100_000)},
		{"terraform unary", KindTerraform, "a = " + strings.Repeat("!", 100_000) + "true"},
		{"terraform templates", KindTerraform, "a = " + strings.Repeat("\"${", 100_000)},
		{"nginx deep", KindNginx, strings.Repeat("a {\n", 100_000)},
		{"template tags", KindYAML, "a: " + strings.Repeat("{{x}}", 200_000)},
		{"template opens", KindYAML, "a: " + strings.Repeat("<% {{ ", 200_000)},
		{"toml brackets", KindTOML, strings.Repeat("a=[\n", 100_000)},
		{"dockerfile heredocs", KindDockerfile, "FROM x\n" + strings.Repeat("RUN cat <<A\n", 50_000)},
		{"dockerfile continuation", KindDockerfile, "FROM x\n" + strings.Repeat("\\\n", 200_000)},
		{"nul bytes", KindEnv, "A=\x00\xff\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			if _, err := Parse(tc.kind, "x", []byte(tc.src)); err != nil && len(err.Error()) > 500 {
				t.Errorf("the error is longer than a sentence: %.100s", err)
			}
			// Generous: the machine may be busy. A quadratic parser takes minutes here.
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	if _, err := Parse(KindYAML, "x", make([]byte, MaxBytes+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("oversized file: %v", err)
	}
	d := parse(t, KindYAML, "x", "a: 1\n---\nb: [\n---\nc: 3\n")
	if len(d.YAML()) != 2 || d.YAML()[1].Field("c").Span.Start != 5 || len(d.Problems) != 1 {
		t.Errorf("one bad document must not take the others: %d read, %+v", len(d.YAML()), d.Problems)
	}
}

func prev(i int) string {
	if i == 1 {
		return "a0"
	}
	return string(rune('a' + i - 1))
}

func FuzzParse(f *testing.F) {
	kinds := []string{KindDockerfile, KindCompose, KindKubernetes, KindYAML, KindTerraform, KindNginx, KindProperties, KindEnv,
		KindTOML, KindJSON, KindINI, KindProcfile, KindDependencies}
	names := []string{"Gemfile", "Gemfile.lock", "package.json", "go.mod", "pom.xml", "build.gradle", "pyproject.toml", "requirements.txt"}
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			for i := range kinds {
				f.Add(i, b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind int, src []byte) {
		if kind < 0 {
			kind = -(kind + 1)
		}
		name := names[kind/len(kinds)%len(names)]
		d, err := Parse(kinds[kind%len(kinds)], name, src)
		if err != nil {
			return
		}
		if s := d.Settings(); s != nil {
			for _, it := range s.All {
				if it.Span.Start < 1 || it.Span.End < it.Span.Start || it.Span.Start > d.Lines+1 {
					t.Errorf("setting %q at %v of %d lines", it.Key, it.Span, d.Lines)
				}
				_, _ = it.Int()
				_, _ = it.Duration(time.Second)
			}
		}
		if df := d.Dockerfile(); df != nil {
			for i := range df.Stages {
				for _, in := range df.Stages[i].Instructions {
					if in.Span.Start < 1 || in.Span.End > d.Lines+1 || in.Span.End < in.Span.Start {
						t.Errorf("instruction %s at %v of %d lines", in.Keyword, in.Span, d.Lines)
					}
				}
				df.Lineage(&df.Stages[i])
			}
		}
		d.Nginx().Visit(func(x *Directive, parents []*Directive) bool {
			if x.Span.Start < 1 || x.Span.End < x.Span.Start {
				t.Errorf("directive %q at %v", x.Name, x.Span)
			}
			return true
		})
		if tf := d.Terraform(); tf != nil {
			LinkTerraform(tf, tf)
		}
	})
}
