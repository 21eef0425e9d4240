class AddCustomerToOrders < ActiveRecord::Migration[7.1]
  def change
    add_foreign_key :orders, :customers # copied into the applications that use the engine
  end
end
