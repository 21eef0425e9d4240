class RequireKind < ActiveRecord::Migration[7.1]
  def up
    add_column :orders, :kind, :string
    execute "UPDATE orders SET kind = 'web'" # want: mig.backfill-in-ddl
    change_column_null :orders, :kind, false
  end
end
