class IndexCarts < ActiveRecord::Migration[7.1]
  def change
    add_index :carts, :id # of the same release
  end
end
