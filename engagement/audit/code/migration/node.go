package migration

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/foundation/schema"
)

var (
	nodeName     = regexp.MustCompile(`^(\d+)([._-])`)
	typeormClass = regexp.MustCompile(`class\s+\w+?(\d{13})\b`)
)

// node writes one migration of Knex, Sequelize or TypeORM with the statements as SQL, which all three
// can run, in the module style of the newest migration.
func (w *Writer) node(s *store, t tool) {
	var newest, version string
	for _, p := range paths(s.db) {
		m := nodeName.FindStringSubmatch(path.Base(p))
		if m == nil || len(m[1]) < len(version) || len(m[1]) == len(version) && m[1] < version {
			continue
		}
		newest, version = p, m[1]
	}
	if newest == "" || len(s.adds) == 0 {
		return
	}
	src := w.text(newest)
	sep := nodeName.FindStringSubmatch(path.Base(newest))[2]
	name := w.title(s.adds)
	base := strings.ReplaceAll(name, "_", sep)
	if sep == "." {
		base = name
	}
	next := later(version, w.step, w.position(s))
	concurrent := s.db.Schema.Dialect == schema.Postgres
	run := map[tool]string{knex: "knex.raw", sequelize: "queryInterface.sequelize.query", typeorm: "queryRunner.query"}[t]
	var up, down strings.Builder
	for _, a := range s.adds {
		fmt.Fprintf(&up, "%s    await %s(%s);\n", "", run, jsString(statement(s.db.Schema, a, true)))
		fmt.Fprintf(&down, "    await %s(%s);\n", run, jsString(dropStatement(s.db.Schema, a, true)))
	}
	text := ""
	switch t {
	case typeorm:
		class := camel(name) + next
		flag := ""
		if concurrent {
			flag = "  transaction = false;\n\n"
		}
		if strings.HasSuffix(newest, ".ts") {
			text = fmt.Sprintf("import { MigrationInterface, QueryRunner } from 'typeorm';\n\nexport class %s implements MigrationInterface {\n  name = '%s';\n%s\n  public async up(queryRunner: QueryRunner): Promise<void> {\n%s  }\n\n  public async down(queryRunner: QueryRunner): Promise<void> {\n%s  }\n}\n", class, class, strings.TrimSuffix(flag, "\n"), up.String(), down.String())
		} else {
			text = fmt.Sprintf("module.exports = class %s {\n%s  async up(queryRunner) {\n%s  }\n\n  async down(queryRunner) {\n%s  }\n};\n", class, flag, up.String(), down.String())
		}
		if typeormClass.FindString(src) == "" && !strings.Contains(src, "class ") {
			return
		}
	case sequelize:
		body := fmt.Sprintf("{\n  async up(queryInterface) {\n%s  },\n\n  async down(queryInterface) {\n%s  },\n};\n", up.String(), down.String())
		switch {
		case strings.HasSuffix(newest, ".ts"):
			body = strings.ReplaceAll(body, "(queryInterface)", "(queryInterface: QueryInterface)")
			text = "import { QueryInterface } from 'sequelize';\n\nexport default " + body
		case strings.Contains(src, "export default"):
			text = "export default " + body
		default:
			text = "'use strict';\n\nmodule.exports = " + body
		}
	case knex:
		typed, export := "knex", "exports.%s = async function (%s) {\n%s};\n"
		head := ""
		switch {
		case strings.HasSuffix(newest, ".ts"):
			head, typed, export = "import type { Knex } from 'knex';\n\n", "knex: Knex", "export async function %s(%s): Promise<void> {\n%s}\n"
		case strings.Contains(src, "export "):
			export = "export async function %s(%s) {\n%s}\n"
		}
		dedent := func(s string) string { return strings.ReplaceAll(s, "    await", "  await") }
		text = head + fmt.Sprintf(export, "up", typed, dedent(up.String())) + "\n" + fmt.Sprintf(export, "down", typed, dedent(down.String()))
		if concurrent {
			if strings.Contains(export, "exports.") {
				text += "\nexports.config = { transaction: false };\n"
			} else {
				text += "\nexport const config = { transaction: false };\n"
			}
		}
	}
	s.share(s.adds, patch.Edit{Path: path.Join(path.Dir(newest), next+sep+base+path.Ext(newest)), New: text, Create: true})
}

// jsString quotes SQL for JavaScript.
func jsString(sql string) string {
	sql = strings.TrimSuffix(sql, ";")
	if !strings.Contains(sql, "'") {
		return "'" + sql + "'"
	}
	return "`" + strings.NewReplacer("`", "\\`", "${", "\\${", "\\", "\\\\").Replace(sql) + "`"
}
