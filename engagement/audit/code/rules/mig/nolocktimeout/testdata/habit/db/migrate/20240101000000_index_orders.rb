class IndexOrders < ActiveRecord::Migration[7.1]
  def change
    add_index :orders, :placed_at # want: mig.no-lock-timeout
  end
end
