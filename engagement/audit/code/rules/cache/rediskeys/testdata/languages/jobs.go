package shop

import (
	"fmt"

	"github.com/gomodule/redigo/redis"
)

func stop(conn redis.Conn, kind string) ([]string, error) {
	key := fmt.Sprintf("jobs:%s", kind)
	jobs, err := redis.Strings(conn.Do("LRANGE", key, 0, -1)) // want: cache.redis-keys
	if err != nil {
		return nil, err
	}
	_, err = conn.Do("DEL", key)
	return jobs, err
}
