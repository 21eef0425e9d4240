//go:build cgo

package lang

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/java"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/php"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/python"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/ruby"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/template"
	"github.com/napkin-infra/napkin/engagement/audit/code/lang/typescript"
)

func init() {
	lowerings["ruby"] = ruby.Lower
	lowerings["python"] = python.Lower
	lowerings["typescript"] = typescript.Lower
	lowerings["tsx"] = typescript.LowerTSX
	lowerings["javascript"] = typescript.LowerJavaScript
	lowerings["php"] = php.Lower
	lowerings["java"] = java.Lower
	lowerings["erb"] = template.ERB
	lowerings["haml"] = template.HAML
	lowerings["slim"] = template.Slim
	lowerings["jinja"] = template.Jinja
	lowerings["blade"] = template.Blade
}
