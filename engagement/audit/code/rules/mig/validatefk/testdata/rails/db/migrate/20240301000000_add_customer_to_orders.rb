class AddCustomerToOrders < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :customer_id, :bigint
    add_foreign_key :orders, :customers # want: mig.validate-fk
  end
end
