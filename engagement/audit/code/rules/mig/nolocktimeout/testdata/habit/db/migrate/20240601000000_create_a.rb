class CreateA < ActiveRecord::Migration[7.1]
  def change
    create_table :a_lines do |t|
      t.string :name
    end
  end
end
