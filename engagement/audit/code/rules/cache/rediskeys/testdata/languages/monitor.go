package monitor

import (
	"context"
	"fmt"

	"github.com/gomodule/redigo/redis"
	goredis "github.com/redis/go-redis/v9"
)

type Monitor struct {
	pool *redis.Pool
	rdb  *goredis.Client
}

func (m *Monitor) Stop(ctx context.Context, kind string) ([]string, error) {
	conn := m.pool.Get()
	defer conn.Close()
	key := fmt.Sprintf("{%s}:jobs:%v", "shop", kind)
	return redis.Strings(conn.Do("LRANGE", key, 0, -1)) // want: cache.redis-keys
}

func (m *Monitor) All(ctx context.Context) []string {
	return m.rdb.Keys(ctx, "session:*").Val() // want: cache.redis-keys
}
