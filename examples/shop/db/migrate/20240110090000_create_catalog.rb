class CreateCatalog < ActiveRecord::Migration[7.1]
  def change
    create_table :categories do |t|
      t.string :name, null: false
      t.integer :position, null: false, default: 0
      t.boolean :hidden, null: false, default: false
      t.timestamps
    end

    create_table :products do |t|
      t.references :category, null: false, foreign_key: true
      t.string :name, null: false
      t.string :slug, null: false
      t.text :description
      t.boolean :published, null: false, default: false
      t.datetime :published_at
      t.integer :reviews_count, null: false, default: 0
      t.timestamps
    end
    add_index :products, :slug, unique: true

    create_table :variants do |t|
      t.references :product, null: false, foreign_key: true
      t.string :sku, null: false
      t.integer :price_cents, null: false
      t.integer :weight_grams, null: false, default: 0
      t.timestamps
    end
    add_index :variants, :sku, unique: true

    create_table :stock_levels do |t|
      t.references :variant, null: false, foreign_key: true, index: { unique: true }
      t.integer :quantity, null: false, default: 0
      t.timestamps
    end
  end
end
