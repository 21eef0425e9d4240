package migration

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Longest identifiers.
const (
	longestPostgres = 63 // bytes (NAMEDATALEN - 1)
	longestMySQL    = 64
)

// Name is what the project's tool would call an index on plain columns, or what the project's own
// indexes are called like; "" when neither says. The same name stands in a patch, in the statement that
// builds the index and in the one that drops it.
func Name(p *project.Project, db *project.Database, t *schema.Table, ix *schema.Index) string {
	columns := make([]string, 0, len(ix.Columns))
	for _, c := range ix.Columns {
		if c.Name == "" {
			return ""
		}
		columns = append(columns, c.Name)
	}
	longest := longestPostgres
	if db.Schema.Dialect == schema.MySQL {
		longest = longestMySQL
	}
	name := ""
	switch NewWriter(p, "", 1).toolOf(db) {
	case prisma:
		return prismaName(t, columns)
	case laravel:
		name = laravelName(t.Name, columns, ix.Unique)
	case rails:
	case django:
		return djangoIndexName("index_" + bareTable(t) + "_on_" + strings.Join(columns, "_and_"))
	default:
		name = likeOthers(db.Schema, t, columns)
	}
	if len(name) > longest {
		return "" // the caller cuts the usual name and adds a digest
	}
	return name
}

func bareTable(t *schema.Table) string { return t.Name[strings.LastIndexByte(t.Name, '.')+1:] }

// prismaName is TABLE_COLUMNS_idx; Prisma cuts the columns and keeps its suffix.
func prismaName(t *schema.Table, columns []string) string {
	name := bareTable(t) + "_" + strings.Join(columns, "_") + "_idx"
	if len(name) > longestPostgres {
		name = name[:longestPostgres-len("_idx")] + "_idx"
	}
	return name
}

// laravelName is what Blueprint calls an index for which no name is given.
func laravelName(table string, columns []string, unique bool) string {
	kind := "index"
	if unique {
		kind = "unique"
	}
	return strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToLower(table + "_" + strings.Join(columns, "_") + "_" + kind))
}

// likeOthers follows the form that at least half of the schema's named indexes have: a prefix before
// table and columns, or a suffix behind them.
func likeOthers(s *schema.Schema, t *schema.Table, columns []string) string {
	forms := []struct{ prefix, suffix string }{{"idx_", ""}, {"ix_", ""}, {"", "_idx"}, {"", "_index"}, {"IDX_", ""}}
	votes := make([]int, len(forms))
	total := 0
	for _, table := range s.Tables {
		for _, ix := range table.Indexes {
			if ix.AutoNamed || ix.Constraint || ix.Primary || ix.Name == "" {
				continue
			}
			total++
			for i, f := range forms {
				if strings.HasPrefix(ix.Name, f.prefix) && strings.HasSuffix(ix.Name, f.suffix) {
					votes[i]++
					break
				}
			}
		}
	}
	for i, f := range forms {
		if votes[i] >= 3 && 2*votes[i] >= total {
			return f.prefix + bareTable(t) + "_" + strings.Join(columns, "_") + f.suffix
		}
	}
	return ""
}

// title names the file of a group: by the index when there is one, by the table
// otherwise.
func (w *Writer) title(adds []*addition) string {
	tables := map[string]bool{}
	for _, a := range adds {
		tables[bareTable(a.table)] = true
	}
	switch {
	case len(adds) == 1:
		return "add_" + snake(adds[0].index.Name)
	case len(tables) == 1:
		return "index_" + snake(bareTable(adds[0].table)) + "_" + strings.Trim(w.label, "_")
	}
	return "add_indexes_on_" + strings.Trim(w.label, "_")
}

// initial reports whether SQL files fill a new server rather than change one: they choose or create a
// database themselves, or a service starts with their folder. Another file among them is no migration.
func (w *Writer) initial(db *project.Database) bool {
	for _, f := range db.Files {
		for _, l := range strings.Split(w.text(f), "\n") {
			l = strings.ToUpper(strings.TrimSpace(l))
			if strings.HasPrefix(l, "USE ") || strings.HasPrefix(l, "CREATE DATABASE ") || strings.HasPrefix(l, `\CONNECT`) || strings.HasPrefix(l, `\C `) {
				return true
			}
		}
	}
	if len(db.Files) == 0 {
		return false
	}
	dir := path.Dir(db.Files[0])
	for _, f := range w.project.Files {
		base := strings.ToLower(path.Base(f.Path))
		if !strings.Contains(base, "compose") && !strings.HasPrefix(base, "dockerfile") {
			continue
		}
		for _, l := range strings.Split(string(f.Source()), "\n") {
			if strings.Contains(l, "docker-entrypoint-initdb.d") && strings.Contains(l, path.Base(dir)) {
				return true
			}
		}
	}
	return false
}
