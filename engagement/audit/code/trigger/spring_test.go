package trigger_test

import (
	"maps"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/engagement/audit/code/trigger"
)

func TestDevelopment(t *testing.T) {
	const conditional = "@Configuration\nclass A { @Bean @ConditionalOnProperty(prefix = \"shop\", name = \"proxy-on\", havingValue = \"true\") X x() { return mark(); } }\n"
	dev := map[string]string{"src/main/resources/application-dev.yml": "shop:\n  proxy-on: true\n"}
	for _, c := range []struct {
		name   string
		java   string
		config map[string]string
		want   bool
	}{
		{"set for developers", conditional, dev, true},
		{"set for all", conditional, map[string]string{"src/main/resources/application.yml": "shop:\n  proxyOn: true\n"}, false},
		{"set for all and for developers", conditional, map[string]string{"src/main/resources/application.properties": "shop.proxy-on=${PROXY:true}\n", "src/main/resources/application-dev.yml": dev["src/main/resources/application-dev.yml"]}, false},
		{"off for all", conditional, map[string]string{"src/main/resources/application.yml": "shop:\n  proxy-on: false\n", "src/main/resources/application-dev.yml": dev["src/main/resources/application-dev.yml"]}, true},
		{"set by a container", conditional, map[string]string{"docker-compose.yml": "services:\n  app:\n    image: shop\n    environment:\n      SHOP_PROXYON: \"true\"\n", "src/main/resources/application-dev.yml": dev["src/main/resources/application-dev.yml"]}, false},
		{"set nowhere", conditional, nil, false},
		{"on unless set", "class A { @Bean @ConditionalOnProperty(name = \"shop.proxy-on\", matchIfMissing = true) X x() { return mark(); } }\n", dev, false},
		{"a profile", "@Profile({\"dev\", \"test\"})\n@Component\nclass A { A() { mark(); } }\n", nil, true},
		{"every other profile", "@Profile(\"!dev\")\n@Component\nclass A { A() { mark(); } }\n", nil, false},
		{"one of two profiles", "@Profile({\"dev\", \"cloud\"})\n@Component\nclass A { A() { mark(); } }\n", nil, false},
		{"made by such a bean", "class X { X() { mark(); } }\nclass A { @Bean @Profile(\"local\") X x() { return new X(); } }\n", nil, true},
		{"made by another bean as well", "class X { X() { mark(); } }\nclass A { @Bean @Profile(\"local\") X x() { return new X(); }\n @Bean X y() { return new X(); } }\n", nil, false},
		{"a bean of its own", "@Component\nclass X { X() { mark(); } }\nclass A { @Bean @Profile(\"local\") X x() { return new X(); } }\n", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"src/main/java/A.java": c.java}
			maps.Copy(files, c.config)
			p := load.FromFiles(files)
			f := p.File("src/main/java/A.java")
			for n := range f.Tree.Root().Descendants(syntax.Call) {
				if n.Str() == "mark" {
					if got := trigger.Development(p, f, n); got != c.want {
						t.Errorf("for development: %v, want %v", got, c.want)
					}
					return
				}
			}
			t.Fatal("no call of mark")
		})
	}
}
