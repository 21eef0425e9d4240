class CreateB < ActiveRecord::Migration[7.1]
  def change
    create_table :b_lines do |t|
      t.string :name
    end
  end
end
