package dbrate

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/foundation/scratch"
)

// redis is what the probes of Redis share.
type redis struct {
	given *redisURL // nil: a private server
	write bool

	url    redisURL
	prefix string // of the keys
	conn   *redisConn
	server *scratch.Redis
	folder string
}

const (
	redisKeys  = 1 << 14 // a power of two
	redisBatch = 1000
)

func redisGroup(given *redisURL, write bool) measure.Group {
	r := &redis{given: given, write: write || given == nil}
	const latency = rate.Latency
	return measure.Group{Name: "redis", Disk: true, Open: r.open, Probes: []measure.Probe{
		{Name: rate.RedisPing, Kind: latency, Single: true, What: "PING to Redis over loopback or to the server given", How: "PING with a text that comes back", Ceiling: 2e-6, Setup: r.ping},
		{Name: rate.RedisPointRead, Kind: latency, Single: true, What: "a client's GET of one small value from Redis, over loopback or from the server given", How: "GET of one of 16,384 keys, one at a time", Ceiling: 2e-6, Setup: writing(r.write, r.pointReads)},
		{Name: rate.RedisDurable, Kind: latency, Single: true, What: "a SET with appendfsync always, one client", How: "SET of a small value, one at a time, appendfsync always", Ceiling: 5e-6, Setup: writing(r.write, r.commits("always"))},
		{Name: rate.RedisAsync, Kind: latency, Single: true, What: "a SET with appendfsync everysec, one client: a crash loses up to a second or two", How: "SET of a small value, one at a time, appendfsync everysec", Ceiling: 2e-6, Setup: writing(r.write, r.commits("everysec"))},
		{Name: rate.RedisInsertRows, Kind: rate.Throughput, Of: "row", Each: redisBatch, Single: true, What: "keys written by pipelined SET commands, one client, without persistence waiting", How: "1,000 pipelined SETs of small values, appendfsync everysec", Ceiling: 1e8, Setup: writing(r.write, r.loads)},
	}}
}

func (r *redis) open(ctx context.Context, env measure.Env) (func() error, error) {
	if r.given != nil {
		r.url = *r.given
	} else {
		var err error
		if r.folder, err = serverFolder(env.Dir); err != nil {
			return nil, err
		}
		r.server, err = scratch.StartRedisIn(ctx, r.folder, "appendonly yes", "appendfsync always", "auto-aof-rewrite-percentage 0")
		if err != nil {
			return nil, err
		}
		if r.url, err = parseRedis(r.server.URL); err != nil {
			return r.server.Stop, err
		}
	}
	tidy := func() error { return r.tidy(ctx) }
	var err error
	if r.conn, err = openRedis(ctx, r.url); err != nil || !r.write {
		return tidy, err
	}
	r.prefix = ownName() + ":"
	return tidy, r.pipeline(1, redisKeys, func(id uint64) []string { return []string{"SET", r.key(id), strconv.FormatUint(stored(id), 10)} }, isOK)
}

func (r *redis) key(id uint64) string { return r.prefix + strconv.FormatUint(id, 10) }

// tidy deletes the keys, found by their prefix, over a connection of its own.
func (r *redis) tidy(ctx context.Context) error {
	if r.conn != nil {
		_ = r.conn.Close()
	}
	if r.server != nil {
		return r.server.Stop()
	}
	if r.prefix == "" {
		return nil
	}
	ctx, cancel := tidyContext(ctx)
	defer cancel()
	conn, err := openRedis(ctx, r.url)
	if err == nil {
		err = conn.deletePrefix(r.prefix)
		_ = conn.Close()
	}
	if err != nil {
		return fmt.Errorf("the keys %s* could not be deleted; delete them: %w", r.prefix, err)
	}
	return nil
}

func isOK(answer string) error {
	if answer != "OK" {
		return fmt.Errorf("Redis answered %q to a SET", answer) //nolint:staticcheck // a name
	}
	return nil
}

// pipeline sends a command for each id from first on, a thousand at once.
func (r *redis) pipeline(first, count uint64, command func(id uint64) []string, check func(answer string) error) error {
	for done := uint64(0); done < count; {
		batch := min(count-done, redisBatch)
		for i := range batch {
			r.conn.send(command(first + done + i)...)
		}
		if err := r.conn.flush(); err != nil {
			return err
		}
		for range batch {
			answer, err := r.conn.receive()
			if err != nil {
				return err
			}
			if err := check(answer); err != nil {
				return err
			}
		}
		done += batch
	}
	return nil
}

func (r *redis) ping(context.Context, measure.Env) (measure.Work, error) {
	return counting(0, func(n uint64) (uint64, error) { return r.conn.number("PING", strconv.FormatUint(n, 10)) }), nil
}

func (r *redis) pointReads(context.Context, measure.Env) (measure.Work, error) {
	return points(redisKeys, func(id uint64) (uint64, error) { return r.conn.number("GET", r.key(id)) }), nil
}

// persist brings a private server to a level of appendfsync, and asks a given one whether it has it.
func (r *redis) persist(level string) error {
	if r.given == nil {
		if err := durableFolder(r.folder, level == "always"); err != nil {
			return err
		}
		answer, err := r.conn.do("CONFIG", "SET", "appendfsync", level)
		if err != nil {
			return err
		}
		if err := isOK(answer); err != nil {
			return err
		}
	}
	for setting, want := range map[string]string{"appendonly": "yes", "appendfsync": level} {
		got, err := r.conn.setting(setting)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("this server has %s %s and not %s, and its settings are left alone", setting, got, want)
		}
	}
	return nil
}

func (r *redis) commits(level string) setup {
	return func(context.Context, measure.Env) (measure.Work, error) {
		if err := r.persist(level); err != nil {
			return measure.Work{}, err
		}
		key, written := r.prefix+level, uint64(0)
		return measure.Work{
			Run: func(n int) (uint64, error) {
				for range n {
					written++
					answer, err := r.conn.do("SET", key, strconv.FormatUint(stored(written), 10))
					if err != nil {
						return 0, err
					}
					if err := isOK(answer); err != nil {
						return 0, err
					}
				}
				return stored(written), nil
			},
			Verify: func(_ int, sum uint64) error {
				v, err := r.conn.number("GET", key)
				if err != nil {
					return err
				}
				return sameSum(v, sum)
			},
		}, nil
	}
}

func (r *redis) loads(context.Context, measure.Env) (measure.Work, error) {
	if err := r.persist("everysec"); err != nil {
		return measure.Work{}, err
	}
	loaded := uint64(redisKeys)
	return measure.Work{
		Run: func(n int) (uint64, error) {
			err := r.pipeline(loaded+1, uint64(n)*redisBatch, func(id uint64) []string {
				return []string{"SET", r.key(id), strconv.FormatUint(stored(id), 10)}
			}, isOK)
			loaded += uint64(n) * redisBatch
			return stored(loaded), err
		},
		Verify: func(_ int, sum uint64) error {
			v, err := r.conn.number("GET", r.key(loaded))
			if err != nil {
				return err
			}
			count, err := r.conn.number("EXISTS", r.key(loaded-redisBatch+1), r.key(loaded-redisBatch/2))
			if err != nil {
				return err
			}
			return errors.Join(sameSum(v, sum), sameSum(count, 2))
		},
	}, nil
}
