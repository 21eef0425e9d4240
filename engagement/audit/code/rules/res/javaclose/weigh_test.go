package javaclose

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

func TestWeigh(t *testing.T) {
	for _, c := range []struct {
		name, source string
		severity     report.Severity
		says         string
	}{
		{"a file has a cleaner", "class A {\n  void f(Properties p, File x) throws Exception {\n    InputStream in = new FileInputStream(x);\n    p.load(in);\n  }\n}\n", report.Medium, "each call keeps a descriptor, of which the process has 1,024"},
		{"a resource of the class path", "class A {\n  void f(Properties p) throws Exception {\n    InputStream in = A.class.getClassLoader().getResourceAsStream(\"x\");\n    p.load(in);\n  }\n}\n", report.Low, "class path"},
		{"a connection of a pool", "class A {\n  void f() throws Exception {\n    Connection c = dataSource.getConnection();\n    c.commit();\n  }\n}\n", report.High, "out of its pool for good"},
		{"at the start of the process", "class A {\n  @PostConstruct\n  void f() throws Exception {\n    Connection c = dataSource.getConnection();\n    c.commit();\n  }\n}\n", report.Low, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load.FromFiles(map[string]string{"src/A.java": c.source})
			found := rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, Rule).Run()
			if len(found) != 1 {
				t.Fatalf("%d findings, want one", len(found))
			}
			f := found[0]
			if f.Severity != c.severity || !strings.Contains(f.Claim, c.says) {
				t.Errorf("%s: %q, want %s: %q", f.Severity, f.Claim, c.severity, c.says)
			}
			if f.Cost == nil || f.Cost.Unit == "ms" || f.Cost.Now != 1 || f.Cost.Event != "call" {
				t.Errorf("cost %+v, want one thing for each call", f.Cost)
			}
		})
	}
}
