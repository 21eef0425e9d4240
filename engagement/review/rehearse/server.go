package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/procfs"
	"github.com/napkin-infra/napkin/foundation/scratch"
	"github.com/napkin-infra/napkin/foundation/scratch/pgrelease"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// ground is the server that is rehearsed on, and the databases that were made there.
type ground struct {
	config  *pgx.ConnConfig // of its first database
	private *scratch.Postgres
	version string
	number  int // server_version_num
	prefix  string
	made    []string
	count   int
	locale  string // clause of CREATE DATABASE, when the target's collation is there
	notes   []string
	keep    *pgx.Conn // to a given server, under the name of this run, so that others see that it goes on
}

// open starts a private server like the target's, or connects to the marked one.
func open(ctx context.Context, o *Options) (*ground, error) {
	g := &ground{prefix: fmt.Sprintf("napkin_rehearsal_%d_%d_", os.Getpid(), time.Now().UnixNano()%1_000_000)}
	if o.ScratchURL != "" {
		if err := g.connect(ctx, o.ScratchURL); err != nil {
			return nil, err
		}
	} else if err := g.start(ctx, o); err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, g.config)
	if err == nil {
		defer conn.Close(context.WithoutCancel(ctx))
		err = conn.QueryRow(ctx, "select split_part(current_setting('server_version'), ' ', 1), current_setting('server_version_num')::int").Scan(&g.version, &g.number)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ask the scratch server for its version: %w", err), g.close(ctx))
	}
	if t := o.Statistics; t != nil {
		if g.number/10000 != t.Server.Major() {
			g.notes = append(g.notes, fmt.Sprintf("production has PostgreSQL %s and the scratch server %s; what a statement locks and rewrites may differ between them", t.Server.Version, g.version))
		}
		g.chooseLocale(ctx, t)
	}
	if g.private == nil {
		if err := g.settle(ctx); err != nil {
			return nil, errors.Join(err, g.close(ctx))
		}
	}
	return g, nil
}

func (g *ground) connect(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("the URL of the scratch database cannot be read; write postgres://user@host/name") // the driver's error may hold the password
	}
	marked, err := Marked(ctx, config)
	if err != nil {
		return err
	}
	if !marked {
		return fmt.Errorf("rehearse on the database %s of %s: %w; make an empty one and run `napkin review scratch mark URL`, or leave out --scratch-url to use a private server", config.Database, config.Host, ErrNotScratch)
	}
	g.config = config
	return nil
}

// name is what the connections call themselves of which one stands as long as a run goes on: the prefix of its databases.
func (g *ground) name() string { return strings.TrimSuffix(g.prefix, "_") }

// settle marks a given server as in use by this run and drops what runs that were killed have left there: databases of our names,
// of the same user, that nobody is connected to and whose run has no connection any more.
func (g *ground) settle(ctx context.Context) error {
	mine := g.config.Copy()
	mine.RuntimeParams["application_name"] = g.name()
	var err error
	if g.keep, err = pgx.ConnectConfig(ctx, mine); err != nil {
		return fmt.Errorf("connect to the scratch server: %w", err)
	}
	rows, err := g.keep.Query(ctx, `select datname from pg_database d
 where datname ~ $1 and pg_get_userbyid(datdba) = current_user and not exists
  (select 1 from pg_stat_activity a where a.datid = d.oid or a.application_name = regexp_replace(d.datname, '_[0-9]+$', '')) order by datname`, ofRehearsal)
	if err != nil {
		return fmt.Errorf("look for databases of earlier rehearsals: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for databases of earlier rehearsals: %w", err)
	}
	var dropped []string
	for _, name := range names {
		if err := g.drop(ctx, name); err != nil {
			g.notes = append(g.notes, fmt.Sprintf("the database %s of a rehearsal that was killed could not be dropped: %s", name, firstLine(err.Error())))
			continue
		}
		dropped = append(dropped, name)
	}
	if len(dropped) > 0 {
		g.notes = append(g.notes, "dropped from the server were databases that a rehearsal which was killed had left: "+strings.Join(dropped, ", "))
	}
	return nil
}

