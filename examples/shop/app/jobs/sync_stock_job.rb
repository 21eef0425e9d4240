class SyncStockJob < ApplicationJob
  queue_as :low

  def perform
    WarehouseClient.new.levels.each do |row|
      variant = Variant.find_by(sku: row["sku"])
      next unless variant

      StockLevel.where(variant_id: variant.id).update_all(quantity: row["quantity"])
    end
  end
end
