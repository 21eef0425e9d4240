class ValidateOrdersCustomer < ActiveRecord::Migration[7.1]
  def up
    validate_foreign_key :orders, :customers
  end

  def down; end
end
