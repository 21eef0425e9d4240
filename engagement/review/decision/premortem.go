package decision

import (
	"slices"
	"strings"
)

// FailureMode is one way in which decisions of a kind went wrong for others. It is selected by the tags
// that a record declares and by nothing else.
type FailureMode struct {
	Tags   []string // one of them selects it; "a+b" needs both
	Story  string   // how it goes wrong, as told a year later
	Sign   string   // what shows it early
	Source string   // who describes it
	URL    string
}

// failureModes is the library. Each story is one that its source describes.
var failureModes = []FailureMode{
	{[]string{"sqlite"}, "A long read kept the write-ahead log from being checkpointed; the log grew until reads slowed down and the disk filled.", "size of the -wal file above some multiple of the checkpoint size",
		"SQLite, Write-Ahead Logging: avoiding excessively large WAL files", "https://www.sqlite.org/wal.html"},
	{[]string{"sqlite"}, "Two writers met: the second got SQLITE_BUSY, because one connection writes at a time and nothing had set a busy timeout.", "errors with the text `database is locked`",
		"SQLite, Write-Ahead Logging: concurrency", "https://www.sqlite.org/wal.html"},
	{[]string{"sqlite"}, "The file moved to a network file system, where locks do not hold, and was corrupted.", "the mount type of the folder that holds the file",
		"SQLite, How To Corrupt An SQLite Database File: filesystems with broken or missing lock implementations", "https://www.sqlite.org/howtocorrupt.html"},
	{[]string{"sqlite"}, "With synchronous=NORMAL a power loss took the last committed transactions away, and an outside system had been told of them.", "commits acknowledged to others and missing after a restart",
		"SQLite, PRAGMA synchronous: a WAL transaction may roll back after a power loss in NORMAL", "https://www.sqlite.org/pragma.html#pragma_synchronous"},
	{[]string{"single-node"}, "The machine was lost and the last backup was older than the loss that the business had agreed to.", "age of the last backup that was restored as a test",
		"Site Reliability Engineering, chapter 26: data integrity, what you read is what you wrote", "https://sre.google/sre-book/data-integrity/"},
	{[]string{"postgres+queue"}, "Finished jobs piled up as dead rows behind a long transaction; picking the next job became slower with each.", "n_dead_tup of the job table, age of the oldest transaction",
		"PostgreSQL manual, Routine Vacuuming", "https://www.postgresql.org/docs/current/routine-vacuuming.html"},
	{[]string{"postgres"}, "Every deploy opened more connections until max_connections was reached, and the service could not reach its own database.", "connections in use against max_connections at the highest load",
		"PostgreSQL manual, Connections and Authentication: max_connections", "https://www.postgresql.org/docs/current/runtime-config-connection.html"},
	{[]string{"redis"}, "The server restarted and the last second of acknowledged writes was gone: appendfsync everysec flushes once a second.", "appendonly and appendfsync as the running server reports them",
		"Redis documentation, Persistence", "https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/"},
	{[]string{"redis"}, "Memory was full and the policy evicted keys that were not a cache.", "evicted_keys above zero; maxmemory-policy",
		"Redis documentation, Key eviction", "https://redis.io/docs/latest/develop/reference/eviction/"},
	{[]string{"redis+replica"}, "A failover promoted a replica that had not received the last writes; replication is asynchronous.", "lag of the replica at the moment of each failover test",
		"Redis documentation, Replication", "https://redis.io/docs/latest/operate/oss_and_stack/management/replication/"},
	{[]string{"queue"}, "A worker died after the work and before the acknowledgement, and the job ran twice; it was not idempotent.", "a job killed at each step in a test, and its effects counted",
		"AWS Builders' Library, Making retries safe with idempotent APIs", "https://aws.amazon.com/builders-library/making-retries-safe-with-idempotent-APIs/"},
	{[]string{"queue"}, "After an outage the backlog was so long that fresh jobs waited hours behind ones nobody needed any more.", "age of the oldest job, not the length of the queue",
		"AWS Builders' Library, Avoiding insurmountable queue backlogs", "https://aws.amazon.com/builders-library/avoiding-insurmountable-queue-backlogs/"},
	{[]string{"queue", "cache", "replica"}, "Clients retried in step when it came back and took it down again.", "requests per second at recovery against those before the failure",
		"Site Reliability Engineering, chapter 22: addressing cascading failures", "https://sre.google/sre-book/addressing-cascading-failures/"},
	{[]string{"cache"}, "The cache restarted empty and the database behind it could not carry the load without it.", "load of the database with the cache off, in a test",
		"AWS Builders' Library, Caching challenges and strategies", "https://aws.amazon.com/builders-library/caching-challenges-and-strategies/"},
	{[]string{"cache"}, "A popular key expired and a thousand requests computed it at once.", "concurrent computations of one key",
		"Nishtala and others, Scaling Memcache at Facebook, NSDI 2013, section 3.2.1: leases", "https://www.usenix.org/conference/nsdi13/technical-sessions/presentation/nishtala"},
	{[]string{"replica"}, "A user saved, was sent to a replica, and did not see what was saved: the replica lagged.", "replay lag in bytes and seconds under the daily peak",
		"PostgreSQL manual, Log-Shipping Standby Servers: replication is asynchronous by default", "https://www.postgresql.org/docs/current/warm-standby.html"},
	{[]string{"postgres+replica"}, "Long reports on the standby were cancelled, because replay removed rows that they still needed.", "pg_stat_database_conflicts on the standby",
		"PostgreSQL manual, Hot Standby: handling query conflicts", "https://www.postgresql.org/docs/current/hot-standby.html"},
	{[]string{"postgres+replica"}, "A replica was away for a weekend; its slot kept the write-ahead log until the primary's disk was full.", "bytes that each replication slot retains; max_slot_wal_keep_size",
		"PostgreSQL manual, Replication Slots", "https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS"},
	{[]string{"index+postgres"}, "Each new index made every write slower and kept updates from staying on their page.", "share of HOT updates (n_tup_hot_upd), write latency before and after",
		"PostgreSQL manual, Heap-Only Tuples", "https://www.postgresql.org/docs/current/storage-hot.html"},
	{[]string{"index+postgres"}, "CREATE INDEX CONCURRENTLY failed half-way and left an invalid index that costs writes and serves no read.", "indexes with indisvalid false",
		"PostgreSQL manual, Building Indexes Concurrently", "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"},
	{[]string{"shard"}, "One customer outgrew its shard: the key spread rows evenly and load unevenly.", "load of the busiest shard against the mean",
		"Amazon DynamoDB, Designing partition keys to distribute your workload", "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"},
	{[]string{"shard"}, "A transaction over two shards committed in one and failed in the other.", "transactions that touch more than one shard",
		"Vitess documentation, Distributed transactions", "https://vitess.io/docs/reference/features/distributed-transaction/"},
	{[]string{"object-storage", "cdn"}, "The bill was for traffic and not for storage: a link went round, and every byte that left the cloud was charged.", "bytes that leave per day, with an alarm on the price",
		"Amazon S3 pricing: data transfer", "https://aws.amazon.com/s3/pricing/"},
	{[]string{"cdn"}, "A deploy changed a file under the same name and caches served the old one for a day.", "responses whose age exceeds the last deploy",
		"RFC 9111, HTTP Caching, section 4: constructing responses from caches", "https://www.rfc-editor.org/rfc/rfc9111#section-4"},
	{[]string{"self-hosted-storage"}, "Two disks of one age failed within the time that rebuilding the first took.", "hours that a rebuild takes at full load, measured",
		"Schroeder and Gibson, Disk failures in the real world, FAST 2007", "https://www.usenix.org/legacy/events/fast07/tech/schroeder/schroeder.pdf"},
	{[]string{"self-hosted-storage"}, "A block rotted silently and was found when it was needed; nothing had read it for a year.", "date of the last scrub that read everything",
		"Bairavasundaram and others, An Analysis of Data Corruption in the Storage Stack, FAST 2008", "https://research.cs.wisc.edu/wind/Publications/corruption-fast08.html"},
}

// preMortem selects the failure modes of the tags, those which more tags select first.
func preMortem(tags []string) []FailureMode {
	declared := func(tag string) bool {
		return slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) })
	}
	hits := func(m FailureMode) int {
		n := 0
		for _, tag := range m.Tags {
			parts := strings.Split(tag, "+")
			if !slices.ContainsFunc(parts, func(part string) bool { return !declared(part) }) {
				n += len(parts)
			}
		}
		return n
	}
	var list []FailureMode
	for _, m := range failureModes {
		if hits(m) > 0 {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b FailureMode) int { return hits(b) - hits(a) })
	return list
}

// Tags are those that the library knows, sorted.
func Tags() []string {
	var all []string
	for _, m := range failureModes {
		for _, tag := range m.Tags {
			all = append(all, strings.Split(tag, "+")...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func knownTag(tag string) bool {
	return slices.ContainsFunc(Tags(), func(known string) bool { return strings.EqualFold(known, tag) })
}
