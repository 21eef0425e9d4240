package clientnotimeout

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

// TestPlaces holds what a finding says about who waits and what to do.
func TestPlaces(t *testing.T) {
	const fetch = "import fs from \"node:fs\";\nexport const go = async (u: string) => fetch(u);\ngo(\"a\");\n"
	for _, c := range []struct {
		name     string
		files    map[string]string
		severity report.Severity
		visible  bool
		says     string // somewhere in claim, outage mode, fix or patch
	}{
		{"a lock is held", map[string]string{"s/s.go": "package s\n\nimport \"net/http\"\n\nfunc (c *C) f() error {\n\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\t_, err := http.Get(c.url)\n\treturn err\n}\n"},
			report.High, true, "`c.mu` is locked"},
		{"one client for the package", map[string]string{"s/s.go": "package s\n\nimport (\n\t\"net/http\"\n)\n\nfunc f(u string) error {\n\t_, err := http.Get(u)\n\treturn err\n}\n"},
			report.High, true, "var httpClient = &http.Client{Timeout: 30 * time.Second}"},
		{"goroutines do not run dry", map[string]string{"s/s.go": "package s\n\nimport \"net/http\"\n\nfunc f(u string) { http.Get(u) }\n"}, report.High, true, "goroutine"},
		{"a command", map[string]string{"cmd/list/main.go": "package main\n\nimport \"net/http\"\n\nfunc main() { http.Get(\"http://x\") }\n"}, report.Low, false, "stops it"},
		{"a command that serves", map[string]string{"cmd/list/main.go": "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.Get(\"http://x\")\n\thttp.ListenAndServe(\":80\", nil)\n}\n"}, report.High, true, "goroutine"},
		{"a method that is synchronized", map[string]string{"A.java": "import org.springframework.web.client.RestTemplate;\nclass A {\n  synchronized void f() {\n    RestTemplate t = new RestTemplate();\n    t.getForObject(u, String.class);\n  }\n}\n"},
			report.High, true, "synchronized"},
		{"a timer", map[string]string{"A.java": "import org.springframework.web.client.RestTemplate;\nclass A {\n  private final RestTemplate t = new RestTemplate();\n  void start() { scheduler.scheduleAtFixedRate(this.look, 0, 1, HOURS); }\n  Runnable look = () -> { t.getForObject(u, String.class); };\n}\n"},
			report.Medium, true, "this schedule"},
		{"callers bring a client", map[string]string{"A.java": "import org.springframework.web.client.RestTemplate;\nclass A {\n  A() { this.t = new RestTemplate(); }\n  A(RestTemplate t) { this.t = t; }\n}\n"}, report.Low, true, "makes a client"},
		{"a job with a limit", map[string]string{"app/settings.py": "RQ_DEFAULT_TIMEOUT = getattr(c, 'RQ_DEFAULT_TIMEOUT', 300)\n", "app/hooks.py": "import requests\nfrom django_rq import job\n\n@job('default')\ndef send(u):\n    requests.post(u)\n"},
			report.Medium, true, "300 s (RQ_DEFAULT_TIMEOUT at app/settings.py:1)"},
		{"development only", map[string]string{"app/A.php": "<?php\nuse GuzzleHttp\\Client;\nclass A {\n  function f() {\n    if (App::environment('local')) {\n      return new Client(['verify' => false]);\n    }\n  }\n}\n"}, report.Low, false, ""},
		{"an event loop", map[string]string{"worker/a.ts": fetch}, report.Medium, true, "event loop"},
		{"a transfer", map[string]string{"worker/a.ts": "import fs from \"node:fs\";\nexport const go = async (u: string) => (await fetch(u)).arrayBuffer();\ngo(\"a\");\n"}, report.Medium, true, "not the whole transfer"},
		{"the project's own function", map[string]string{"worker/a.ts": fetch, "worker/t.ts": "import fs from \"node:fs\";\nexport const fetchWithTimeout = async (input: string) => fetch(input, { signal: AbortSignal.timeout(5) });\n"},
			report.Medium, true, "`fetchWithTimeout` (worker/t.ts:2)"},
		{"an own function that bounds on request", map[string]string{"worker/a.ts": fetch, "worker/t.ts": "import fs from \"node:fs\";\nexport async function send(input: string, init?: Init) {\n  const { ms, ...rest } = init || {};\n  let c: AbortController | undefined;\n  if (ms && !rest.signal) {\n    c = new AbortController();\n    setTimeout(() => c?.abort(), ms);\n  }\n  const signal = c?.signal || rest.signal;\n  return await fetch(input, { ...rest, signal });\n}\n"},
			report.Medium, true, "`send` (worker/t.ts:10) sets a timeout only for callers that ask"},
		{"an own function with a default", map[string]string{"worker/a.ts": fetch, "worker/t.ts": "import fs from \"node:fs\";\nexport async function send(input: string, init?: Init) {\n  const { ms = 5000, ...rest } = init || {};\n  const c = new AbortController();\n  setTimeout(() => c.abort(), ms);\n  return await fetch(input, { ...rest, signal: c.signal });\n}\n"},
			report.Medium, true, "call the project's own `send` (worker/t.ts:6), which has one"},
		{"an own function that passes on", map[string]string{"a.py": "import requests\n\ndef go(u):\n    requests.post(u)\n", "t.py": "import requests\n\ndef send(url, timeout=None):\n    return requests.get(url, timeout=timeout)\n"},
			report.High, true, "`send` (t.py:4) sets a timeout only"},
		{"an own function that fills in", map[string]string{"a.py": "import requests\n\ndef go(u):\n    requests.post(u)\n", "t.py": "import requests\n\ndef send(url, timeout=None):\n    if timeout is None:\n        timeout = 10\n    return requests.get(url, timeout=timeout)\n"},
			report.High, true, "own `send` (t.py:6), which has one"},
		{"a client that does not block", map[string]string{"A.java": "import org.springframework.web.reactive.function.client.WebClient;\nclass A {\n  private final WebClient w = WebClient.create();\n  Mono<String> f(String u) { return w.get().uri(u).retrieve().bodyToMono(String.class); }\n}\n"},
			report.Medium, true, "No worker is held"},
		{"an answer that is blocked for", map[string]string{"A.java": "import org.springframework.web.reactive.function.client.WebClient;\nclass A {\n  private final WebClient w = WebClient.create();\n  String f(String u) { return w.get().uri(u).retrieve().bodyToMono(String.class).block(); }\n}\n"},
			report.High, true, "takes every worker"},
		{"a connector beside one that is bounded", map[string]string{"A.java": "import org.springframework.http.client.reactive.ReactorClientHttpConnector;\nimport reactor.netty.http.client.HttpClient;\nclass A {\n  Object f() { return new ReactorClientHttpConnector(HttpClient.create().compress(true)); }\n}\n", "B.java": "import reactor.netty.http.client.HttpClient;\nclass B {\n  Object f() { return HttpClient.create().responseTimeout(Duration.ofSeconds(9)); }\n}\n"},
			report.Medium, true, "as the project does at B.java:3"},
		{"a bean of a profile of developers", map[string]string{"A.java": "import org.springframework.web.reactive.function.client.WebClient;\nclass X {\n  private final WebClient w;\n  X() { w = WebClient.create(); }\n  Object f(String u) { return w.get().uri(u).retrieve(); }\n}\nclass A {\n  @Bean @Profile(\"dev\") X x() { return new X(); }\n}\n"}, report.Low, false, "development only"},
		{"a bean of every profile but theirs", map[string]string{"A.java": "import org.springframework.web.reactive.function.client.WebClient;\nclass X {\n  private final WebClient w;\n  X() { w = WebClient.create(); }\n  Object f(String u) { return w.get().uri(u).retrieve(); }\n}\nclass A {\n  @Bean @Profile(\"!dev\") X x() { return new X(); }\n}\n"}, report.Medium, true, "No worker is held"},
		{"a script of package.json", map[string]string{"icons.js": "const fs = require(\"fs\");\nimport http from \"http\";\nfetch(\"https://x.test/icons\");\n", "package.json": "{\"scripts\": {\"build:icons\": \"node icons.js\"}}"}, report.Low, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load.FromFiles(c.files)
			found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, Rule).Run()
			if len(found) != 1 {
				t.Fatalf("%d findings, want one", len(found))
			}
			f := found[0]
			text := f.Claim + f.Cliff + f.Fix.Summary
			for _, e := range f.Edits {
				text += e.New
			}
			if f.Severity != c.severity || (f.Confidence >= 0.5) != c.visible || !strings.Contains(text, c.says) {
				t.Errorf("severity %s, confidence %.2f, text %q; want %s, visible %v, %q", f.Severity, f.Confidence, text, c.severity, c.visible, c.says)
			}
			if f.Cost != nil {
				t.Errorf("a wait of assumed length against an assumed timeout is no cost: %+v", f.Cost)
			}
		})
	}
}
