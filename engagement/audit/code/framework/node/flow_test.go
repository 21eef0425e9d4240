package node

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

const prismaSchema = `datasource db { provider = "postgresql" url = env("X") }
model User { id Int @id
 email String @unique
 orgId Int @map("org_id")
 org Org @relation(fields: [orgId], references: [id])
 posts Post[]
 createdAt DateTime @map("created_at")
 @@map("users") }
model Org { id Int @id
 users User[]
 @@map("orgs") }
model Post { id Int @id
 userId Int @map("user_id")
 user User @relation(fields: [userId], references: [id])
 slug String
 tags String[]
 @@unique([userId, slug])
 @@map("posts") }
`

const typeormEntities = `import { Entity, PrimaryGeneratedColumn, Column, ManyToOne, OneToMany, JoinColumn } from "typeorm";
@Entity("users") export class User { @PrimaryGeneratedColumn() id: number; @Column({ name: "org_id" }) orgId: number;
  @ManyToOne(() => Org) @JoinColumn({ name: "org_id" }) org: Org; @OneToMany(() => Post, (p) => p.user) posts: Promise<Post[]>; }
@Entity("orgs") export class Org { @PrimaryGeneratedColumn() id: number; @Column() name: string; }
@Entity("posts") export class Post { @PrimaryGeneratedColumn() id: number; @ManyToOne(() => User) user: User; @Column() title: string; }`

const sequelizeModels = `const { Model, DataTypes } = require("sequelize");
class User extends Model {}
User.init({ email: DataTypes.STRING, orgId: { type: DataTypes.INTEGER, field: "org_id" } }, { sequelize, modelName: "User", tableName: "users" });
class Post extends Model {}
Post.init({ title: DataTypes.STRING, userId: DataTypes.INTEGER }, { sequelize, modelName: "Post", tableName: "posts" });
User.hasMany(Post, { as: "posts", foreignKey: "userId" });
Post.belongsTo(User, { as: "user", foreignKey: "userId" });
module.exports = { User, Post };`

const drizzleTables = `import { pgTable, serial, integer, text } from "drizzle-orm/pg-core";
export const users = pgTable("users", { id: serial("id").primaryKey(), orgId: integer("org_id"), name: text("name") });
export const posts = pgTable("posts", { id: serial("id").primaryKey(), userId: integer("user_id") });`

func analyze(t *testing.T, files map[string]string) *flow.Result {
	t.Helper()
	needTypeScript(t)
	p := load.FromFiles(files)
	for _, f := range p.Files {
		if f.Tree != nil && f.Tree.Errors > 0 {
			t.Fatalf("%s has %d syntax errors", f.Path, f.Tree.Errors)
		}
	}
	return flow.Analyze(context.Background(), p, Frameworks())
}

// describeQuery is "table terminal [filters] order limit eager select".
func describeQuery(q *flow.Root) string {
	s := "?"
	if q.Model != nil {
		s = q.Model.Table
	}
	s += " " + q.Terminal
	for _, f := range q.Filters {
		s += " " + f.Column + f.Op
	}
	for _, o := range q.Orders {
		d := "+"
		if o.Desc {
			d = "-"
		}
		s += " " + d + o.Column
	}
	if q.Limit > 0 {
		s += fmt.Sprintf(" limit %d", q.Limit)
	}
	if q.Paged {
		s += " paged"
	}
	if q.Dynamic {
		s += " dynamic"
	}
	var eager []string
	for k := range q.Eager {
		eager = append(eager, k)
	}
	sort.Strings(eager)
	if len(eager) > 0 {
		s += " with " + strings.Join(eager, ",")
	}
	if len(q.Select) > 0 {
		s += " select " + strings.Join(q.Select, ",")
	}
	return s
}

