class IndexOrdersByPlacedAt < ActiveRecord::Migration[7.1]
  def change
    add_index :orders, :placed_at
  end
end
