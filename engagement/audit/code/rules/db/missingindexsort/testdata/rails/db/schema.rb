ActiveRecord::Schema[7.1].define(version: 2024_05_06_070809) do
  enable_extension "plpgsql"

  create_table "users", force: :cascade do |t|
    t.string "email"
    t.string "confirmation_token"
    t.boolean "admin"
    t.datetime "created_at"
    t.index ["email"], name: "index_users_on_email", unique: true
  end

  create_table "jobs", force: :cascade do |t|
    t.string "status"
    t.text "payload"
    t.datetime "run_at"
  end

  create_table "posts", force: :cascade do |t|
    t.bigint "user_id"
    t.string "title"
    t.integer "views"
    t.datetime "created_at"
    t.datetime "published_at"
    t.index ["user_id"], name: "index_posts_on_user_id"
    t.index ["created_at"], name: "index_posts_on_created_at"
  end

  create_table "roles", force: :cascade do |t|
    t.string "name"
  end
end
