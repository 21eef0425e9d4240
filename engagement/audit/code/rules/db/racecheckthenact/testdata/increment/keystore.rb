class Keystore < ActiveRecord::Base
  def self.incremented_value_for(key, amount = 1)
    Keystore.connection.execute("INSERT INTO keystores (`key`, `value`) VALUES (#{q(key)}, #{q(amount)}) ON DUPLICATE KEY UPDATE `value` = `value` + #{q(amount)}") # want: db.race-check-then-act
    return self.value_for(key)
  end

  def self.locked(key, amount = 1)
    transaction do
      connection.execute("UPDATE keystores SET value = value + #{q(amount)} WHERE key = #{q(key)}")
      return value_for(key)
    end
  end

  def self.put(key, value)
    connection.execute("UPDATE keystores SET value = #{q(value)} WHERE key = #{q(key)}")
    return value_for(key)
  end
end
