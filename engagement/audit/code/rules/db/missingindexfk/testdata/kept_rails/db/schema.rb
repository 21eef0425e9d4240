ActiveRecord::Schema[7.1].define(version: 2024_05_06_070809) do
  create_table "boats" do |t|
    t.string "name"
    t.datetime "deleted_at"
  end
  create_table "harbours" do |t|
    t.string "name"
    t.datetime "deleted_at"
  end
  create_table "moorings" do |t|
    t.bigint "boat_id", null: false # want: db.missing-index-fk
    t.bigint "harbour_id", null: false # want: db.missing-index-fk
  end
  add_foreign_key "moorings", "boats"
  add_foreign_key "moorings", "harbours"
end
