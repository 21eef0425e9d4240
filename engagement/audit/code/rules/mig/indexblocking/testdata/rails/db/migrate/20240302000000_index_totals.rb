class IndexTotals < ActiveRecord::Migration[7.1]
  def change
    add_column :customers, :note, :string
    add_index :orders, :total # want: mig.index-blocking
  end
end
