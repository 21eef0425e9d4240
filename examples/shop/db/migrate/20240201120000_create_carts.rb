class CreateCarts < ActiveRecord::Migration[7.1]
  def change
    create_table :carts do |t|
      t.references :customer, foreign_key: true
      t.boolean :expired, null: false, default: false
      t.timestamps
    end
    add_index :carts, :updated_at

    create_table :cart_items do |t|
      t.references :cart, null: false, foreign_key: true
      t.references :variant, null: false, foreign_key: true
      t.integer :quantity, null: false, default: 1
    end
  end
end
