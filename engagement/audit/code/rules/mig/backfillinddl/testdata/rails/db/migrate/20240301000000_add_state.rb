class AddState < ActiveRecord::Migration[7.1]
  def up
    add_column :orders, :state, :string
    execute "UPDATE orders SET state = 'paid' WHERE total > 0" # want: mig.backfill-in-ddl
    execute "UPDATE customers SET email = lower(email)"
  end
end
