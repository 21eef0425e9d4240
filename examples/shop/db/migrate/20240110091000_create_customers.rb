class CreateCustomers < ActiveRecord::Migration[7.1]
  def change
    create_table :customers do |t|
      t.string :email, null: false
      t.string :name, null: false
      t.timestamps
    end
    add_index :customers, :email

    create_table :addresses do |t|
      t.references :customer, null: false, foreign_key: true
      t.string :line1, null: false
      t.string :city, null: false
      t.string :postcode, null: false
      t.string :country, null: false
      t.boolean :primary, null: false, default: false
      t.timestamps
    end

    create_table :reviews do |t|
      t.references :product, null: false, foreign_key: true
      t.references :customer, null: false, foreign_key: true
      t.integer :rating, null: false
      t.text :body
      t.timestamps
    end
  end
end
