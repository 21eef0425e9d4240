ActiveRecord::Schema[7.1].define(version: 2024_01_01_000000) do
  create_table "posts", force: :cascade do |t|
    t.bigint "author_id"
    t.datetime "deleted_at"
    t.index ["author_id"], name: "index_posts_on_author_id", where: "(deleted_at IS NULL)"
    t.index ["deleted_at"], name: "index_posts_on_deleted_at", where: "(deleted_at IS NOT NULL)"
  end
end
