package shop;

import org.springframework.data.redis.core.StringRedisTemplate;
import java.util.Set;

public class Sessions {
    private final StringRedisTemplate redisTemplate;

    public Sessions(StringRedisTemplate redisTemplate) {
        this.redisTemplate = redisTemplate;
    }

    public Set<String> all() {
        return redisTemplate.keys("session:*"); // want: cache.redis-keys
    }
}
