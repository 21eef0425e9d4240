class CreateComments < ActiveRecord::Migration[7.1]
  def change
    create_table :comments do |t|
      t.string :commentable_type
      t.bigint :commentable_id
    end
  end
end
