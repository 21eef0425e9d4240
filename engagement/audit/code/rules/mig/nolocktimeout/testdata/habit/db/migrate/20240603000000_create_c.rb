class CreateC < ActiveRecord::Migration[7.1]
  def change
    create_table :c_lines do |t|
      t.string :name
    end
  end
end
