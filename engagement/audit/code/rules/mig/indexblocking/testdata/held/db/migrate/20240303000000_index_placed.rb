class IndexPlaced < ActiveRecord::Migration[7.1]
  def change
    add_index :orders, :placed_at # dropped again by the next one
  end
end
