class CreateShop < ActiveRecord::Migration[7.1]
  def change
    create_table :customers do |t|
      t.string :email
    end
    create_table :orders do |t|
      t.integer :total
      t.datetime :placed_at
    end
    create_table :order_types do |t|
      t.string :name
    end
  end
end