func TestQueries(t *testing.T) {
	for _, tc := range []struct {
		name, file, models, code string
		want                     []string
	}{
		{"Prisma: filters on mapped columns, order, take", "schema.prisma", prismaSchema,
			`export async function f(orgId, after) { return prisma.user.findMany({ where: { orgId, createdAt: { gt: after }, email: { contains: "x" } }, orderBy: { createdAt: "desc" }, take: 20, include: { posts: { include: { user: true } } } }); }`,
			[]string{"users findMany org_id= created_at> emailcontains -created_at limit 20 with posts,posts.user"}},
		{"Prisma: a page size, AND, OR and a relation", "schema.prisma", prismaSchema,
			`export async function f(n, org) { return this.db.user.findMany({ where: { AND: [{ orgId: { in: org } }, { OR: [{ email: "a" }, { id: 1 }] }], posts: { some: { slug: "x" } } }, take: n, select: { id: true, email: true } }); }`,
			[]string{"users findMany org_idin posts.slug= paged dynamic select id,email"}},
		{"Prisma: conditions in a variable, and spread in", "schema.prisma", prismaSchema,
			`export async function f(extra) { const where = { orgId: 1, ...extra }; return tx.user.count({ where }); }`,
			[]string{"users count org_id= dynamic"}},
		{"Prisma: a compound unique key", "schema.prisma", prismaSchema,
			`export async function f(a, b) { return ctx.prisma.post.findUnique({ where: { userId_slug: { userId: a, slug: b } } }); }`,
			[]string{"posts findUnique user_id= slug="}},
		{"Prisma: words of other libraries are not queries", "schema.prisma", prismaSchema,
			`export async function f(map) { map.user.delete("a"); hash.post.update("x"); items.user.count; caller.user.create({ name: 1 }); }`, nil},
		{"TypeORM: find options", "entities.ts", typeormEntities,
			`import { Repository } from "typeorm"; import { User } from "./entities";
export class S { constructor(private readonly users: Repository<User>) {} async f(o) { return this.users.find({ where: { orgId: o, id: MoreThan(3) }, order: { id: "DESC" }, take: 5, relations: ["org"] }); } }`,
			[]string{"users find org_id= id> -id limit 5 with org"}},
		{"TypeORM: query builder", "entities.ts", typeormEntities,
			`import { Post } from "./entities";
export async function f(ds, o) { return ds.getRepository(Post).createQueryBuilder("p").leftJoinAndSelect("p.user", "u").leftJoinAndSelect("u.org", "o").where("u.orgId = :o", { o }).andWhere("p.title = :t").orderBy("p.title", "DESC").getMany(); }`,
			[]string{"posts getMany users.org_id= title= -title with user,user.org"}},
		{"Sequelize: finder", "models.js", sequelizeModels,
			`const { User, Post } = require("./models"); const { Op } = require("sequelize");
exports.f = async (o) => User.findAll({ where: { orgId: o, email: { [Op.like]: "a%" } }, include: [{ model: Post, as: "posts" }], order: [["email", "DESC"]], limit: 3, attributes: ["id"] });`,
			[]string{"users findAll org_id= emaillike -email limit 3 with posts select id"}},
		{"Drizzle: builder and relational query", "schema.ts", drizzleTables,
			`import { users } from "./schema"; import { db } from "./db"; import { eq, and, gt, desc } from "drizzle-orm";
export async function f(o) { return await db.select().from(users).where(and(eq(users.orgId, o), gt(users.id, 3))).orderBy(desc(users.id)).limit(7); }
export async function g(o) { return db.query.users.findMany({ where: eq(users.orgId, o), with: { posts: true } }); }`,
			[]string{"users  org_id= id> -id limit 7", "users findMany org_id= with posts"}},
		{"Knex: builder", "package.json", manifest,
			`export async function f(knex, o) { return await knex("users").where({ org_id: o }).where("age", ">", 3).whereIn("id", ids).orderBy("id", "desc").limit(9); }`,
			[]string{"users  org_id= age> idin -id limit 9"}},
		{"Kysely: builder", "package.json", `{"dependencies": {"kysely": "1.0.0"}}`,
			`export async function f(db, o) { return db.selectFrom("users").selectAll().where("org_id", "=", o).orderBy("id desc").execute(); }`,
			[]string{"users execute org_id= +id desc"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := analyze(t, map[string]string{tc.file: tc.models, "app.ts": tc.code})
			var got []string
			seen := map[string]bool{}
			for _, q := range r.Queries {
				if s := describeQuery(q); q.Site().File.Path == "app.ts" && !seen[s] {
					seen[s] = true
					got = append(got, s)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("queries\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

// describeLoad is "kind table path@line".
func describeLoad(l flow.Load) string {
	kind := [...]string{"relation", "query", "aggregate", "write"}[l.Kind]
	name := "?"
	switch {
	case l.Kind == flow.LoadRelation && l.Root.Model != nil:
		name = l.Root.Model.Table + "." + l.Path
	case l.Query != nil && l.Query.Model != nil:
		name = l.Query.Model.Table
	}
	return fmt.Sprintf("%s %s %d %s", kind, name, l.Site.Node.Line(), l.Entry)
}

func TestLoads(t *testing.T) {
	for _, tc := range []struct {
		name, file, models, path, code string
		want                           []string
	}{
		{"Prisma: a query in Promise.all", "schema.prisma", prismaSchema, "pages/api/x.ts", `export default async function handler(req, res) {
  const users = await prisma.user.findMany();
  return Promise.all(users.map(async (u) => prisma.post.findMany({ where: { userId: u.id } })));
}`, []string{"query posts 3 /api/x"}},
		{"Prisma: the query stands in a function of another file", "schema.prisma", prismaSchema, "app/routes/a.ts", `import { postsOf } from "../lib";
export async function loader() {
  const users = await prisma.user.findMany();
  for (const u of users) await postsOf(u.id);
}`, []string{"query posts 2 GET /a"}},
		{"Prisma: included relations are in memory", "schema.prisma", prismaSchema, "a.ts", `export async function f() {
  const users = await prisma.user.findMany({ include: { posts: true } });
  for (const u of users) for (const p of u.posts) p.user.email;
}`, nil},
		{"Prisma: findUnique in one tick is batched by the client", "schema.prisma", prismaSchema, "a.ts", `export async function f(ids) {
  return Promise.all(ids.map((id) => prisma.user.findUnique({ where: { id } })));
}`, nil},
		{"Prisma: batches and pages are no loops over rows", "schema.prisma", prismaSchema, "a.ts", `export async function f(ids) {
  for (const part of chunk(ids, 100)) await prisma.user.findMany({ where: { id: { in: part } } });
  for (let i = 0; i < ids.length; i += 100) await prisma.user.deleteMany({ where: { id: { in: ids.slice(i, i + 100) } } });
  while (true) { const rows = await prisma.user.findMany({ take: 100, skip: 1 }); if (!rows.length) break; }
}`, nil},
		{"Prisma: writes one by one in a transaction", "schema.prisma", prismaSchema, "a.ts", `export async function f(items) {
  await prisma.$transaction(async (tx) => {
    for (const i of items) await tx.post.create({ data: i });
  });
}`, []string{"write posts 3 "}},
		{"a tRPC procedure and a service that it is given", "schema.prisma", prismaSchema, "router.ts", `export class Posts { constructor(private readonly prisma: PrismaService) {}
  load = async (id: number) => this.prisma.post.count({ where: { userId: id } }); }
export const appRouter = router({ list: protectedProcedure.query(async ({ ctx }) => {
  const users = await ctx.prisma.user.findMany();
  const posts = new Posts();
  return users.map((u) => posts.load(u.id));
}) });`, []string{"aggregate posts 2 query list"}},
		{"TypeORM: a lazy relation read per row", "entities.ts", typeormEntities, "a.ts", `import { User } from "./entities"; import { Repository } from "typeorm";
export class C { constructor(private users: Repository<User>) {}
  @Get("list") async list() { const all = await this.users.find();
    for (const u of all) { const p = await u.posts; } } }`, []string{"relation users.posts 4 GET /list"}},
		{"TypeORM: the lazy relation was loaded; a plain one is never loaded by reading", "entities.ts", typeormEntities, "a.ts", `import { User } from "./entities"; import { Repository } from "typeorm";
export class C { constructor(private users: Repository<User>) {}
  async list() { const all = await this.users.find({ relations: { posts: true } });
    for (const u of all) { await u.posts; u.org.name; } } }`, nil},
		{"TypeORM: save in a loop, and of a list", "entities.ts", typeormEntities, "a.ts", `import { User } from "./entities"; import { Repository } from "typeorm";
export class C { constructor(private users: Repository<User>) {}
  async f(all) { for (const u of all) await this.users.save(u); } 
  async g(all) { await this.users.save([all[0], all[1]]); } }`, []string{"write users 3 "}},
		{"Sequelize: accessor of an association per row", "models.js", sequelizeModels, "a.js", `const { User } = require("./models");
app.get("/users", async (req, res) => {
  const users = await User.findAll();
  for (const u of users) { await u.getPosts(); await u.countPosts(); u.posts; }
});`, []string{"aggregate posts 4 GET /users", "relation users.posts 4 GET /users"}},
		{"Sequelize: included", "models.js", sequelizeModels, "a.js", `const { User, Post } = require("./models");
async function f() { const users = await User.findAll({ include: [{ model: Post, as: "posts" }] });
  users.forEach((u) => u.posts.map((p) => p.title)); }`, nil},
		{"Drizzle: a query per row", "schema.ts", drizzleTables, "a.ts", `import { users, posts } from "./schema";
export async function f(db) { const all = await db.select().from(users);
  for (const u of all) { await db.select().from(posts).where(eq(posts.userId, u.id)); } }`, []string{"query posts 3 "}},
		{"Knex: a write per row", "package.json", manifest, "a.js", `exports.f = async (knex, all) => {
  for (const u of all) await knex("users").where({ id: u.id }).update({ seen: true });
};`, []string{"write users 2 "}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := analyze(t, map[string]string{tc.file: tc.models, tc.path: tc.code,
				"app/lib.ts": "export async function postsOf(id) {\n  return prisma.post.findMany({ where: { userId: id } });\n}"})
			var got []string
			for _, l := range r.Loads {
				got = append(got, describeLoad(l))
			}
			if fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("loads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}
