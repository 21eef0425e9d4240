# Support reserves stock by hand for orders taken on the phone.
class ManualReservation
  def call(variant_id, amount)
    level = StockLevel.find_by!(variant_id: variant_id)
    if level.quantity >= amount
      level.update!(quantity: level.quantity - amount)
      true
    else
      false
    end
  end
end
