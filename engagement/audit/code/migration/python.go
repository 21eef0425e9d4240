package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/foundation/schema"
)

var (
	revisionOf     = regexp.MustCompile(`(?m)^revision\s*(?::\s*\w+\s*)?=\s*["']([^"']+)["']`)
	downRevisionOf = regexp.MustCompile(`(?m)^down_revision\s*(?::[^=\n]+)?=\s*(.+)$`)
	pyString       = regexp.MustCompile(`["']([^"']+)["']`)
)

// alembic writes one revision on top of the only head.
func (w *Writer) alembic(s *store) {
	adds := s.plain()
	parents := map[string]bool{}
	files := map[string]string{}
	for _, p := range paths(s.db) {
		src := w.text(p)
		m := revisionOf.FindStringSubmatch(src)
		if m == nil {
			continue
		}
		files[m[1]] = p
		if d := downRevisionOf.FindStringSubmatch(src); d != nil {
			for _, r := range pyString.FindAllStringSubmatch(d[1], -1) {
				parents[r[1]] = true
			}
		}
	}
	var heads []string
	for r := range files {
		if !parents[r] {
			heads = append(heads, r)
		}
	}
	if len(heads) != 1 || len(adds) == 0 {
		return // several heads: which one goes on is for a person to say
	}
	head := heads[0]
	name := w.title(adds)
	sum := sha256.Sum256([]byte(head + "\x00" + name))
	revision := hex.EncodeToString(sum[:6])
	postgres := s.db.Schema.Dialect == schema.Postgres
	indent, block := "    ", ""
	if postgres {
		indent, block = "        ", "    with op.get_context().autocommit_block():\n"
	}
	up, down := block, block
	for _, a := range adds {
		names := quoted(a.index.Columns)
		extra, gone := "", ""
		if a.index.Unique {
			extra = ", unique=True"
		}
		if postgres {
			extra += ", postgresql_concurrently=True"
			gone = ", postgresql_concurrently=True"
		}
		up += fmt.Sprintf("%sop.create_index(%q, %q, %s%s)\n", indent, a.index.Name, a.table.Name, names, extra)
		down += fmt.Sprintf("%sop.drop_index(%q, table_name=%q%s)\n", indent, a.index.Name, a.table.Name, gone)
	}
	text := fmt.Sprintf("\"\"\"%s\n\nRevision ID: %s\nRevises: %s\n\n\"\"\"\n\nfrom alembic import op\n\nrevision = %q\ndown_revision = %q\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n%s\n\ndef downgrade():\n%s",
		strings.ReplaceAll(name, "_", " "), revision, head, revision, head, up, down)
	file := path.Join(path.Dir(files[head]), revision+"_"+name+".py")
	s.share(adds, patch.Edit{Path: file, New: text, Create: true})
}
