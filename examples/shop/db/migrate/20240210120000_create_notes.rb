class CreateNotes < ActiveRecord::Migration[7.1]
  def change
    create_table :notes do |t|
      t.string :notable_type, null: false
      t.bigint :notable_id, null: false
      t.references :author, foreign_key: { to_table: :customers }
      t.text :body, null: false
      t.timestamps
    end
  end
end
