class CreateCarts < ActiveRecord::Migration[7.1]
  def change
    create_table :carts do |t|
      t.string :token
    end
    add_index :carts, :token
  end
end
