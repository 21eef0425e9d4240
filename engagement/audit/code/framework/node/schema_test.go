package node

import (
	"sort"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

func needTypeScript(t *testing.T) {
	t.Helper()
	if !lang.Parsed("typescript") {
		t.Skip("this build has no TypeScript parser (cgo is off)")
	}
}

// describe writes a schema as lines: table(columns) pk(...) ix(...) uq(...) fk(col->table).
func describe(s *schema.Schema) string {
	var out []string
	for _, name := range s.Names() {
		t := s.Tables[name]
		var cols []string
		for _, c := range t.Columns {
			cols = append(cols, c.Name+":"+c.Type.Name)
		}
		line := t.Name + "(" + strings.Join(cols, " ") + ") pk(" + strings.Join(t.PrimaryKey, " ") + ")"
		var rest []string
		for _, ix := range t.Indexes {
			if ix.Primary {
				continue
			}
			var keys []string
			for _, k := range ix.Columns {
				n := k.Name
				if k.Desc {
					n = "-" + n
				}
				keys = append(keys, n)
			}
			word := " ix("
			if ix.Unique {
				word = " uq("
			}
			where := ""
			if ix.Where != "" {
				where = " where"
			}
			rest = append(rest, word+strings.Join(keys, " ")+where+")")
		}
		for _, fk := range t.ForeignKeys {
			rest = append(rest, " fk("+strings.Join(fk.Columns, " ")+"->"+fk.RefTable+")")
		}
		sort.Strings(rest)
		out = append(out, line+strings.Join(rest, ""))
	}
	return strings.Join(out, "\n")
}

const manifest = `{"name": "app", "dependencies": {"pg": "8.0.0", "sequelize": "6.0.0", "knex": "3.0.0", "typeorm": "0.3.0"}}`

func TestSchemas(t *testing.T) {
	needTypeScript(t)
	type reader interface {
		Schemas(*project.Project) []*project.Database
	}
	for _, tc := range []struct {
		name  string
		fw    reader
		files map[string]string
		want  string
	}{
		{"TypeORM entities with a base class, a join column, indexes and a join table", NewTypeORM(), map[string]string{
			"src/base.ts": `import { PrimaryGeneratedColumn, CreateDateColumn } from "typeorm";
export abstract class Base { @PrimaryGeneratedColumn("uuid") id: string; @CreateDateColumn() createdAt: Date; }`,
			"src/user.ts": `import { Entity, Column, Index, ManyToOne, JoinColumn, ManyToMany, JoinTable, OneToOne, Unique } from "typeorm";
@Entity("users")
@Index(["orgId", "createdAt"])
@Unique(["orgId", "email"])
export class User extends Base {
  @Column({ length: 80 }) email: string;
  @Column({ name: "org_id", type: "uuid" }) orgId: string;
  @ManyToOne(() => Org, (o) => o.users, { onDelete: "CASCADE" }) @JoinColumn({ name: "org_id" }) org: Org;
  @ManyToOne(() => User) manager: User;
  @Index() @Column({ type: "jsonb", nullable: true }) settings: object;
  @ManyToMany(() => Org) @JoinTable() guests: Org[];
}
@Entity({ name: "orgs" })
export class Org { @PrimaryGeneratedColumn() id: number; @Column({ unique: true }) slug: string; }`,
		}, `orgs(id:integer slug:varchar) pk(id) uq(slug)
users(id:uuid createdAt:timestamp email:varchar org_id:uuid managerId:integer settings:jsonb) pk(id) fk(managerId->users) fk(org_id->orgs) ix(org_id createdAt) ix(settings) uq(org_id email)
users_guests_orgs(usersId:integer orgsId:integer) pk(usersId orgsId) fk(orgsId->orgs) fk(usersId->users) ix(orgsId) ix(usersId)`},
		{"TypeORM migrations: SQL and the query runner", NewTypeORM(), map[string]string{
			"src/migrations/1700000000000-Init.ts": "import { MigrationInterface, QueryRunner, Table, TableIndex } from \"typeorm\";\nexport class Init1700000000000 implements MigrationInterface {\n  public async up(queryRunner: QueryRunner): Promise<void> {\n    await queryRunner.query(`CREATE TABLE \"a\" (\"id\" SERIAL PRIMARY KEY, \"b_id\" integer NOT NULL)`);\n    await queryRunner.createTable(new Table({ name: \"b\", columns: [{ name: \"id\", type: \"int\", isPrimary: true }, { name: \"n\", type: \"varchar\", isUnique: true }] }), true);\n    await queryRunner.createIndex(\"a\", new TableIndex({ name: \"a_b\", columnNames: [\"b_id\"] }));\n  }\n  public async down(queryRunner: QueryRunner): Promise<void> { await queryRunner.query(`DROP TABLE \"a\"`); }\n}",
		}, `a(id:integer b_id:integer) pk(id) ix(b_id)
b(id:integer n:varchar) pk(id) uq(n)`},
		{"Sequelize migrations in order", NewSequelize(), map[string]string{
			"package.json": manifest,
			"migrations/20200101000000-users.js": `module.exports = { up: async (queryInterface, Sequelize) => {
  await queryInterface.createTable("users", { id: { type: Sequelize.UUID, primaryKey: true }, email: { type: Sequelize.STRING, unique: true },
    teamId: { type: Sequelize.UUID, allowNull: false, references: { model: "teams", key: "id" }, onDelete: "cascade" } });
  await queryInterface.addIndex("users", ["teamId", "email"], { unique: true });
}, down: async (q) => { await q.dropTable("users"); } };`,
			"migrations/20210101000000-more.js": `module.exports = { async up(queryInterface, Sequelize) {
  await queryInterface.sequelize.transaction(async (transaction) => {
    await queryInterface.addColumn("users", "createdById", { type: Sequelize.UUID, references: { model: "users" } }, { transaction });
    await queryInterface.addIndex("users", { fields: [{ name: "createdById", order: "DESC" }], where: { deletedAt: null }, transaction });
    await queryInterface.removeIndex("users", ["teamId", "email"]);
  });
} };`,
		}, `users(id:uuid email:varchar teamId:uuid createdById:uuid) pk(id) fk(createdById->users) fk(teamId->teams) ix(-createdById where) uq(email)`},
		{"Sequelize models without migrations", NewSequelize(), map[string]string{
			"package.json": manifest,
			"models/post.js": `const { DataTypes } = require("sequelize");
module.exports = (sequelize) => sequelize.define("BlogPost", { title: DataTypes.STRING, authorId: { type: DataTypes.INTEGER, references: { model: "Users", key: "id" } } }, { underscored: true, indexes: [{ fields: ["title"] }] });`,
		}, `blog_posts(title:varchar author_id:integer id:integer created_at:timestamp updated_at:timestamp) pk(id) fk(author_id->Users) ix(title)`},
		{"Knex", NewKnex(), map[string]string{
			"package.json": manifest,
			"migrations/20200101_init.js": `exports.up = async function (knex) {
  await knex.schema.createTable("orders", (t) => {
    t.increments("id"); t.integer("user_id").unsigned().notNullable().references("id").inTable("users").onDelete("CASCADE");
    t.string("code", 20).unique(); t.jsonb("data"); t.timestamps(true, true); t.index(["user_id", "created_at"]);
  }).createTable("users", (t) => { t.uuid("id").primary(); });
};
exports.down = (knex) => knex.schema.dropTable("orders");`,
			"migrations/20210101_next.js": `exports.up = (knex) => knex.schema.alterTable("orders", (t) => { t.bigInteger("shop_id").index(); t.foreign("shop_id").references("shops.id"); t.dropColumn("data"); });`,
		}, `orders(id:integer user_id:integer code:varchar created_at:timestamp updated_at:timestamp shop_id:bigint) pk(id) fk(shop_id->shops) fk(user_id->users) ix(shop_id) ix(user_id created_at) uq(code)
users(id:uuid) pk(id)`},
		{"Kysely", NewKnex(), map[string]string{
			"package.json": `{"dependencies": {"kysely": "0.27.0"}}`,
			"migrations/001_init.ts": `import { Kysely } from "kysely";
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema.createTable("pet").addColumn("id", "serial", (c) => c.primaryKey()).addColumn("owner_id", "integer", (c) => c.references("person.id").notNull()).execute();
  await db.schema.createIndex("pet_owner").on("pet").column("owner_id").execute();
}`,
		}, `pet(id:integer owner_id:integer) pk(id) fk(owner_id->person) ix(owner_id)`},
		{"Drizzle", NewDrizzle(), map[string]string{
			"src/schema.ts": `import { pgTable, serial, integer, text, index, uniqueIndex, timestamp } from "drizzle-orm/pg-core";
export const orgs = pgTable("orgs", { id: serial("id").primaryKey() });
export const users = pgTable("users", {
  id: serial("id").primaryKey(), orgId: integer("org_id").notNull().references(() => orgs.id, { onDelete: "cascade" }), email: text().unique(), createdAt: timestamp("created_at").defaultNow(),
}, (t) => [index("users_org").on(t.orgId, t.createdAt.desc()), uniqueIndex("u").on(t.email, t.orgId)]);`,
		}, `orgs(id:integer) pk(id)
users(id:integer org_id:integer email:text created_at:timestamp) pk(id) fk(org_id->orgs) ix(org_id -created_at) uq(email org_id) uq(email)`},
		{"nothing of the kind", NewKnex(), map[string]string{"package.json": manifest, "src/a.js": `exports.up = (x) => x.go();`}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dbs := tc.fw.Schemas(load.FromFiles(tc.files))
			got := ""
			if len(dbs) > 1 {
				t.Fatalf("%d databases, want one", len(dbs))
			}
			if len(dbs) == 1 {
				got = describe(dbs[0].Schema)
			}
			if got != tc.want {
				t.Errorf("schema\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}
