class Votes
  def vote(user, story)
    unless Vote.exists?(user: user, story: story) # want: db.race-check-then-act
      Vote.create!(user: user, story: story)
    end
  end

  # The error of the index is handled.
  def vote_once(user, story)
    unless Vote.exists?(user: user, story: story)
      Vote.create!(user: user, story: story)
    end
  rescue ActiveRecord::RecordNotUnique
    nil
  end

  # Another row than the one that was asked for.
  def log(user, story)
    if Vote.exists?(user: user)
      Vote.create!(kind: 3)
    end
  end

  def touch(account, amount)
    account.update!(balance: account.balance + amount) # want: db.race-check-then-act
  end

  def touch_locked(account, amount)
    account.with_lock { account.update!(balance: account.balance + amount) }
  end
end

class Counter
  def self.next_value(key, amount)
    connection.execute("UPDATE counters SET `value` = `value` + #{q(amount)} WHERE `key` = #{q(key)}") # want: db.race-check-then-act

    return value_for(key)
  end

  def self.next_value_safely(key, amount)
    transaction do
      connection.execute("UPDATE counters SET `value` = `value` + #{q(amount)} WHERE `key` = #{q(key)}")
      return value_for(key)
    end
  end
end
