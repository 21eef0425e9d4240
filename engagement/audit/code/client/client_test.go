package client_test

import (
	"fmt"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

func TestStates(t *testing.T) {
	states := map[client.State]string{client.Unset: "unset", client.Infinite: "infinite", client.Bounded: "bounded", client.Unknown: "unknown"}
	for _, c := range []struct{ name, path, source, want string }{
		{"nothing given", "a.py", "import requests\nrequests.get(u)\n", "requests unset"},
		{"an alias", "a.py", "from requests import get as g\ng(u, timeout=3)\n", "requests bounded"},
		{"none is for ever", "a.py", "import requests\nrequests.get(u, timeout=None)\n", "requests infinite"},
		{"options of a caller", "a.py", "import requests\ndef f(u, **kw):\n    requests.get(u, **kw)\n", "requests unknown"},
		{"options completed", "a.py", "import requests\ndef f(u, **kw):\n    kw.setdefault('timeout', 3)\n    requests.get(u, **kw)\n", "requests bounded"},
		{"a module of the same name as a method", "a.py", "client.get(u)\n", ""},
		{"a setter behind the constructor", "a.rb", "h = Net::HTTP.new(a)\nh.read_timeout = 3\n", "Net::HTTP bounded"},
		{"a setter of another client", "a.rb", "h = Net::HTTP.new(a)\nk.read_timeout = 3\n", "Net::HTTP unset"},
		{"a constant of the project", "a.rb", "module HTTP\nend\nHTTP.get(u)\n", ""},
		{"a builder", "A.java", "import okhttp3.OkHttpClient;\nclass A { Object c = new OkHttpClient(); }\n", "OkHttp unset"},
		{"a class of another package", "A.java", "import a.b.RestTemplate;\nclass A { Object c = new RestTemplate(); }\n", ""},
		{"a wildcard import", "A.java", "import org.springframework.web.client.*;\nclass A { Object c = new RestTemplate(); }\n", "RestTemplate unset"},
		{"zero in a literal", "a.go", "package a\nimport \"net/http\"\nvar c = &http.Client{Timeout: 0}\n", "http.Client infinite"},
		{"keys by constant", "a.php", "<?php\nuse GuzzleHttp\\Client;\nuse GuzzleHttp\\RequestOptions;\n$c = new Client([RequestOptions::TIMEOUT => 3]);\n", "Guzzle bounded"},
		{"a local function called fetch", "worker/a.ts", "function fetch(u: string) {}\nfetch(u);\n", ""},
		{"a signal", "worker/a.ts", "fetch(u, { signal: s });\n", "fetch bounded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, s := range client.Find(load.FromFiles(map[string]string{c.path: c.source})).Sites {
				got += fmt.Sprintf("%s %s", s.Spec.Library, states[s.State])
			}
			if got != c.want {
				t.Errorf("sites = %q, want %q", got, c.want)
			}
		})
	}
}

func TestServerOrBrowser(t *testing.T) {
	for _, c := range []struct {
		name, path, source string
		want               bool
	}{
		{"node module", "src/a.ts", "import fs from \"node:fs\";\nfetch(u);\n", true},
		{"folder of workers", "worker/src/a.ts", "fetch(u);\n", true},
		{"named server", "app/a.server.ts", "fetch(u);\n", true},
		{"uses the window", "server/a.ts", "fetch(window.location.href);\n", false},
		{"imports react", "api/a.ts", "import { useState } from \"react\";\nfetch(u);\n", false},
		{"a view", "server/a.tsx", "fetch(u);\n", false},
		{"nothing tells", "src/a.ts", "fetch(u);\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := client.Find(load.FromFiles(map[string]string{c.path: c.source})).Server[c.path]; got != c.want {
				t.Errorf("on a server = %v, want %v", got, c.want)
			}
		})
	}
}
