ActiveRecord::Schema[7.1].define(version: 2024_05_06_070809) do
  create_table "pages", force: :cascade do |t|
    t.bigint "account_id"
    t.string "slug"
    t.string "title"
    t.string "code"
    t.string "token"
    t.index ["code"], name: "index_pages_on_code", unique: true
    t.index ["token"], name: "index_pages_on_token"
  end

  create_table "visits", force: :cascade do |t|
    t.bigint "page_id"
    t.date "day"
    t.integer "count"
    t.string "source"
    t.index ["page_id", "day"], name: "index_visits_on_page_id_and_day", unique: true
  end
end
