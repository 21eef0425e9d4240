class AddCustomerToOrders < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :customer_id, :bigint # NULL in every row: the check reads the table and finds nothing
    add_foreign_key :orders, :customers
  end
end
