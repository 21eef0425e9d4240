class CreateOrders < ActiveRecord::Migration[7.1]
  def change
    create_table :coupons do |t|
      t.string :code, null: false
      t.integer :percent, null: false
      t.datetime :expires_at
      t.timestamps
    end

    create_table :orders do |t|
      t.references :customer, null: false, foreign_key: true
      t.string :number, null: false
      t.string :status, null: false, default: "pending"
      t.integer :total_cents, null: false
      t.datetime :placed_at, null: false
      t.timestamps
    end
    add_index :orders, %i[customer_id placed_at]

    create_table :line_items do |t|
      t.references :order, null: false, foreign_key: true
      t.integer :quantity, null: false
      t.integer :unit_price_cents, null: false
    end

    create_table :payments do |t|
      t.references :order, null: false, foreign_key: true
      t.string :gateway_ref, null: false
      t.string :state, null: false
      t.integer :amount_cents, null: false
      t.integer :refunded_cents, null: false, default: 0
      t.timestamps
    end

    create_table :shipments do |t|
      t.references :order, null: false, foreign_key: true
      t.string :tracking_number
      t.timestamps
    end
  end
end
