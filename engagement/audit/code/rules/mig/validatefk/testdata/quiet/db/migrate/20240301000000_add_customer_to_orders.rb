class AddCustomerToOrders < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :customer_id, :bigint
    add_foreign_key :orders, :customers, validate: false
    create_table :carts do |t|
      t.references :customer, foreign_key: true
    end
  end
end