// start starts a private server of the nearest version that is there.
func (g *ground) start(ctx context.Context, o *Options) error {
	wanted := o.Major
	if o.Statistics != nil {
		wanted = o.Statistics.Server.Major()
	}
	programs, err := choosePrograms(ctx, wanted, o.Store)
	if err != nil {
		return err
	}
	server, err := scratch.StartPostgresOf(ctx, programs, settings(o.Statistics)...)
	if err != nil {
		return fmt.Errorf("start the scratch server: %w", err)
	}
	if o.started != nil {
		o.started(server)
	}
	g.private = server
	if g.config, err = pgx.ParseConfig(server.URL); err != nil {
		return errors.Join(err, server.Stop())
	}
	return nil
}

// ServerVersion is the version of the server that a rehearsal with these options would use.
func ServerVersion(ctx context.Context, o Options) (string, error) {
	if o.ScratchURL != "" {
		g := &ground{}
		if err := g.connect(ctx, o.ScratchURL); err != nil {
			return "", err
		}
		conn, err := pgx.ConnectConfig(ctx, g.config)
		if err != nil {
			return "", fmt.Errorf("ask the scratch server for its version: %w", err)
		}
		defer conn.Close(context.WithoutCancel(ctx))
		return conn.PgConn().ParameterStatus("server_version"), nil
	}
	found, err := releases(ctx, 0, nil)
	if err != nil {
		return "", err
	}
	return found[0].Version, nil
}

