ActiveRecord::Schema[7.1].define(version: 2024_05_06_070809) do
  create_table "quotes", force: :cascade do |t|
    t.string "text"
  end
end
