class IndexOrders < ActiveRecord::Migration[7.1]
  def change
    add_index :orders, :placed_at # ran everywhere long ago
  end
end
