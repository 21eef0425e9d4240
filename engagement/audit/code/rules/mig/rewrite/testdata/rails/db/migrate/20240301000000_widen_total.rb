class WidenTotal < ActiveRecord::Migration[7.1]
  def change
    change_column :orders, :total, :bigint # want: mig.rewrite
    add_column :orders, :note, :string, default: ""
  end
end
