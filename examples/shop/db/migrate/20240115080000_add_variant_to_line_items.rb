class AddVariantToLineItems < ActiveRecord::Migration[7.1]
  def change
    add_column :line_items, :variant_id, :bigint, null: false
    add_column :orders, :coupon_id, :bigint
  end
end
