class IndexMixed < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :note, :string # locks the table against reads and writes until the commit
    add_index :orders, :total
  end
end
