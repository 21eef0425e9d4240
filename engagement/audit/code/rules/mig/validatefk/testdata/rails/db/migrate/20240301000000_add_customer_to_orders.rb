class AddCustomerToOrders < ActiveRecord::Migration[7.1]
  def change
    add_foreign_key :orders, :customers # want: mig.validate-fk
  end
end