// releases are the servers that are on this machine, and where one version is wanted those that were got before;
// there is one at least.
func releases(ctx context.Context, wanted int, store *pgrelease.Store) ([]pgrelease.Release, error) {
	all, err := pgrelease.Installed(ctx)
	if err != nil {
		return nil, err
	}
	if store != nil && wanted > 0 {
		for _, major := range pgrelease.Majors() {
			if r, ok := store.Kept(major); ok {
				all = append(all, r)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("a rehearsal needs a PostgreSQL server: %w, name its folder in NAPKIN_POSTGRES_BIN, or give a marked scratch database with --scratch-url", scratch.ErrNotInstalled)
	}
	return all, nil
}

// choosePrograms takes the major version that is wanted, where it is on this machine or was got before,
// else the nearest, the newer of two; 0 is the newest installed.
func choosePrograms(ctx context.Context, wanted int, store *pgrelease.Store) (scratch.PostgresPrograms, error) {
	found, err := releases(ctx, wanted, store)
	if err != nil {
		return scratch.PostgresPrograms{}, err
	}
	best := found[0]
	distance := func(r pgrelease.Release) int {
		d := 2 * (r.Major - wanted)
		if d < 0 {
			d = -d + 1
		}
		return d
	}
	for _, r := range found[1:] {
		if wanted > 0 && distance(r) < distance(best) {
			best = r
		}
	}
	return best.Programs, nil
}

// settings are those of the target that change what work costs. Nothing is written ahead of need and
// nothing cleans up behind, so that two runs of the same work do the same.
func settings(target *scale.Statistics) []string {
	all := []string{"autovacuum=off", "max_wal_size=2GB", "checkpoint_timeout=1h", "max_locks_per_transaction=256"}
	memory, _ := procfs.Host.Memory("MemTotal")
	buffers := 0.25 * float64(memory)
	if target == nil {
		return append(all, "shared_buffers="+mebibytes(min(max(buffers, 128<<20), 512<<20)))
	}
	if own, ok := parseMemory(target.Server.Settings["shared_buffers"]); ok && own < buffers {
		buffers = own
	}
	all = append(all, "shared_buffers="+mebibytes(max(buffers, 16<<20)))
	for name, known := range map[string]string{"wal_level": "", "max_parallel_maintenance_workers": "", "max_parallel_workers": "", "TimeZone": "timezone", "wal_compression": ""} {
		value := target.Server.Settings[name]
		if value == "" || strings.ContainsAny(value, "'\\\n") {
			continue
		}
		switch {
		case known == "":
			known = name
		case name == "wal_compression" && value != "on" && value != "off":
			continue // a method that this build may lack
		}
		all = append(all, known+"="+value)
	}
	if target.Server.Settings["wal_level"] == "minimal" {
		all = append(all, "max_wal_senders=0")
	}
	return all
}

// mebibytes writes a size for the server.
func mebibytes(bytes float64) string { return strconv.Itoa(max(int(bytes/(1<<20)), 1)) + "MB" }

// parseMemory reads a size as SHOW prints it: 128MB, 16GB, 8kB.
func parseMemory(text string) (float64, bool) {
	for suffix, factor := range map[string]float64{"kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40} {
		if digits, ok := strings.CutSuffix(text, suffix); ok {
			n, err := strconv.ParseFloat(digits, 64)
			return n * factor, err == nil
		}
	}
	return 0, false
}

// chooseLocale sorts texts as the target does where this machine can.
func (g *ground) chooseLocale(ctx context.Context, t *scale.Statistics) {
	if t.Server.Collation == "" || t.Server.Collation == "C" || strings.ContainsAny(t.Server.Collation, "'\\") {
		return
	}
	g.locale = fmt.Sprintf(" lc_collate '%[1]s' lc_ctype '%[1]s'", t.Server.Collation)
	name, err := g.create(ctx, "")
	if err != nil {
		g.locale = ""
		g.notes = append(g.notes, fmt.Sprintf("production sorts texts by %s, which this machine does not have; here they are sorted by their bytes, which is faster, so indexes on texts may take longer than predicted", t.Server.Collation))
		return
	}
	if err := g.drop(ctx, name); err != nil {
		g.notes = append(g.notes, err.Error())
	}
}

// create makes a database, a copy of template if that is given, and returns its name.
func (g *ground) create(ctx context.Context, template string) (string, error) {
	g.count++
	name := g.prefix + strconv.Itoa(g.count)
	sql := "create database " + name + " template template0" + g.locale
	if template != "" {
		sql = "create database " + name + " template " + template
		if g.number >= 150000 {
			sql += " strategy file_copy" // else every page goes through the log
		}
	}
	g.made = append(g.made, name)
	if err := g.admin(ctx, sql); err != nil {
		return "", fmt.Errorf("make a database on the scratch server: %w", err)
	}
	return name, nil
}

func (g *ground) drop(ctx context.Context, name string) error {
	if err := g.admin(ctx, "drop database if exists "+name); err != nil {
		return fmt.Errorf("remove a database from the scratch server: %w", err)
	}
	for i, m := range g.made {
		if m == name {
			g.made = append(g.made[:i], g.made[i+1:]...)
			break
		}
	}
	return nil
}

// in returns how to connect to a database.
func (g *ground) in(database string) *pgx.ConnConfig {
	c := g.config.Copy()
	c.Database = database
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	return c
}

func (g *ground) admin(ctx context.Context, sql string) error {
	conn, err := pgx.ConnectConfig(ctx, g.config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// close ends the server, or drops what was made on it. It works after ctx has ended.
func (g *ground) close(ctx context.Context) error {
	if g.private != nil {
		return g.private.Stop()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var failed []error
	if g.keep != nil {
		defer g.keep.Close(ctx)
	}
	for _, name := range append([]string(nil), g.made...) {
		// A session that was cut off may still be ending.
		_ = g.admin(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where datname = '"+name+"'")
		if err := g.drop(ctx, name); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// cpu is the processor time of the server, and false where it is not a process of ours.
func (g *ground) cpu() (float64, bool) {
	if g.private == nil {
		return 0, false
	}
	used, known := procfs.Host.TreeCPU(g.private.Pid())
	return used.Seconds(), known
}

// cache is the memory of production that caches tables: the given one, else what its shared buffers are
// the usual quarter of; 0 is not known.
func cache(o *Options) unit.Bytes {
	if o.Memory > 0 {
		return o.Memory
	}
	if o.Statistics == nil {
		return 0
	}
	buffers, ok := parseMemory(o.Statistics.Server.Settings["shared_buffers"])
	if !ok {
		return 0
	}
	return unit.Bytes(4 * buffers) // a quarter of memory is the usual setting (manual, 20.4.1)
}
