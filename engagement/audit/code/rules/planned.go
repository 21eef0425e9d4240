package rules

// Planned is one rule of the catalogue that is not implemented, and why.
type Planned struct {
	ID     string
	What   string
	Reason string
}

// NotYet lists the rules of the catalogue that are not implemented. docs/rules.md prints them, so that
// nobody takes silence for health.
var NotYet = []Planned{
	{"db.cartesian-eager", "Two to-many joins in one statement", "needs the row counts of both relations to tell a product from a handful; waits for live statistics"},
	{"db.conn-per-request", "Connection opened inside a handler", "not built yet; net.client-per-call covers HTTP clients"},
	{"db.count-pagination", "COUNT(*) for every page", "most paginators count by default, so the pattern is everywhere; telling the large tables apart needs live row counts"},
	{"db.implicit-cast", "Parameter of another type than the column", "needs the types that drivers bind at run time; syntax alone can not tell"},
	{"db.missing-txn", "Dependent writes without a transaction", "no precise form was found: most pairs of writes in one function are independent"},
	{"db.or-chain", "Many single-row ORs", "no form was found that is common enough and precise in the code bases read"},
	{"db.over-join", "Joins whose columns are never read", "as db.overeager"},
	{"db.overeager", "Relation loaded and never read", "that nothing reads a relation can not be proven while serializers and templates may read attributes by name; a wrong answer brings the N+1 back"},
	{"db.prepared-through-pooler", "Named statements through transaction pooling", "needs the pooler and the client configuration in one repository; none of those read had both"},
	{"db.select-star-wide", "Large columns read and not used", "needs to know every reader of a row, as db.overeager, and the width of the columns from live statistics"},
	{"db.unsorted-batch-upsert", "Batch upsert in arbitrary lock order", "whether two writers meet on the same keys is not visible in the code"},
	{"net.retry-non-idempotent", "POST retried without an idempotency key", "whether an endpoint is idempotent is a matter of the other side; no precise form was found"},
}
