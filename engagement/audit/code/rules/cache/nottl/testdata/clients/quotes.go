package quotes

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

func store(ctx context.Context, redisClient *redis.Client, id int, v string) {
	redisClient.Set(ctx, fmt.Sprintf("quote:%d", id), v, 0) // want: cache.no-ttl
}
