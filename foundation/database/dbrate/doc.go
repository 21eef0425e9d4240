// Package dbrate measures the base rates of databases by the harness of foundation/rate/measure: a point read,
// a durable commit and a bulk load of each product, commits that are not durable where the product has them,
// and the scans, sorts and index builds of PostgreSQL that costs are computed from.
//
// A product whose URL is given is measured on that server. It is only connected to and pinged, unless
// [Options.Write] allows more: then the probes make a schema, a table or keys of their own, with napkin_rates in
// the name, and remove them at the end, also after Ctrl-C. A product without a URL whose server is installed
// is started privately by foundation/scratch, with its data on the disk that is measured and with the
// settings that make a commit durable. SQLite runs in the process.
//
// A commit counts as durable only where the server says that it is: with fsync off, or with another level of
// flushing, or with data on a file system in memory, the rate is refused. Every probe proves its work by
// what the database holds afterwards.
package dbrate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/napkin-infra/napkin/foundation/database"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// Options say which servers are measured. The zero value starts private ones.
type Options struct {
	// URLs of servers, one a product: postgres://, mysql://, redis://.
	URLs []string
	// Write allows probes to write into the servers of URLs.
	Write bool
}

// Groups returns the probes of all products. A URL that cannot be read, a second one of the same product, and
// one of SQLite are errors; a server that is not there is an error of its group later.
func Groups(o Options) ([]measure.Group, error) {
	given := map[database.Kind]database.URL{}
	var cache *redisURL
	for _, text := range o.URLs {
		if scheme, _, _ := strings.Cut(text, ":"); scheme == "redis" {
			u, err := parseRedis(text)
			if err != nil {
				return nil, err
			}
			if cache != nil {
				return nil, errors.New("two URLs of Redis were given; a profile holds one server of each product")
			}
			cache = &u
			continue
		}
		u, err := database.Parse(text)
		if err != nil {
			return nil, err
		}
		if u.Kind == database.SQLite {
			return nil, fmt.Errorf("%s: SQLite is measured in a file of its own on the disk that --dir names; give no URL for it", u)
		}
		if _, twice := given[u.Kind]; twice {
			return nil, fmt.Errorf("two URLs of %s were given; a profile holds one server of each product", u.Kind)
		}
		given[u.Kind] = u
	}
	return []measure.Group{
		sqliteGroup(),
		postgresGroup(lookup(given, database.Postgres), o.Write),
		mysqlGroup(lookup(given, database.MySQL), o.Write),
		redisGroup(cache, o.Write),
	}, nil
}

func lookup(given map[database.Kind]database.URL, kind database.Kind) *database.URL {
	if u, ok := given[kind]; ok {
		return &u
	}
	return nil
}

// errReadOnly is the refusal of probes that would write into a server of the user's.
var errReadOnly = errors.New("it would write into the server given; allow it with --yes: it makes a schema, a table or keys of its own and removes them")

// tidyTime is how long cleaning up may take after the run was interrupted.
const tidyTime = 10 * time.Second

// tidyContext outlives the run, so that Ctrl-C leaves nothing behind.
func tidyContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
}

// ownName is a name that nothing of the user's has.
func ownName() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return "napkin_rates_" + hex.EncodeToString(b[:])
}

// serverFolder finds a folder for a private server's data on the disk that dir is on. Servers run as another
// account under root, which may not enter root's folders; then one for everybody on the same device will do.
func serverFolder(dir string) (string, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	// A server is started in a folder of its own, where a relative path means another one.
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	want, err := device(dir)
	if err != nil {
		return "", err
	}
	first := scratch.Enterable(dir)
	if first == nil {
		return dir, nil
	}
	for _, other := range []string{"/var/tmp", os.TempDir()} {
		if d, err := device(other); err == nil && d == want && scratch.Enterable(other) == nil {
			return other, nil
		}
	}
	return "", first
}

func device(dir string) (uint64, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return 0, err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev), nil //nolint:unconvert // the type differs between systems
	}
	return 0, nil
}

// durableFolder refuses a private server whose data lies in memory.
func durableFolder(dir string, private bool) error {
	if !private {
		return nil // the server's disk is its own affair
	}
	return measure.OnDisk(dir)
}

// tableRows is how many rows the tables of reads have: a power of two.
func tableRows(env measure.Env) uint64 {
	if env.Quick {
		return 1 << 15
	}
	return 1 << 17
}

func number(text string) (uint64, error) {
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the server answered %q where a number was asked for", text)
	}
	return v, nil
}

// masked prints a URL without its password.
func masked(u *url.URL) string {
	c := *u
	if c.User != nil {
		c.User = url.User(c.User.Username())
	}
	c.RawQuery = ""
	return c.String()
}
