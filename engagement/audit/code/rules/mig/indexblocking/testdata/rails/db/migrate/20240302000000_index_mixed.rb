class IndexMixed < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :note, :string
    add_index :orders, :total # want: mig.index-blocking
  end
end
