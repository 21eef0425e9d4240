package migration

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/foundation/schema"
)

var laravelFile = regexp.MustCompile(`^(\d{4}_\d{2}_\d{2}_\d{6})_`)

// laravel writes one migration. Laravel has no word for CONCURRENTLY, so that on PostgreSQL the
// statements are given as SQL, outside of a transaction.
func (w *Writer) laravel(s *store) {
	adds := s.plain()
	var newest, version string
	for _, p := range paths(s.db) {
		if m := laravelFile.FindStringSubmatch(path.Base(p)); m != nil && m[1] > version {
			newest, version = p, m[1]
		}
	}
	if len(adds) == 0 || newest == "" {
		return
	}
	next := version
	if t, err := time.Parse("2006_01_02_150405", version); err == nil {
		next = t.Add(time.Duration(w.step)*time.Minute + time.Duration(w.position(s))*time.Second).Format("2006_01_02_150405")
	}
	name := w.title(adds)
	postgres := s.db.Schema.Dialect == schema.Postgres
	var up, down strings.Builder
	for _, a := range adds {
		if postgres {
			fmt.Fprintf(&up, "        DB::statement('%s');\n", strings.TrimSuffix(statement(s.db.Schema, a, true), ";"))
			fmt.Fprintf(&down, "        DB::statement('%s');\n", strings.TrimSuffix(dropStatement(s.db.Schema, a, true), ";"))
			continue
		}
		word := "index"
		if a.index.Unique {
			word = "unique"
		}
		names := make([]string, len(a.index.Columns))
		for i, c := range a.index.Columns {
			names[i] = "'" + c.Name + "'"
		}
		table := fmt.Sprintf("        Schema::table('%s', function (Blueprint $table) {\n", a.table.Name)
		list, name := "["+strings.Join(names, ", ")+"]", ", '"+a.index.Name+"'"
		if len(names) == 1 {
			list = names[0]
		}
		gone := "'" + a.index.Name + "'"
		if a.index.Name == laravelName(a.table.Name, schemaNames(a.index), a.index.Unique) { // Blueprint's own
			name, gone = "", "["+strings.Join(names, ", ")+"]"
		}
		fmt.Fprintf(&up, "%s            $table->%s(%s%s);\n        });\n", table, word, list, name)
		fmt.Fprintf(&down, "%s            $table->drop%s(%s);\n        });\n", table, strings.ToUpper(word[:1])+word[1:], gone)
	}
	class, end := "return new class extends Migration", "};"
	if !strings.Contains(w.text(newest), "return new class") {
		class, end = "class "+camel(name)+" extends Migration", "}"
	}
	imports := "use Illuminate\\Database\\Migrations\\Migration;\nuse Illuminate\\Database\\Schema\\Blueprint;\nuse Illuminate\\Support\\Facades\\Schema;\n"
	transaction := ""
	if postgres {
		imports = "use Illuminate\\Database\\Migrations\\Migration;\nuse Illuminate\\Support\\Facades\\DB;\n"
		transaction = "    public $withinTransaction = false;\n\n"
	}
	void := ""
	if strings.Contains(w.text(newest), "up(): void") {
		void = ": void"
	}
	text := fmt.Sprintf("<?php\n\n%s\n%s\n{\n%s    public function up()%s\n    {\n%s    }\n\n    public function down()%s\n    {\n%s    }\n%s\n", imports, class, transaction, void, up.String(), void, down.String(), end)
	s.share(adds, patch.Edit{Path: path.Join(path.Dir(newest), next+"_"+name+".php"), New: text, Create: true})
}

func schemaNames(ix *schema.Index) []string {
	out := make([]string, len(ix.Columns))
	for i, c := range ix.Columns {
		out[i] = c.Name
	}
	return out
}
