ActiveRecord::Schema[7.1].define(version: 2024_05_06_070809) do
  enable_extension "plpgsql"

  create_table "stories", force: :cascade do |t|
    t.string "title"
    t.bigint "user_id" # want: db.missing-index-fk
    t.bigint "editor_id" # want: db.missing-index-fk
    t.datetime "created_at"
  end

  create_table "users", force: :cascade do |t|
    t.string "email"
    t.index ["email"], name: "index_users_on_email", unique: true
  end

  add_foreign_key "stories", "users"
end
