import org.springframework.data.redis.connection.RedisConnection;

class Tokens {
  private static final String BY_DEVICE = "TKN:DEV:";

  void read(RedisConnection connection, String deviceId) {
    for (byte[] token : connection.listCommands().lRange(toKey(BY_DEVICE, deviceId), 0, -1)) {
      use(token);
    }
  }

  void readPending(RedisConnection connection, String deviceId) {
    byte[] key = toKey("pending:", deviceId);
    for (byte[] token : connection.lRange(key, 0, -1)) {
      use(token);
    }
    connection.lRem(toKey("pending:", deviceId), 0, "x");
  }

  void forget(RedisConnection connection, String deviceId, byte[] token) {
    connection.listCommands().lRem(toKey(BY_DEVICE, deviceId), 0, token);
  }
}
