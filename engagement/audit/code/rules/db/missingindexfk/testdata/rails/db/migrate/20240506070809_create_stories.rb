class CreateStories < ActiveRecord::Migration[7.1]
  def change
    create_table :users do |t|
      t.string :email, index: { unique: true }
    end
    create_table :stories do |t|
      t.string :title
      t.bigint :user_id
      t.bigint :editor_id
      t.datetime :created_at
    end
    add_foreign_key :stories, :users
  end
end
