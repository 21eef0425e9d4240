class ConstrainLineItemsVariant < ActiveRecord::Migration[7.1]
  def change
    add_foreign_key :line_items, :variants
  end
end
