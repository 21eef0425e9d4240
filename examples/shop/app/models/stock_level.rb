class StockLevel < ApplicationRecord
  belongs_to :variant

  # Sold out is normal; the caller shows it.
  class Insufficient < StandardError; end

  # Reads again under the row's lock, so two callers cannot both take the last piece.
  def reserve!(amount)
    with_lock do
      raise Insufficient, "only #{quantity} left" if quantity < amount

      update!(quantity: quantity - amount)
    end
  end

  # One statement, so two sales of the last piece cannot both succeed.
  def self.release(variant_id, amount)
    where(variant_id: variant_id).update_all(["quantity = quantity + ?", amount])
  end
end
