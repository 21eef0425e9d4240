class DropPlaced < ActiveRecord::Migration[7.1]
  def change
    remove_column :orders, :placed_at
  end
end
