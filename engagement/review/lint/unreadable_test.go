package lint_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// TestUnreadable: title and advice are about what is wrong with the file, and the version is that of the review.
func TestUnreadable(t *testing.T) {
	for source, want := range map[string][2]string{
		"SELECT 'a": {"cannot be read to its end", "Close what begins in line 1, column 8."},
		"COPY t (a) FROM stdin;\n1\nDROP TABLE x;\n": {"have no end mark", "INSERT"},
		"\xff\xfeS\x00":   {"is UTF-16 and was not read", "iconv -f UTF-16"},
		"\x7fELF\x00\x01": {"is no text", "Take the file out"},
	} {
		m := layout.Parse("x.sql", []byte(source), layout.Plain, schema.Postgres, "")
		if m.Err == nil {
			t.Errorf("%q is read", source)
			continue
		}
		f := lint.Unreadable(m, predict.Newest(predict.PostgreSQL))
		if !strings.Contains(f.Title, want[0]) || !strings.Contains(f.Fix.Summary, want[1]) || f.Evidence == 4 || strings.HasSuffix(f.Facts[5].Value, " 0.0") {
			t.Errorf("%q: %+v", source, f)
		}
	}
}
